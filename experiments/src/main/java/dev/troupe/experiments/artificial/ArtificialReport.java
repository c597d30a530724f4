package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Settings;
import dev.troupe.experiments.report.ComparisonTable;
import dev.troupe.experiments.report.ComparisonTable.Metric;
import dev.troupe.experiments.report.Effects;
import dev.troupe.experiments.report.Plots;
import dev.troupe.experiments.report.Plots.Chart;
import dev.troupe.experiments.report.Plots.Series;
import dev.troupe.experiments.report.Projections;
import dev.troupe.experiments.report.Projections.Frame;
import dev.troupe.experiments.report.Projections.Projection;
import dev.troupe.experiments.report.Protocol;
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
import dev.troupe.experiments.report.ShareTables;
import dev.troupe.experiments.report.ShareTables.ShareTable;
import dev.troupe.gan.metrics.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Writes what a run on artificial data leaves behind for its readers. */
final class ArtificialReport {
  private static final String TABLE = "measures";
  private static final String TABLE_OF_SET = "measures against the training set";
  private static final String REAL = "real data";

  /** A number of the tables: where it was measured, and how it is shown. */
  private record Column(Phase phase, String key, Metric metric, double factor) {
    static Column of(Phase phase, String key, String label, int decimals) {
      return new Column(phase, key, new Metric(key, label, decimals), 1);
    }

    static Column percent(Phase phase, String key, String label) {
      return new Column(phase, key, new Metric(key + "_percent", label + " (%)", 1), 100);
    }
  }

  private static final List<Column> COLUMNS =
      List.of(
          Column.of(Phase.GAN, "frechet_distance", "Fréchet distance", 4),
          Column.of(Phase.GAN, "critic_gap", "Critic gap", 3),
          Column.of(Phase.CRITIC, "wasserstein", "W, largest k", 3),
          Column.of(Phase.CRITIC, "wasserstein_by_mean_norm", "W, mean k", 3),
          Column.percent(Phase.JUDGE, "judge_accuracy", "Judge accuracy"),
          Column.percent(Phase.JUDGE, "total_variation_bound", "Total variation ≥"));

  private static final List<Column> COLUMNS_OF_SET =
      List.of(
          Column.of(Phase.GAN, "frechet_distance_to_set", "Fréchet distance", 4),
          Column.of(Phase.CRITIC_OF_SET, "wasserstein", "W, largest k", 3),
          Column.of(Phase.CRITIC_OF_SET, "wasserstein_by_mean_norm", "W, mean k", 3),
          Column.percent(Phase.JUDGE_OF_SET, "judge_accuracy", "Judge accuracy"));

  private final Sweep sweep;
  private final Settings settings;
  private final Provenance provenance;
  private final Measured measured;
  private final List<Projection> projections;
  private final Frame frame;
  private final List<Finding> findings;
  private final List<ResultRecord> records = new ArrayList<>();

  /**
   * @param floor the Fréchet distance of real points from real points, over the repeats
   * @param projections one panel for each configuration
   * @param frame what they show of the plane
   */
  ArtificialReport(
      Sweep sweep,
      Settings settings,
      Provenance provenance,
      Measured measured,
      Summary floor,
      List<Projection> projections,
      Frame frame) {
    this.sweep = sweep;
    this.settings = settings;
    this.provenance = provenance;
    this.measured = measured;
    this.projections = projections;
    this.frame = frame;
    this.findings = sweep.findings(settings, measured);
    for (Configuration c : measured.configurations()) {
      COLUMNS.forEach(column -> add(TABLE, c, column));
      add(TABLE, c, Column.of(Phase.CRITIC, "lipschitz_k", "", 0));
      if (c.gaussians() > 0) {
        add(TABLE, c, Column.percent(Phase.GAN, "least_mode_share", ""));
      }
      if (c.oneGeneratorEach()) {
        add(TABLE, c, Column.percent(Phase.GAN, "least_own_share", ""));
      }
      if (c.trainingSet() > 0) {
        COLUMNS_OF_SET.forEach(column -> add(TABLE_OF_SET, c, column));
      }
    }
    Column distance = COLUMNS.getFirst();
    records.add(
        record(
            TABLE, REAL, distance, floor, settings.get(ArtificialSettings.FRECHET_POINTS), REAL));
  }

