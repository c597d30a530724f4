package dev.troupe.experiments.ensgan;

import dev.troupe.experiments.report.ComparisonTable;
import dev.troupe.experiments.report.ComparisonTable.Metric;
import dev.troupe.experiments.report.ComparisonTable.Publication;
import dev.troupe.experiments.report.PaperValue;
import dev.troupe.experiments.report.Plots;
import dev.troupe.experiments.report.Protocol;
import dev.troupe.experiments.report.Provenance;
import dev.troupe.experiments.report.Report;
import dev.troupe.experiments.report.Report.Block;
import dev.troupe.experiments.report.Report.Highlight;
import dev.troupe.experiments.report.Report.Picture;
import dev.troupe.experiments.report.Report.Section;
import dev.troupe.experiments.report.ResultRecord;
import dev.troupe.experiments.report.Results;
import dev.troupe.experiments.report.RunReport;
import dev.troupe.gan.metrics.ModeBootstrap;
import dev.troupe.gan.metrics.Summary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a run of {@code ensgan/grid2d} has to tell. */
public final class GridReport {
  private static final String TABLE = "table1";
  private static final String TITLE = "Table 1: the 25-Gaussian grid";
  private static final double HALF_RANGE = 5;

  private final GridOutcome outcome;
  private final List<ResultRecord> records = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private GridReport(GridOutcome outcome) {
    this.outcome = outcome;
    outcome
        .ensembles()
        .rows()
        .forEach(r -> {
          String averaging = outcome.measurement().draws() + " bootstrap draws";
          add(
              PaperTables.ensemble(r.members()),
              r,
              protocol(r.members(), outcome.measurement().trained(), averaging));
        });
    outcome
        .packed()
        .forEach((m, r) -> {
          String averaging = outcome.measurement().draws() + " bootstrap draws";
          add(
              PaperTables.pacgan(m),
              r,
              protocol(1, outcome.measurement().trainedPacked(), averaging));
        });
    String draws = outcome.measurement().draws() + " fresh draws";
    if (outcome.truth() != null) {
      add("real data", outcome.truth(), protocol(null, null, draws));
    }
    add("uniform noise", outcome.noise(), protocol(null, null, draws));
    for (int size : outcome.ensembles().leftOut()) {
      notes.add(
          PaperTables.ensemble(size)
              + " is left out: it needs "
              + size
              + " members and "
              + outcome.measurement().trained()
              + (outcome.measurement().trained() == 1 ? " was" : " were")
              + " trained.");
    }
    if (outcome.packed().isEmpty()) {
      notes.add("PacGAN was not run; its rows are the published numbers alone.");
    }
    undefinedDraws();
    notes.add(noise());
    notes.addAll(PaperTables.NOTES);
  }

  /** {@code table1.md}, the page with its figures, and {@code results.json}. */
  public static RunReport of(GridOutcome outcome) {
    GridReport report = new GridReport(outcome);
    Provenance of = outcome.provenance();
    return new RunReport(
        "table1.md",
        RunReport.text(of.lead(), List.of(report.table()), List.of(), report.notes),
        report.page(),
        new Results(of.header(), report.notes, report.records));
  }

  private Protocol protocol(Integer members, Integer trained, String averaging) {
    GridOutcome.Measurement m = outcome.measurement();
    boolean generated = members != null;
    return new Protocol(
        m.points(),
        generated ? m.pool() : null,
        trained,
        members,
        "25 modes in closed form",
        null,
        null,
        generated ? m.batchNorm() : null,
        averaging,
        outcome.provenance().header().seed());
  }

  private void add(String row, ModeBootstrap.Row scores, Protocol protocol) {
    add(row, PaperTables.MODES, scores.modes(), protocol);
    add(row, PaperTables.HIGH_QUALITY, scores.highQuality().times(100), protocol);
    add(row, PaperTables.REVERSE_KL, scores.reverseKl(), protocol);
  }

  private void add(String row, Metric metric, Summary s, Protocol protocol) {
    String experiment = outcome.provenance().header().experiment();
    PaperValue paper = PaperTables.ENSEMBLES_OF_GANS.value(row, metric.key());
    records.add(
        new ResultRecord(
            experiment, TABLE, row, metric.key(), s.mean(), s.std(), s.n(), paper, protocol));
    PaperValue pacgan = PaperTables.PACGAN.value(row, metric.key());
    if (pacgan != null) {
      records.add(
          new ResultRecord(
              experiment, "pacgan", row, metric.key(), s.mean(), s.std(), s.n(), pacgan, protocol));
    }
  }

  private String noise() {
    return String.format(
        Locale.ROOT,
        "Covered modes alone mean little: uniform noise over [−%1$.1f, %1$.1f]² covers %2$.1f of"
            + " 25 with %3$.1f %% of high quality. So the three metrics are always shown together,"
            + " with a row of that noise.",
        outcome.noiseHalfWidth(),
        outcome.noise().modes().mean(),
        100 * outcome.noise().highQuality().mean());
  }

