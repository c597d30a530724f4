package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Outcome;
import dev.troupe.experiments.Preset;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.report.Plots.PointSet;
import dev.troupe.experiments.report.Projections.Frame;
import dev.troupe.experiments.report.Projections.Projection;
import dev.troupe.experiments.report.Provenance;
import dev.troupe.experiments.report.RunReport;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.experiments.stage.Stages;
import dev.troupe.gan.MixGan;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.NumericsGuard;
import dev.troupe.kernels.cpu.Workers;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.io.SafeTensors;
import dev.troupe.tensor.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An experiment of "Lessons Learned from the Training of GANs on Artificial Datasets" (Tang 2020),
 * section IV: a list of configurations, each trained several times and measured in five ways.
 */
public final class ArtificialExperiment implements Experiment {
  private static final int SHOWN = 900; // points in a figure
  private static final int CONTOUR_SIDE = 90;
  private static final double GAUSSIANS_SIDE = 3.4;
  private static final double NETWORK_SIDE = 8;

  private final Sweep sweep;

  private ArtificialExperiment(Sweep sweep) {
    this.sweep = sweep;
  }

  /** All experiments of the paper's section IV, in its order. */
  public static List<Experiment> all() {
    return Stream.of(
            new Gaussians(), new Network(), new TrainingSets(), Complexity.DEPTH, Complexity.WIDTH)
        .<Experiment>map(ArtificialExperiment::new)
        .toList();
  }

  @Override
  public String name() {
    return "artificial/" + sweep.name();
  }

  @Override
  public String description() {
    return sweep.description();
  }

  @Override
  public String paper() {
    return "Tang 2020, Lessons Learned from the Training of GANs on Artificial Datasets, "
        + sweep.figures();
  }

  @Override
  public List<Setting<?>> settings() {
    List<Setting<?>> all = new ArrayList<>(sweep.settings());
    all.addAll(ArtificialSettings.SHARED);
    return List.copyOf(all);
  }

  @Override
  public void check(Settings settings) {
    sweep.check(settings);
    ArtificialSettings.check(settings, sweep.configurations(settings));
  }

  @Override
  public Outcome run(RunContext context) throws IOException {
    try (Device device = context.openDevice();
        Workers workers = new Workers(context.threads())) {
      NumericsGuard guard = context.checkNumerics() ? new NumericsGuard(device) : null;
      try (Scope scope = Scope.open(guard == null ? device : guard, sweep.name())) {
        List<Unit> units = units(context, guard, workers);
        List<Stage<?>> stages = new ArrayList<>();
        units.forEach(unit -> stages.addAll(unit.stages().values()));
        if (context.settings().preset() == Preset.PAPER && !context.resuming()) {
          Stages.announce(context, stages);
        }
        Stages.train(context, stages);
        return evaluate(context, units, Stages.steps(stages));
      }
    }
  }

  private List<Unit> units(RunContext context, NumericsGuard guard, Workers workers) {
    List<Unit> units = new ArrayList<>();
    for (Configuration c : sweep.configurations(context.settings())) {
      for (int r = 1; r <= context.settings().get(ArtificialSettings.REPEATS); r++) {
        units.add(new Unit(context, guard, workers, c, r));
      }
    }
    return units;
  }

  private Outcome evaluate(RunContext context, List<Unit> units, long steps) throws IOException {
    Settings s = context.settings();
    List<Configuration> configurations = sweep.configurations(s);
    SequencedMap<String, Long> stages = new LinkedHashMap<>();
    units.forEach(unit ->
        unit.stages()
            .values()
            .forEach(stage -> stages.put(stage.plan().name(), stage.plan().steps())));
    Measured measured =
        new Measured(
            configurations, s.get(ArtificialSettings.REPEATS), stages, context.metrics().lines());
    Frame frame =
        Plane.around(configurations.getFirst().gaussians() > 0 ? GAUSSIANS_SIDE : NETWORK_SIDE);
    List<Projection> projections = new ArrayList<>();
    List<Double> floors = new ArrayList<>();
    List<String> generators = new ArrayList<>();
    StringBuilder hashes = new StringBuilder();
    Files.createDirectories(context.directory().resolve("generators"));
    for (Unit unit : units) {
      try (Scope scope = Scope.open("evaluate")) {
        GanTraining trained = unit.open(scope);
        if (unit.repeat() == 1) {
          projections.add(projection(unit.configuration(), trained, frame));
        }
        if (unit.configuration() == units.getFirst().configuration()) {
          floors.add(trained.floor());
        }
        generators.add(write(context, unit, trained));
        hashes.append(trained.hash());
      }
      if (context.stopRequested()) {
        throw context.stopped(steps, steps);
      }
    }
    ArtificialReport measurements =
        new ArtificialReport(
            sweep,
            s,
            Provenance.of(
                this,
                context,
                sweep.subject(s) + times(s.get(ArtificialSettings.REPEATS)),
                Set.of(
                    ArtificialSettings.REPEATS,
                    ArtificialSettings.CHECKPOINT_EVERY,
                    ArtificialSettings.MEASURE_EVERY),
                Sha256.of(hashes.toString())),
            measured,
            GanTraining.summary(floors),
            projections,
            frame);
    RunReport report = measurements.files();
    List<String> files = new ArrayList<>(report.write(context.directory().path()));
    files.addAll(generators);
    files.add("metrics.jsonl");
    return new Outcome(report.text(), files);
  }

  private static String times(int repeats) {
    return repeats == 1 ? ", each trained once" : ", each trained " + repeats + " times";
  }

  private static Projection projection(Configuration c, GanTraining trained, Frame frame) {
    MixGan gan = trained.gan();
    int features = gan.features();
    Device device = trained.device();
    float[] real =
        trained.data().points(device, trained.seed(Seeds.SHOWN_REAL), 1, SHOWN / 2, SHOWN)[0];
    List<PointSet> sets = new ArrayList<>();
    sets.add(new PointSet("data", Plane.project(real, features), -1));
    int[] shares = gan.generatorMixture().shares(SHOWN);
    float[][] made =
        gan.eachGenerator().points(device, trained.seed(Seeds.SHOWN), c.generators(), SHOWN, SHOWN);
    for (int i = 0; i < made.length; i++) {
      float[] share = Arrays.copyOf(made[i], shares[i] * features);
      sets.add(new PointSet("generator " + (i + 1), Plane.project(share, features), i));
    }
    double[] scores = gan.score(Plane.grid(frame, CONTOUR_SIDE, features));
    float[] contours = new float[scores.length];
    for (int i = 0; i < scores.length; i++) {
      contours[i] = (float) scores[i];
    }
    return new Projection(c.label(), contours, sets);
  }

  private static String write(RunContext context, Unit unit, GanTraining trained)
      throws IOException {
    String file =
        "generators/" + unit.configuration().slug() + "-" + unit.repeat() + ".safetensors";
    SafeTensors.write(
        context.directory().resolve(file),
        trained.generators(),
        context.directory().identity().values());
    return file;
  }
}
