package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.ensgan.images.Measured.Neighbours;
import dev.troupe.experiments.report.Protocol;
import dev.troupe.experiments.report.ResultRecord;
import dev.troupe.experiments.report.Results;
import dev.troupe.gan.metrics.KernelDistance;
import dev.troupe.gan.metrics.Summary;
import java.util.ArrayList;
import java.util.List;

/** The numbers of a run with all that must be known of them. */
final class ImageRecords {
  /** Tables. */
  static final String ACCURACY = "accuracy";

  static final String DISTANCES = "distances";
  static final String KID = "kid";
  static final String NEIGHBOURS = "neighbours";

  private final Run run;
  private final Results.Header header;
  private final String extractorHash;
  private final List<ResultRecord> records = new ArrayList<>();

  ImageRecords(Run run, Results.Header header, String extractorHash) {
    this.run = run;
    this.header = header;
    this.extractorHash = extractorHash;
  }

  /** All records, set by set. */
  List<ResultRecord> of(List<Measured> measured) {
    measured.forEach(this::accuracy);
    measured.forEach(this::distances);
    measured.forEach(this::neighbours);
    return List.copyOf(records);
  }

  private void accuracy(Measured m) {
    int runs = run.settings().get(ImageSettings.RUNS);
    String test =
        run.data().name() + ", " + run.data().told().tested().length + " real test images";
    String over = runs + (runs == 1 ? " classifier" : " classifiers");
    add(
        ACCURACY,
        m,
        "best_accuracy_percent",
        m.best().times(100),
        protocol(
            m,
            run.data().told().total(),
            test + "; best over training, selected on the test set, as in the paper",
            false,
            over));
    add(
        ACCURACY,
        m,
        "final_accuracy_percent",
        m.last().times(100),
        protocol(m, run.data().told().total(), test + "; at the end of training", false, over));
  }

  private void distances(Measured m) {
    Measured.Distances d = m.distances();
    String train = run.data().name() + ", " + d.images() + " real training images";
    Protocol once = protocol(m, d.images(), train, true, "one measurement");
    add(DISTANCES, m, "fid", Summary.of(d.fid()), once);
    Protocol subsets =
        protocol(
            m,
            d.images(),
            train,
            true,
            KernelDistance.SUBSETS
                + " subsets of "
                + Math.min(KernelDistance.SUBSET, d.images() / 2)
                + " images");
    add(KID, m, "kid", d.kid(), subsets);
    add(DISTANCES, m, "precision", Summary.of(d.precision().precision()), once);
    add(DISTANCES, m, "recall", Summary.of(d.precision().recall()), once);
    add(DISTANCES, m, "density", Summary.of(d.density().density()), once);
    add(DISTANCES, m, "coverage", Summary.of(d.density().coverage()), once);
  }

  private void neighbours(Measured m) {
    double[] medians = m.neighbours().stream().mapToDouble(Neighbours::median).toArray();
    double[] least = m.neighbours().stream().mapToDouble(Neighbours::least).toArray();
    int made = m.neighbours().stream().mapToInt(Neighbours::made).sum();
    int real = m.neighbours().stream().mapToInt(Neighbours::real).sum();
    Protocol protocol =
        protocol(
            m,
            made,
            run.data().name() + ", " + real + " real training images",
            false,
            m.neighbours().size() + " classes");
    add(NEIGHBOURS, m, "median_nearest_rmse", Summary.of(medians), protocol);
    add(NEIGHBOURS, m, "least_nearest_rmse", Summary.of(least), protocol);
  }

  private Protocol protocol(
      Measured m, int samples, String split, boolean features, String averaging) {
    boolean generated = m.members() > 0;
    int members = run.settings().get(ImageSettings.MEMBERS);
    return new Protocol(
        samples,
        null,
        generated ? Integer.valueOf(m.ensemble().isPresent() ? members : 1) : null,
        generated ? Integer.valueOf(m.members()) : null,
        split,
        features
            ? "SimpleCNN, 64 features, trained here on the ten classes of the real training images"
            : null,
        features ? extractorHash : null,
        generated ? "running" : null,
        averaging,
        header.seed());
  }

  private void add(String table, Measured m, String metric, Summary s, Protocol protocol) {
    records.add(
        new ResultRecord(
            header.experiment(), table, m.row(), metric, s.mean(), s.std(), s.n(), null, protocol));
  }
}