  private void undefinedDraws() {
    for (ResultRecord r : records) {
      int draws = outcome.measurement().draws();
      if (r.table().equals(TABLE) && r.metric().equals("reverse_kl") && r.n() < draws) {
        notes.add(
            String.format(
                Locale.ROOT,
                "Reverse KL of %s is taken over %d of %d draws: the others held no high-quality"
                    + " point, for which it is not defined.",
                r.row(),
                r.n(),
                draws));
      }
    }
  }

  /** Ours beside both publications, less the ensembles that were too large to measure. */
  private ComparisonTable table() {
    List<String> leftOut =
        outcome.ensembles().leftOut().stream().map(PaperTables::ensemble).toList();
    List<Publication> publications =
        List.of(PaperTables.ENSEMBLES_OF_GANS, PaperTables.PACGAN).stream()
            .map(p ->
                new Publication(
                    p.label(),
                    p.citation(),
                    p.values().entrySet().stream()
                        .filter(e -> !leftOut.contains(e.getKey()))
                        .collect(
                            Collectors.toMap(
                                Map.Entry::getKey,
                                Map.Entry::getValue,
                                (a, b) -> a,
                                LinkedHashMap::new))))
            .toList();
    return ComparisonTable.of(
        TITLE,
        PaperTables.METRICS,
        publications,
        records.stream().filter(r -> r.table().equals(TABLE)).toList());
  }

