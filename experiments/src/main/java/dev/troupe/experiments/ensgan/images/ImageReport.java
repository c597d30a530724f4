package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.data.SourceFile;
import dev.troupe.experiments.ensgan.images.Measured.Neighbours;
import dev.troupe.experiments.ensgan.images.Measured.Pair;
import dev.troupe.experiments.report.ComparisonTable;
import dev.troupe.experiments.report.ComparisonTable.Metric;
import dev.troupe.experiments.report.ContactSheet;
import dev.troupe.experiments.report.Plots;
import dev.troupe.experiments.report.Plots.Chart;
import dev.troupe.experiments.report.Plots.Series;
import dev.troupe.experiments.report.Provenance;
import dev.troupe.experiments.report.Report;
import dev.troupe.experiments.report.Report.Block;
import dev.troupe.experiments.report.Report.Finding;
import dev.troupe.experiments.report.Report.Highlight;
import dev.troupe.experiments.report.Report.Picture;
import dev.troupe.experiments.report.Report.Section;
import dev.troupe.experiments.report.ResultRecord;
import dev.troupe.experiments.report.Results;
import dev.troupe.experiments.report.RunReport;
import dev.troupe.gan.metrics.Summary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** What a run has to tell. */
final class ImageReport {
  private static final String NO_NUMBERS =
      "The paper shows its results as curves and gives no numbers in its text, so there are none of"
          + " its numbers beside ours.";

  private static final List<Metric> ACCURACY =
      List.of(
          new Metric("best_accuracy_percent", "best over training (%)", 2),
          new Metric("final_accuracy_percent", "at the end (%)", 2));

  private static final List<Metric> DISTANCES =
      List.of(
          new Metric("fid", "FID", 2),
          new Metric("precision", "precision", 3),
          new Metric("recall", "recall", 3),
          new Metric("density", "density", 3),
          new Metric("coverage", "coverage", 3));

  private static final List<Metric> KID = List.of(new Metric("kid", "KID", 4));

  private static final List<Metric> NEIGHBOURS =
      List.of(
          new Metric("median_nearest_rmse", "median", 2),
          new Metric("least_nearest_rmse", "least", 2));

  private final Run run;
  private final Provenance provenance;
  private final String lead;
  private final String networks;
  private final List<Measured> measured;
  private final Map<String, byte[]> sheets;
  private final List<Finding> findings;
  private final List<ResultRecord> records;

  /**
   * @param extractor SHA-256 of the network whose features are compared
   * @param networks the parameters of one GAN
   * @param sheets samples at the end, for each training of GANs
   */
  ImageReport(
      Run run,
      Provenance provenance,
      String extractor,
      String networks,
      List<Measured> measured,
      Map<String, byte[]> sheets) {
    this.run = run;
    this.provenance = provenance;
    this.networks = networks;
    this.measured = measured;
    this.sheets = sheets;
    double chance = run.data().told().chance();
    this.findings = ImageFindings.of(measured, chance);
    this.lead = provenance.lead() + " " + ImageFindings.trend(measured, chance);
    this.records = new ImageRecords(run, provenance.header(), extractor).of(measured);
  }

  /** {@code results.md}, the page with its figures, and {@code results.json}. */
  RunReport files() {
    List<String> notes = List.of(ImageFindings.RULE, NO_NUMBERS);
    List<ComparisonTable> tables =
        List.of(accuracyTable(), distanceTable(), kidTable(), neighbourTable());
    return new RunReport(
        "results.md",
        RunReport.text(lead, tables, findings, notes),
        page(),
        new Results(provenance.header(), RunReport.remarks(findings, notes), records));
  }

  private ComparisonTable accuracyTable() {
    return table(
        "Accuracy on real test images of classifiers that learned from each set",
        ImageRecords.ACCURACY,
        ACCURACY);
  }

  private ComparisonTable distanceTable() {
    return table(
        "Distances of each set from the real training images; the row of real images is that of"
            + " real test images",
        ImageRecords.DISTANCES,
        DISTANCES);
  }

  private ComparisonTable kidTable() {
    return table(
        "KID in the same features, over random subsets of the images", ImageRecords.KID, KID);
  }

  private ComparisonTable neighbourTable() {
    return table(
        "Nearest real training image, root mean squared difference of pixels (0 to 255); the row of"
            + " real images is that of real test images",
        ImageRecords.NEIGHBOURS,
        NEIGHBOURS);
  }

  private ComparisonTable table(String title, String name, List<Metric> metrics) {
    return ComparisonTable.of(
        title, metrics, List.of(), records.stream().filter(r -> r.table().equals(name)).toList());
  }

