package dev.troupe.experiments.ensgan;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Outcome;
import dev.troupe.experiments.Preset;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.report.Plots.HeatMap;
import dev.troupe.experiments.report.Provenance;
import dev.troupe.experiments.report.RunReport;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.experiments.stage.Stages;
import dev.troupe.gan.Mixture;
import dev.troupe.gan.PointMixture;
import dev.troupe.gan.metrics.GaussianModes;
import dev.troupe.gan.metrics.ModeBootstrap;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.NumericsGuard;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Experiment 1 of "Ensembles of GANs for synthetic training data generation" (Eilertsen et al.
 * 2021): how many modes of a 25-Gaussian grid ensembles of independently trained GANs cover; Table
 * 1, Figures 1 and 5.
 */
public final class Grid2d implements Experiment {
  private static final int LOG_EVERY = 100;
  private static final int SCORES = 40;
  private static final int SHOWN = 5;
  private static final int HEAT_MAP_SIDE = 160;
  private static final double HALF_RANGE = 5;
  private static final double NOISE_HALF_WIDTH = 4.2;

  @Override
  public String name() {
    return "ensgan/grid2d";
  }

  @Override
  public String description() {
    return "covered modes and high-quality samples of ensembles on the 25-Gaussian grid";
  }

  @Override
  public String paper() {
    return "Eilertsen et al. 2021, Ensembles of GANs, Table 1 and Figures 1 and 5";
  }

  @Override
  public List<Setting<?>> settings() {
    return GridSettings.ALL;
  }

  @Override
  public void check(Settings settings) {
    GridSettings.check(settings);
  }

  @Override
  public Outcome run(RunContext context) throws IOException {
    try (Device device = context.openDevice()) {
      NumericsGuard guard = context.checkNumerics() ? new NumericsGuard(device) : null;
      try (Scope scope = Scope.open(guard == null ? device : guard, "grid2d")) {
        return run(context, scope, guard);
      }
    }
  }

  private Outcome run(RunContext context, Scope scope, NumericsGuard guard) throws IOException {
    Settings s = context.settings();
    Tensor points =
        PointMixture.draw(
            scope, GaussianModes.grid25(), s.get(GridSettings.POINTS), context.seed());
    List<Stage<GridTraining>> stages = new ArrayList<>();
    for (int packing : GridSettings.packings(s)) {
      stages.add(
          new Stage<>(
              context,
              guard,
              plan(s, packing),
              in -> new GridTraining(context, in, points, packing)));
    }
    if (s.preset() == Preset.PAPER && !context.resuming()) {
      Stages.announce(context, stages);
    }
    Stages.train(context, stages);
    return evaluate(context, stages, points);
  }

  private static Stage.Plan plan(Settings s, int packing) {
    String name = GridTraining.name(packing);
    long steps = GridSettings.stepsOfStage(s);
    return new Stage.Plan(
        name,
        name,
        steps,
        s.get(GridSettings.CHECKPOINT_EVERY),
        LOG_EVERY,
        Math.max(1, steps / SCORES));
  }