  private Report page() {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("Results", tableBlocks()));
    sections.add(new Section("Figures", figures()));
    sections.add(
        new Section(
            "What is measured",
            List.of(new Report.Definitions(definitions()), new Report.Text(measurement()))));
    sections.add(new Section("Notes and disagreements", List.of(new Report.Notes(notes))));
    sections.add(
        new Section(
            "Networks",
            List.of(
                new Report.Text("Shapes are those of one member."),
                new Report.Code(outcome.networks()))));
    sections.addAll(outcome.provenance().sections());
    return new Report(
        "Ensembles of GANs on the 25-Gaussian grid",
        outcome.provenance().lead(),
        highlights(),
        sections);
  }

  private List<Highlight> highlights() {
    List<ModeBootstrap.Row> rows = outcome.ensembles().rows();
    ModeBootstrap.Row one = rows.getFirst();
    ModeBootstrap.Row most = rows.getLast();
    List<Highlight> out = new ArrayList<>();
    out.add(new Highlight(fixed(one.modes().mean()) + " / 25", "modes covered by " + name(one)));
    if (most.members() > one.members()) {
      out.add(
          new Highlight(fixed(most.modes().mean()) + " / 25", "modes covered by " + name(most)));
    }
    out.add(
        new Highlight(
            fixed(100 * most.highQuality().mean()) + " %", "of its samples are of high quality"));
    out.add(
        new Highlight(
            Report.duration(outcome.provenance().header().wallSeconds()), "of computing"));
    return out;
  }

  private static String name(ModeBootstrap.Row row) {
    return row.members() == 1 ? "one GAN" : "an ensemble of " + row.members();
  }

  private static String fixed(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private List<Block> tableBlocks() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Report.Table(table()));
    blocks.add(new Picture("table1.png", ensembleChart(), ENSEMBLE_CAPTION, ensembleAlt()));
    return blocks;
  }

  private static final String ENSEMBLE_CAPTION =
      "Table 1 as a picture: what an ensemble of T independently trained GANs covers, and the share"
          + " of its samples that are of high quality. Bars are standard deviations.";

  private String ensembleAlt() {
    return "Two line plots over the ensemble size T, ours and the paper's. Ours: "
        + outcome.ensembles().rows().stream()
            .map(r ->
                String.format(
                    Locale.ROOT,
                    "T = %d covers %.1f modes with %.1f %% high quality",
                    r.members(),
                    r.modes().mean(),
                    100 * r.highQuality().mean()))
            .collect(Collectors.joining("; "))
        + ".";
  }

  private byte[] ensembleChart() {
    List<ModeBootstrap.Row> rows = outcome.ensembles().rows();
    return Plots.charts(
        List.of(
            new Plots.Chart(
                "Covered modes",
                "ensemble size T",
                "modes (of 25)",
                List.of(
                    ours(rows, rows.stream().map(ModeBootstrap.Row::modes).toList()),
                    papers(rows, PaperTables.MODES)),
                0,
                26),
            new Plots.Chart(
                "High quality",
                "ensemble size T",
                "high-quality samples (%)",
                List.of(
                    ours(rows, rows.stream().map(r -> r.highQuality().times(100)).toList()),
                    papers(rows, PaperTables.HIGH_QUALITY)),
                0,
                100)));
  }

  private static Plots.Series ours(List<ModeBootstrap.Row> rows, List<Summary> values) {
    return new Plots.Series(
        "ours",
        rows.stream().mapToDouble(ModeBootstrap.Row::members).toArray(),
        values.stream().mapToDouble(Summary::mean).toArray(),
        values.stream().mapToDouble(Summary::std).toArray(),
        0,
        false,
        true);
  }

  private static Plots.Series papers(List<ModeBootstrap.Row> rows, Metric metric) {
    // A little to the right, so that its bars stand beside ours.
    double[] x = rows.stream().mapToDouble(r -> r.members() + 0.06).toArray();
    List<PaperValue> values =
        rows.stream()
            .map(r ->
                PaperTables.ENSEMBLES_OF_GANS.value(
                    PaperTables.ensemble(r.members()), metric.key()))
            .toList();
    return new Plots.Series(
        "paper",
        x,
        values.stream().mapToDouble(v -> v == null ? Double.NaN : v.mean()).toArray(),
        values.stream().mapToDouble(v -> v == null ? Double.NaN : v.spread()).toArray(),
        3,
        true,
        true);
  }

  private List<Block> figures() {
    GridOutcome.Figures f = outcome.figures();
    List<Block> blocks = new ArrayList<>();
    int shown = f.members().size();
    List<Plots.PointSet> sets = new ArrayList<>();
    for (int m = 0; m < shown; m++) {
      sets.add(new Plots.PointSet("GAN " + (m + 1), f.members().get(m), m));
    }
    List<Plots.PointSet> truth = List.of(new Plots.PointSet("real data", f.truth(), -1));
    String ensemble = PaperTables.ensemble(shown);
    blocks.add(
        new Picture(
            "figure1.png",
            Plots.scatter(
                List.of(new Plots.Scatter("Real data", truth), new Plots.Scatter(ensemble, sets)),
                HALF_RANGE),
            "As the paper's Figure 1: real points (left) and as many of the ensemble (right), each"
                + " GAN in its own colour. A mode in few colours is one that most GANs miss.",
            "Two scatter plots of the 5 by 5 grid of modes, real data and samples of "
                + shown
                + " GANs."));
    if (!f.heatMaps().isEmpty()) {
      blocks.add(
          new Picture(
              "figure5.png",
              Plots.heatMaps(f.heatMaps(), HALF_RANGE, "discriminator score D(x), logit"),
              "As the paper's Figure 5: each GAN's discriminator over the plane, with the points of"
                  + " its generator in white. Bright spots without points are modes that its"
                  + " generator misses and its discriminator still takes for real.",
              "Heat maps of the discriminator scores of " + f.heatMaps().size() + " GANs."));
    }
    GridOutcome.Curves c = f.curves();
    blocks.add(
        new Picture(
            "training.png",
            Plots.charts(
                List.of(
                    Plots.Chart.of(
                        "Losses",
                        "step",
                        "loss",
                        List.of(
                            Plots.Series.line(
                                "discriminator", c.lossSteps(), c.discriminatorLoss(), 0),
                            Plots.Series.line("generator", c.lossSteps(), c.generatorLoss(), 3))),
                    new Plots.Chart(
                        "One GAN's samples",
                        "step",
                        "modes covered, or per cent",
                        List.of(
                            Plots.Series.line(
                                "covered modes (of 25)", c.sampleSteps(), c.modes(), 2),
                            Plots.Series.line(
                                "high quality (%)", c.sampleSteps(), c.highQualityPercent(), 1)),
                        0,
                        100))),
            "The training: losses, and what one GAN's samples are worth, as means over all"
                + " members.",
            "Line plots over the training steps: the two losses, covered modes and high quality."));
    return blocks;
  }

  private static Map<String, String> definitions() {
    Map<String, String> terms = new LinkedHashMap<>();
    terms.put(
        "Covered modes",
        "A mode counts as covered if at least one of the generated points lies within three"
            + " standard deviations of its centre. More is better, but a sampler that sprays points"
            + " everywhere covers nearly all.");
    terms.put(
        "High quality",
        "The share of generated points that lie within three standard deviations of their nearest"
            + " mode. It says how clean the samples are, not how varied: one perfect point repeated"
            + " scores 100 %.");
    terms.put(
        "Reverse KL",
        "How unevenly the high-quality points are spread over the modes: KL divergence from their"
            + " distribution to the uniform one, in nats. Zero is an even spread, ln 25 = 3.22 is"
            + " all points on one mode.");
    return terms;
  }

  private String measurement() {
    GridOutcome.Measurement m = outcome.measurement();
    return String.format(
        Locale.ROOT,
        "As in the paper's supplement A: %,d GANs were trained and %,d points generated by each"
            + " (batch norm with %s statistics). For an ensemble of T, T of them are chosen at"
            + " random, their points are drawn in equal shares to make a set of %,d, and the set is"
            + " scored; mean and standard deviation are over %,d such draws.",
        m.trained(),
        m.pool(),
        m.batchNorm(),
        m.points(),
        m.draws());
  }
}