  private Report page() {
    List<Section> sections = new ArrayList<>();
    sections.add(
        new Section(
            "What the paper found",
            List.of(
                new Report.Findings(findings),
                new Report.Text(ImageFindings.RULE),
                new Report.Text(NO_NUMBERS))));
    sections.add(
        new Section(
            "Accuracy",
            List.of(accuracyPicture(), new Report.Table(accuracyTable()), curvePicture())));
    sections.add(
        new Section(
            "Distances",
            List.of(
                fidPicture(), new Report.Table(distanceTable()), new Report.Table(kidTable()))));
    sections.add(new Section("Samples", samples()));
    List<Block> neighbours = new ArrayList<>(neighbourPictures());
    neighbours.add(new Report.Table(neighbourTable()));
    sections.add(new Section("Nearest neighbours", neighbours));
    sections.add(new Section("What is measured", List.of(new Report.Definitions(definitions()))));
    sections.add(
        new Section("Data", List.of(new Report.Values("file, SHA-256", "bytes", sources()))));
    sections.add(new Section("Networks", List.of(new Report.Code(networks))));
    sections.addAll(provenance.sections());
    return new Report("Classifiers trained on samples of GANs", lead, highlights(), sections);
  }

  private Map<String, Object> sources() {
    Map<String, Object> out = new LinkedHashMap<>();
    for (SourceFile file : run.data().sources()) {
      String name = Path.of(file.name()).getFileName().toString();
      out.put(name + " `" + file.sha256() + "`", file.bytes());
    }
    return out;
  }

  private List<Highlight> highlights() {
    List<Highlight> out = new ArrayList<>();
    for (Measured m : measured) {
      if (m.members() == 0 || m.ensemble().isPresent() && isEdge(m)) {
        out.add(
            new Highlight(
                String.format(Locale.ROOT, "%.1f %%", 100 * m.best().mean()),
                "best accuracy: " + m.row()));
      }
    }
    out.add(new Highlight(Report.duration(provenance.header().wallSeconds()), "of computing"));
    return out;
  }

  /** Whether it is the smallest or the largest ensemble. */
  private boolean isEdge(Measured m) {
    return m.members() == 1 || m.members() == run.settings().get(ImageSettings.MEMBERS);
  }

  private Picture accuracyPicture() {
    return new Picture(
        "accuracy.png",
        Plots.charts(
            List.of(
                accuracyChart("best over training", Measured::best),
                accuracyChart("at the end", Measured::last))),
        "How well classifiers do on real test images that learned from the samples of T GANs of each"
            + " class alone, as in the paper's Figures 2, 6 and 7; means over the runs, with their"
            + " standard deviation. Left: the best accuracy while training, selected on the test set,"
            + " as in the paper. Dashed: classifiers that learned from as many real images, and from"
            + " the samples of one GAN for each of the ten classes.",
        "Line charts of accuracy over the ensemble size T with error bars and horizontal reference"
            + " lines.");
  }

  private interface Score {
    Summary of(Measured m);
  }

  private Chart accuracyChart(String title, Score score) {
    return overSizes(
        title, "accuracy (%)", m -> 100 * score.of(m).mean(), m -> 100 * score.of(m).std());
  }

  /**
   * A line for each ensemble, and the references.
   *
   * @param spread standard deviation of the value, or null for none
   */
  private Chart overSizes(
      String title,
      String axis,
      ToDoubleFunction<Measured> value,
      ToDoubleFunction<Measured> spread) {
    List<Series> series = new ArrayList<>();
    int colour = 0;
    for (String ensemble : ImageFindings.ensembles(measured)) {
      List<Measured> own = ImageFindings.of(measured, ensemble);
      series.add(
          new Series(
              ensemble.equals("adagan") ? "AdaGAN" : ensemble,
              sizes(own),
              own.stream().mapToDouble(value).toArray(),
              spread == null ? null : own.stream().mapToDouble(spread).toArray(),
              colour++,
              false,
              true));
    }
    references(series, value);
    return Chart.of(title, "ensemble size T", axis, series);
  }

  /** Horizontal lines. */
  private void references(List<Series> series, ToDoubleFunction<Measured> value) {
    double[] ends = {1, Math.max(run.settings().get(ImageSettings.MEMBERS), 1.001)};
    int colour = 4;
    for (Measured m : measured) {
      if (m.ensemble().isEmpty()) {
        double y = value.applyAsDouble(m);
        series.add(
            new Series(
                m.row(),
                ends,
                new double[] {y, y},
                null,
                m.members() == 0 ? -1 : colour++,
                true,
                false));
      }
    }
  }

  private static double[] sizes(List<Measured> ensembles) {
    return ensembles.stream().mapToDouble(Measured::members).toArray();
  }