  private Outcome evaluate(RunContext context, List<Stage<GridTraining>> stages, Tensor points)
      throws IOException {
    Settings s = context.settings();
    GaussianModes modes = GaussianModes.grid25();
    int set = s.get(GridSettings.EVALUATED);
    int draws = s.get(GridSettings.BOOTSTRAP);
    long seed = context.seed();
    float[] real = points.toFloats();
    List<String> files = new ArrayList<>();
    StringBuilder hashes = new StringBuilder();
    StringBuilder networks = new StringBuilder();
    ModeBootstrap.Result ensembles = null;
    GridOutcome.Figures figures = null;
    Map<Integer, ModeBootstrap.Row> packed = new LinkedHashMap<>();
    for (Stage<GridTraining> stage : stages) {
      try (Scope scope = Scope.open("evaluate")) {
        GridTraining trained = stage.open(scope);
        context.console().note("generating and scoring points of " + stage.plan().name());
        float[][] pools = trained.generate();
        stopIfAsked(context);
        if (trained.packing() == 1) {
          int[] sizes = IntStream.rangeClosed(1, s.get(GridSettings.ENSEMBLES)).toArray();
          ensembles = new ModeBootstrap(modes, List.of(pools)).measure(sizes, set, draws, seed);
          figures = figures(context, stage.plan().name(), trained, pools, real);
        } else {
          packed.put(trained.packing(), single(modes, pools, set, draws, seed));
        }
        files.add(trained.writeGenerators());
        hashes.append(hashes.isEmpty() ? "" : "-").append(trained.hash());
        networks.append(networks.isEmpty() ? "" : "\n").append(trained.summary());
      }
    }
    String subject = s.get(GridSettings.MEMBERS) + " GANs on the 25-Gaussian grid";
    GridOutcome outcome =
        new GridOutcome(
            Provenance.of(
                this, context, subject, Set.of(GridSettings.CHECKPOINT_EVERY), hashes.toString()),
            networks.toString(),
            new GridOutcome.Measurement(
                set,
                s.get(GridSettings.GENERATED),
                s.get(GridSettings.MEMBERS),
                s.get(GridSettings.PACKED_MEMBERS),
                draws,
                "running"),
            ensembles,
            packed,
            ModeBootstrap.uniformNoise(modes, NOISE_HALF_WIDTH, set, draws, seed),
            NOISE_HALF_WIDTH,
            set <= s.get(GridSettings.POINTS)
                ? single(modes, new float[][] {real}, set, draws, seed)
                : null,
            figures);
    RunReport report = GridReport.of(outcome);
    files.addAll(0, report.write(context.directory().path()));
    files.add("metrics.jsonl");
    return new Outcome(report.text(), files);
  }

  /** All stages have their last checkpoint by now. */
  private static void stopIfAsked(RunContext context) {
    if (context.stopRequested()) {
      long steps = GridSettings.steps(context.settings());
      throw context.stopped(steps, steps);
    }
  }

  private static ModeBootstrap.Row single(
      GaussianModes modes, float[][] pools, int set, int draws, long seed) {
    return new ModeBootstrap(modes, List.of(pools))
        .measure(new int[] {1}, set, draws, seed)
        .rows()
        .getFirst();
  }

  private static GridOutcome.Figures figures(
      RunContext context, String stage, GridTraining trained, float[][] pools, float[] real)
      throws IOException {
    int shown = Math.min(SHOWN, pools.length);
    int set = context.settings().get(GridSettings.EVALUATED);
    int[] shares = Mixture.uniform(shown).shares(set);
    float[][] scores = trained.scores(HEAT_MAP_SIDE, HALF_RANGE);
    List<float[]> members = new ArrayList<>();
    List<HeatMap> maps = new ArrayList<>();
    for (int i = 0; i < shown; i++) {
      float[] share = Arrays.copyOf(pools[i], 2 * shares[i]);
      members.add(share);
      maps.add(new HeatMap("GAN " + (i + 1), scores[i], share));
    }
    float[] truth = Arrays.copyOf(real, Math.min(real.length, 2 * set));
    return new GridOutcome.Figures(truth, members, maps, curves(context, stage));
  }

  /** Read back from the log, which also holds what earlier sessions did. */
  private static GridOutcome.Curves curves(RunContext context, String stage) throws IOException {
    List<double[]> losses = new ArrayList<>();
    List<double[]> scores = new ArrayList<>();
    for (Map<String, Object> line : context.metrics().lines()) {
      if (!stage.equals(line.get("stage"))) {
        continue;
      }
      double step = number(line, "step");
      losses.add(new double[] {step, number(line, "loss_d"), number(line, "loss_g")});
      if (line.containsKey("modes")) {
        scores.add(new double[] {step, number(line, "modes"), 100 * number(line, "high_quality")});
      }
    }
    return new GridOutcome.Curves(
        column(losses, 0),
        column(losses, 1),
        column(losses, 2),
        column(scores, 0),
        column(scores, 1),
        column(scores, 2));
  }

  private static double number(Map<String, Object> line, String key) {
    return ((Number) line.get(key)).doubleValue();
  }

  private static double[] column(List<double[]> rows, int column) {
    return rows.stream().mapToDouble(row -> row[column]).toArray();
  }
}