  private void add(String table, Configuration c, Column column) {
    boolean ofSet = column.phase.ofSet() || column.key.endsWith("to_set");
    Summary s = measured.summary(c, column.phase, column.key).times(column.factor);
    records.add(
        record(
            table, c.label(), column, s, samples(column), ofSet ? "training set" : "distribution"));
  }

  /** Behind one number of one repeat; null for what training itself computes. */
  private Integer samples(Column column) {
    if (column.phase != Phase.GAN) {
      return settings.get(ArtificialSettings.HELD_OUT);
    }
    if (column.key.startsWith("frechet")) {
      return settings.get(ArtificialSettings.FRECHET_POINTS);
    }
    return column.key.startsWith("least") ? Integer.valueOf(GanTraining.COUNTED) : null;
  }

  private ResultRecord record(
      String table, String row, Column column, Summary s, Integer samples, String split) {
    String averaging = measured.repeats() + (measured.repeats() == 1 ? " repeat" : " repeats");
    if (Measured.averaged(column.key) && !row.equals(REAL)) {
      averaging += ", each a mean over the last quarter of the iterations";
    }
    Protocol protocol =
        new Protocol(
            samples,
            null,
            null,
            null,
            split,
            null,
            null,
            null,
            averaging,
            provenance.header().seed());
    return new ResultRecord(
        provenance.header().experiment(),
        table,
        row,
        column.metric.key(),
        s.mean(),
        s.std(),
        s.n(),
        null,
        protocol);
  }

  /** {@code results.md}, the page with its figures, and {@code results.json}. */
  RunReport files() {
    List<String> notes = List.of(Effects.RULE);
    return new RunReport(
        "results.md",
        RunReport.text(provenance.lead(), tables(), findings, notes),
        page(),
        new Results(provenance.header(), RunReport.remarks(findings, notes), records));
  }

  private List<ComparisonTable> tables() {
    List<ComparisonTable> tables = new ArrayList<>();
    tables.add(table("Distances from the distribution", TABLE, COLUMNS));
    if (measured.configurations().stream().anyMatch(c -> c.trainingSet() > 0)) {
      tables.add(table("Distances from the training set", TABLE_OF_SET, COLUMNS_OF_SET));
    }
    return tables;
  }

  private ComparisonTable table(String title, String table, List<Column> columns) {
    return ComparisonTable.of(
        title,
        columns.stream().map(Column::metric).toList(),
        List.of(),
        records.stream().filter(r -> r.table().equals(table)).toList());
  }

  private Report page() {
    List<Section> sections = new ArrayList<>();
    sections.add(
        new Section(
            "What the paper found",
            List.of(new Report.Findings(findings), new Report.Text(Effects.RULE))));
    sections.add(new Section("Samples", samples()));
    List<Block> tables = new ArrayList<>();
    tables().forEach(table -> tables.add(new Report.Table(table)));
    sections.add(new Section("Results", tables));
    sections.add(new Section("Training", curves()));
    sections.add(
        new Section("What is measured", List.of(new Report.Definitions(Definitions.of(settings)))));
    sections.addAll(provenance.sections());
    return new Report(sweep.title(), provenance.lead(), highlights(), sections);
  }

  private List<Highlight> highlights() {
    long seen = findings.stream().filter(f -> Boolean.TRUE.equals(f.seen())).count();
    long asked = findings.stream().filter(f -> f.seen() != null).count();
    List<Highlight> out = new ArrayList<>();
    out.add(new Highlight(seen + " of " + asked, "findings of the paper are seen"));
    Configuration worst = extreme(true);
    Configuration best = extreme(false);
    out.add(new Highlight(accuracy(worst), "Judge accuracy, highest: " + worst.label()));
    out.add(new Highlight(accuracy(best), "Judge accuracy, lowest: " + best.label()));
    out.add(new Highlight(Report.duration(provenance.header().wallSeconds()), "of computing"));
    return out;
  }

  private Configuration extreme(boolean highest) {
    Configuration found = measured.configurations().getFirst();
    for (Configuration c : measured.configurations()) {
      double more = mean(c) - mean(found);
      found = (highest ? more > 0 : more < 0) ? c : found;
    }
    return found;
  }

  private double mean(Configuration c) {
    return measured.summary(c, Phase.JUDGE, "judge_accuracy").mean();
  }