  private Picture curvePicture() {
    List<Chart> charts = new ArrayList<>();
    for (String ensemble : ImageFindings.ensembles(measured)) {
      List<Series> series = new ArrayList<>();
      int colour = 0;
      for (Measured m : measured) {
        boolean own = m.ensemble().isEmpty() || m.ensemble().get().equals(ensemble);
        if (own) {
          int points = m.curve().steps().length;
          series.add(
              new Series(
                  m.row().replace("AdaGAN, ", ""),
                  Arrays.stream(m.curve().steps()).asDoubleStream().toArray(),
                  IntStream.range(0, points)
                      .mapToDouble(i -> 100 * m.curve().at(i).mean())
                      .toArray(),
                  IntStream.range(0, points)
                      .mapToDouble(i -> 100 * m.curve().at(i).std())
                      .toArray(),
                  m.members() == 0 ? -1 : colour++,
                  m.ensemble().isEmpty(),
                  false));
        }
      }
      String title = ensemble.equals("adagan") ? "AdaGAN" : "independent GANs";
      charts.add(Chart.of(title, "step", "accuracy (%)", series));
    }
    return new Picture(
        "curves.png",
        Plots.charts(charts),
        "Accuracy on real test images while the classifiers train, as in the paper's Figure 3. Lines"
            + " are means over the runs, bands their standard deviation; dashed are the references.",
        "Line charts of test accuracy over training steps, one line for each ensemble size.");
  }

  private Picture fidPicture() {
    Chart chart = overSizes("FID", "FID", m -> m.distances().fid(), null);
    return new Picture(
        "fid.png",
        Plots.charts(List.of(chart)),
        "FID of the generated sets, as in the paper's Figure 8, but in features of a classifier that"
            + " was trained here on the real images: its numbers cannot be compared with those of"
            + " Inception's features. Dashed: real test images, and the samples of the ten-class"
            + " GANs.",
        "Line chart of FID over the ensemble size T with horizontal reference lines.");
  }

  private List<Block> samples() {
    List<Block> blocks = new ArrayList<>();
    sheets.forEach((stage, png) ->
        blocks.add(
            new Picture(
                "samples-" + stage.replace('/', '-') + ".png",
                png,
                "Samples of the GANs that were trained together in `" + stage + "`, not selected.",
                "A sheet of generated images, a row for each GAN.")));
    return blocks;
  }

  private List<Block> neighbourPictures() {
    List<Block> blocks = new ArrayList<>();
    for (String ensemble : ImageFindings.ensembles(measured)) {
      List<Measured> own = ImageFindings.of(measured, ensemble);
      for (int k = 0; k < run.data().told().size(); k++) {
        List<ContactSheet.Row> rows = new ArrayList<>();
        for (Measured m : own) {
          List<Pair> pairs = m.neighbours().get(k).pairs();
          rows.add(
              new ContactSheet.Row(
                  "T = " + m.members() + ", real", pairs.stream().map(Pair::real).toList()));
          rows.add(new ContactSheet.Row("generated", pairs.stream().map(Pair::made).toList()));
        }
        Neighbours first = own.getFirst().neighbours().get(k);
        String of = run.data().told().names().get(k);
        blocks.add(
            new Picture(
                "neighbours-" + ensemble + "-" + (k + 1) + ".png",
                run.sheet("Nearest neighbours: " + of, rows),
                "The closest pairs of a real and a generated image of class "
                    + (k + 1)
                    + " ("
                    + of
                    + ") for each ensemble size, as in the paper's "
                    + (ensemble.equals("adagan") ? "Figure 9" : "Figure 10")
                    + ": an exhaustive search of "
                    + first.made()
                    + " generated and "
                    + first.real()
                    + " real images by the mean squared difference of pixels; a real image is shown"
                    + " once.",
                "A sheet of pairs of images, real above generated."));
      }
    }
    return blocks;
  }

  private Map<String, String> definitions() {
    Map<String, String> out = new LinkedHashMap<>();
    out.put(
        "set of T",
        "For each class as many samples as there are real images, an equal share of each of its T"
            + " GANs, batch norm with its running statistics. The same samples for all runs.");
    out.put(
        "accuracy",
        "Share of the real test images that are classified rightly. Best over training: the largest"
            + " of "
            + run.settings().get(ImageSettings.EVALUATIONS)
            + " tests while training, selected on the test set itself, as in the paper, which makes"
            + " it larger than it is on images never used; at the end: without a selection.");
    out.put(
        "FID",
        "Fréchet distance of Gaussians that are fitted to features, in float64; KID, precision,"
            + " recall, density and coverage are of the same features. They are those of a SimpleCNN"
            + " (64 numbers) that learned the ten classes of the real training images in "
            + run.settings().get(ImageSettings.EXTRACTOR_STEPS)
            + " steps, and of "
            + measured.getFirst().distances().images()
            + " images of each set.");
    out.put(
        "nearest real image",
        "By exhaustive search in pixel space. A distance far below that of real test images would"
            + " be a training image that was learned by heart.");
    return out;
  }
}
