package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Outcome;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.ensgan.images.Measured.Curve;
import dev.troupe.experiments.ensgan.images.Measured.Neighbours;
import dev.troupe.experiments.report.Provenance;
import dev.troupe.experiments.report.RunReport;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.io.SafeTensors;
import dev.troupe.tensor.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** What a run does when everything is trained. */
final class ImageEvaluation {
  private final Experiment experiment;
  private final Run run;
  private final Plan plan;
  private final Map<String, Long> firstSteps = new LinkedHashMap<>();

  ImageEvaluation(Experiment experiment, Run run, Plan plan) {
    this.experiment = experiment;
    this.run = run;
    this.plan = plan;
    long first = 0;
    for (Stage<?> stage : plan.stages()) {
      firstSteps.put(stage.plan().name(), first);
      first += stage.plan().steps();
    }
  }

  /** Measures all sets and writes all files. */
  Outcome outcome() throws IOException {
    List<Measured> measured = new ArrayList<>();
    String extractor;
    List<Map<String, Object>> lines = run.context().metrics().lines();
    try (Scope scope = Scope.open("measure")) {
      ClassifierTraining network = plan.featureExtractor().open(scope);
      extractor = network.hash();
      Measuring measuring = new Measuring(run, network);
      for (Map.Entry<Learners, String> set : plan.sets().entrySet()) {
        run.context().console().note("measuring " + set.getKey().row());
        measured.add(measure(measuring, set.getKey(), set.getValue(), lines));
      }
    }
    List<String> generators = new ArrayList<>();
    Map<String, byte[]> sheets = new LinkedHashMap<>();
    StringBuilder hashes = new StringBuilder();
    String networks = "";
    for (GanGroup group : plan.groups()) {
      run.stopIfAsked();
      try (Scope scope = Scope.open("generators")) {
        GanTraining gans = group.stage().open(scope);
        generators.add(write(group, gans));
        sheets.put(
            group.stage().plan().name(), gans.sheet(group.stage().plan().name() + ", at the end"));
        hashes.append(hashes.isEmpty() ? "" : "-").append(gans.hash());
        networks = gans.summary();
      }
    }
    ImageReport measurements =
        new ImageReport(
            run,
            Provenance.of(
                experiment,
                run.context(),
                subject(),
                Set.copyOf(unimportant()),
                Sha256.of(hashes.toString())),
            extractor,
            networks,
            measured,
            sheets);
    RunReport report = measurements.files();
    List<String> files = new ArrayList<>(report.write(run.context().directory().path()));
    files.addAll(generators);
    files.add("metrics.jsonl");
    return new Outcome(report.text(), files);
  }

  private Measured measure(
      Measuring measuring, Learners set, String ensemble, List<Map<String, Object>> lines)
      throws IOException {
    Partition told = run.data().told();
    List<Neighbours> neighbours = new ArrayList<>();
    for (int k = 0; k < told.size(); k++) {
      neighbours.add(
          set.generated()
              ? measuring.neighbours(k, ofClass(measuring, set, k))
              : measuring.floor(k));
    }
    return new Measured(
        set.row(),
        set.members(),
        ensemble.isEmpty() ? Optional.empty() : Optional.of(ensemble),
        Curve.ofAll(
            set.stages().stream()
                .map(stage -> stage.plan().name())
                .map(stage -> Measuring.curve(lines, stage, firstSteps.get(stage)))
                .toList()),
        set.generated() ? measuring.distances(set) : measuring.floor(),
        neighbours);
  }

  /** Images of a class of a set, as many as are compared. */
  private byte[] ofClass(Measuring measuring, Learners set, int k) throws IOException {
    Pools.Set all = set.set(run.data().told().total());
    int size = run.data().frame().size();
    int[] of = IntStream.range(0, all.labels().length).filter(i -> all.labels()[i] == k).toArray();
    int count = measuring.compared(k);
    byte[] out = new byte[count * size];
    for (int i = 0; i < count; i++) {
      int at = of[(int) ((long) i * of.length / count)]; // evenly, so that each GAN has its share
      System.arraycopy(all.pixels(), at * size, out, i * size, size);
    }
    return out;
  }

  private String subject() {
    int t = run.settings().get(ImageSettings.MEMBERS);
    int k = run.data().told().size();
    return "DCGANs on "
        + run.data().name()
        + " ("
        + run.data().told().total()
        + " images in "
        + k
        + " classes), ensembles of T = 1 to "
        + t;
  }

  private static List<Setting<?>> unimportant() {
    List<Setting<?>> out = new ArrayList<>(ImageSettings.OF_RUNNING);
    out.add(ImageSettings.GROUP);
    return out;
  }

  /** Generators with their batch-norm statistics, for use elsewhere. */
  private String write(GanGroup group, GanTraining gans) throws IOException {
    String file = "generators/" + group.stage().plan().name().replace('/', '-') + ".safetensors";
    Path path = run.context().directory().resolve(file);
    Files.createDirectories(path.getParent());
    SafeTensors.write(path, gans.generators(), run.context().directory().identity().values());
    return file;
  }
}
