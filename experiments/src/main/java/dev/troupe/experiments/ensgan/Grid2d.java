package dev.troupe.experiments.ensgan;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Outcome;
import dev.troupe.experiments.Preset;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.Version;
import dev.troupe.experiments.report.EventFile;
import dev.troupe.experiments.report.Plots.HeatMap;
import dev.troupe.experiments.report.Report;
import dev.troupe.experiments.report.Results;
import dev.troupe.experiments.run.Devices;
import dev.troupe.experiments.run.Machine;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.gan.Mixture;
import dev.troupe.gan.PointMixture;
import dev.troupe.gan.metrics.GaussianModes;
import dev.troupe.gan.metrics.ModeBootstrap;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.NumericsGuard;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Experiment 1 of "Ensembles of GANs for synthetic training data generation" (Eilertsen et al.
 * 2021): how many modes of a 25-Gaussian grid ensembles of independently trained GANs cover; Table
 * 1, Figures 1 and 5.
 */
public final class Grid2d implements Experiment {
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
    try (Device device = Devices.open(context.device(), context.threads())) {
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
    if (s.preset() == Preset.PAPER && !context.resuming()) {
      announce(context, scope, guard, points);
    }
    List<GridStage> stages = new ArrayList<>();
    for (int packing : GridSettings.packings(s)) {
      stages.add(new GridStage(context, scope, guard, points, packing));
    }
    train(context, stages);
    return evaluate(context, stages, points);
  }

  /** Says how long the run will take, measured with its own networks. */
  private static void announce(
      RunContext context, Scope scope, NumericsGuard guard, Tensor points) {
    double seconds = 0;
    context.console().note("measuring how long this will take on this machine …");
    for (int packing : GridSettings.packings(context.settings())) {
      try (Scope throwaway = Scope.open(scope.device(), "estimate")) {
        seconds += new GridStage(context, throwaway, guard, points, packing).secondsToTrain();
      }
    }
    context
        .console()
        .note(
            "this will take about "
                + Report.duration(seconds)
                + " on this machine; Ctrl-C writes a checkpoint, and the same command goes on");
  }

  private static void train(RunContext context, List<GridStage> stages) throws IOException {
    long at = 0;
    boolean whole = true; // whether all stages so far were done in earlier sessions
    for (GridStage stage : stages) {
      if (whole) {
        stage.resume();
        at = stage.at();
        whole = stage.isDone();
      } else {
        stage.discard(); // made after a checkpoint that turned out to be damaged
      }
    }
    context.metrics().startAt(at);
    Path folder = context.directory().resolve("tensorboard");
    try (EventFile events =
        context.resuming() ? EventFile.resume(folder, at) : EventFile.create(folder)) {
      for (GridStage stage : stages) {
        stage.train(events);
      }
    }
  }

  private Outcome evaluate(RunContext context, List<GridStage> stages, Tensor points)
      throws IOException {
    Settings s = context.settings();
    GaussianModes modes = GaussianModes.grid25();
    int set = s.get(GridSettings.EVALUATED);
    int draws = s.get(GridSettings.BOOTSTRAP);
    long seed = context.seed();
    context.console().note("generating and scoring points");
    GridStage first = stages.getFirst();
    float[][] pools = first.generate();
    stopIfAsked(context);
    int[] sizes = IntStream.rangeClosed(1, s.get(GridSettings.ENSEMBLES)).toArray();
    ModeBootstrap.Result ensembles =
        new ModeBootstrap(modes, List.of(pools)).measure(sizes, set, draws, seed);
    Map<Integer, ModeBootstrap.Row> packed = new LinkedHashMap<>();
    for (GridStage stage : stages.subList(1, stages.size())) {
      packed.put(stage.packing(), single(modes, stage.generate(), set, draws, seed));
      stopIfAsked(context);
    }
    float[] real = points.toFloats();
    List<String> files = new ArrayList<>();
    StringBuilder hashes = new StringBuilder();
    for (GridStage stage : stages) {
      files.add(stage.writeGenerators());
      hashes.append(hashes.isEmpty() ? "" : "-").append(stage.hash());
    }
    GridOutcome outcome =
        new GridOutcome(
            header(context, hashes.toString()),
            lead(s),
            command(context),
            environment(context),
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
            figures(context, first, pools, real));
    GridReport.write(outcome, context.directory().path());
    files.addAll(0, List.of("report.html", "table1.md", "results.json"));
    files.addAll(List.of("figure1.png", "figure5.png", "table1.png", "training.png"));
    files.add("metrics.jsonl");
    return new Outcome(Files.readString(context.directory().resolve("table1.md")), files);
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

  private Results.Header header(RunContext context, String hash) {
    return new Results.Header(
        Version.current(),
        name(),
        context.settings().preset().toString(),
        context.seed(),
        new LinkedHashMap<>(context.settings().canonical()),
        context.device().toString(),
        context.metrics().wallSeconds(),
        hash);
  }

  /** What was run and, against the paper's settings, what was made smaller or larger. */
  private static String lead(Settings s) {
    List<String> changes = new ArrayList<>();
    for (Setting<?> setting : GridSettings.ALL) {
      String ours = s.canonical().get(setting.name());
      String papers = paperValue(setting);
      if (!ours.equals(papers) && setting != GridSettings.CHECKPOINT_EVERY) {
        changes.add(setting.name() + " " + ours + " instead of " + papers);
      }
    }
    String start = s.get(GridSettings.MEMBERS) + " GANs on the 25-Gaussian grid, ";
    return changes.isEmpty()
        ? start + "with the paper's settings."
        : start
            + (s.preset() == Preset.QUICK ? "smaller than" : "unlike")
            + " the paper's run: "
            + String.join(", ", changes)
            + ".";
  }

  private static <T> String paperValue(Setting<T> setting) {
    return setting.domain().format(setting.paper());
  }

  private String command(RunContext context) {
    StringBuilder out = new StringBuilder("./troupe run ").append(name());
    out.append(" --preset ").append(context.settings().preset());
    out.append(" --seed ").append(context.seed());
    out.append(" --device ").append(context.device());
    for (String assignment : context.settings().assignments()) {
      out.append(" --set ").append(assignment);
    }
    return out.toString();
  }

  private static Map<String, String> environment(RunContext context) throws IOException {
    Map<String, String> out = new LinkedHashMap<>();
    out.put("Troupe", Version.current());
    out.put("JDK", Runtime.version().toString());
    out.put("system", Machine.system());
    out.put("processor", Machine.cpu() + ", " + Machine.cores() + " cores");
    out.put("vectors", Machine.vectors());
    out.put("device", context.device() + ", " + context.threads() + " threads");
    return out;
  }

  private static GridOutcome.Figures figures(
      RunContext context, GridStage stage, float[][] pools, float[] real) throws IOException {
    int shown = Math.min(SHOWN, pools.length);
    int set = context.settings().get(GridSettings.EVALUATED);
    int[] shares = Mixture.uniform(shown).shares(set);
    float[][] scores = stage.scores(HEAT_MAP_SIDE, HALF_RANGE);
    List<float[]> members = new ArrayList<>();
    List<HeatMap> maps = new ArrayList<>();
    for (int i = 0; i < shown; i++) {
      float[] share = Arrays.copyOf(pools[i], 2 * shares[i]);
      members.add(share);
      maps.add(new HeatMap("GAN " + (i + 1), scores[i], share));
    }
    float[] truth = Arrays.copyOf(real, Math.min(real.length, 2 * set));
    return new GridOutcome.Figures(truth, members, maps, curves(context, stage.name()));
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