  private String accuracy(Configuration c) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * mean(c));
  }

  private List<Block> samples() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Picture(
            "projections.png",
            Projections.draw(projections, frame),
            "The first repeat's samples, each generator in its own colour, and real points in dark,"
                + " on the plane through (1, 0, 0, …), (0, 1, 0, …) and (0, 0, 1, …), as in the"
                + " paper's Figures 1 and 2. The ground is what the discriminators together say of"
                + " the plane: reddish is high, more like data; bluish is low. Each panel has a"
                + " scale of its own.",
            "Scatter plots of samples and real points on contours of the critic, one for each of "
                + projections.size()
                + " configurations."));
    List<ShareTable> shares =
        measured.configurations().stream()
            .filter(c -> c.gaussians() > 0 && c.generators() > 1)
            .map(this::shares)
            .toList();
    if (!shares.isEmpty()) {
      blocks.add(
          new Picture(
              "shares.png",
              ShareTables.draw(shares),
              "Where each generator's samples lie, in the first repeat: the share of its samples"
                  + " whose nearest centre is that mode's. A row adds up to 100 %.",
              "Tables of the share of each generator's samples in each mode."));
    }
    return blocks;
  }

  private ShareTable shares(Configuration c) {
    List<List<Double>> shares = measured.shares(c, 1);
    return new ShareTable(
        c.label(),
        IntStream.rangeClosed(1, c.generators()).mapToObj(i -> "G" + i).toList(),
        IntStream.rangeClosed(1, c.gaussians()).mapToObj(i -> "mode " + i).toList(),
        shares.stream()
            .map(row -> row.stream().mapToDouble(Double::doubleValue).toArray())
            .toArray(double[][]::new));
  }

  private List<Block> curves() {
    List<Block> blocks = new ArrayList<>();
    String band =
        measured.repeats() == 1
            ? ""
            : " Lines are means over the repeats, bands their standard deviation.";
    blocks.add(
        curves(
            "training.png",
            "While the GANs train: the Fréchet distance of their samples from real points, and the"
                + " gap between the critics' scores of the two, a mean over the iterations since"
                + " the point before."
                + band,
            chart("Fréchet distance", "iteration", "", Phase.GAN, "frechet_distance", 1),
            chart("Critic gap", "iteration", "", Phase.GAN, "critic_gap", 1)));
    blocks.add(
        curves(
            "judges.png",
            "Afterwards, with the generators as they are: how often the Judge is right on points"
                + " that it has not seen, and the Wasserstein distance by the independent critic."
                + " A Judge that learns nothing stays at 50 %."
                + band,
            chart("Judge", "update", "accuracy (%)", Phase.JUDGE, "judge_accuracy", 100),
            chart("Independent critic", "update", "gap / k", Phase.CRITIC, "wasserstein", 1)));
    if (measured.configurations().stream().anyMatch(c -> c.trainingSet() > 0)) {
      blocks.add(
          curves(
              "training-set.png",
              "The same against the training set." + band,
              chart(
                  "Fréchet distance to the set",
                  "iteration",
                  "",
                  Phase.GAN,
                  "frechet_distance_to_set",
                  1),
              chart(
                  "Judge of the set",
                  "update",
                  "accuracy (%)",
                  Phase.JUDGE_OF_SET,
                  "judge_accuracy",
                  100)));
    }
    return blocks;
  }

  private static Picture curves(String file, String caption, Chart left, Chart right) {
    return new Picture(
        file,
        Plots.charts(List.of(left, right)),
        caption,
        "Line plots: "
            + left.title()
            + " and "
            + right.title()
            + ", a line for each configuration.");
  }

  private Chart chart(String title, String x, String y, Phase phase, String key, double factor) {
    List<Series> series = new ArrayList<>();
    for (int i = 0; i < measured.configurations().size(); i++) {
      Configuration c = measured.configurations().get(i);
      Measured.Curve curve = measured.curve(c, phase, key);
      if (curve.x().length > 0) {
        series.add(
            new Series(
                c.label(),
                curve.x(),
                times(curve.mean(), factor),
                times(curve.spread(), factor),
                i,
                false,
                false));
      }
    }
    boolean distance = key.startsWith("frechet");
    return distance ? Chart.logarithmic(title, x, y, series) : Chart.of(title, x, y, series);
  }

  private static double[] times(double[] values, double factor) {
    double[] out = values.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] *= factor;
    }
    return out;
  }
}
