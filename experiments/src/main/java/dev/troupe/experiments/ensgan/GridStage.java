package dev.troupe.experiments.ensgan;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.report.EventFile;
import dev.troupe.experiments.run.Progress;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.gan.Gan;
import dev.troupe.gan.GanTrainer;
import dev.troupe.gan.PointGan;
import dev.troupe.gan.PointMixture;
import dev.troupe.gan.metrics.GaussianModes;
import dev.troupe.gan.metrics.ModeScore;
import dev.troupe.kernels.NumericsGuard;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Pass;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import dev.troupe.tensor.io.CheckpointStore;
import dev.troupe.tensor.io.HostArray;
import dev.troupe.tensor.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * One training of the experiment: all GANs of one packing, side by side, with checkpoints of their
 * own. A stage that is done keeps its last checkpoint, from which a later session takes its GANs.
 */
final class GridStage {
  private static final int LOG_EVERY = 100;
  private static final int SCORES = 40;
  private static final double WARM_UP_SECONDS = 10; // what the compiler needs
  private static final double MEASURED_SECONDS = 5;

  /** Examples that a network is run on at once where nothing is trained. */
  static final int SAMPLE_BATCH = 500;

  private static final int CHECKPOINTS_KEPT = 2;

  private final RunContext context;
  private final String name;
  private final int packing;
  private final long firstStep; // of this stage in the whole run
  private final long steps;
  private final long seed;
  private final GaussianModes modes = GaussianModes.grid25();
  private final NumericsGuard guard; // null unless numerics are checked
  private final State state;
  private final Gan gan;
  private final GanTrainer trainer;
  private final CheckpointStore checkpoints;
  private long done;

  GridStage(RunContext context, Scope scope, NumericsGuard guard, Tensor points, int packing) {
    Settings s = context.settings();
    this.context = context;
    this.name = packing == 1 ? "gan" : "pacgan" + packing;
    this.packing = packing;
    this.steps = GridSettings.stepsOfStage(s);
    this.firstStep = (packing - 1) * steps;
    this.seed = context.seed() + packing * 0x9E3779B97F4A7C15L;
    this.guard = guard;
    this.state = new State(scope, seed, Rng.firstMembers(GridSettings.members(s, packing)));
    this.gan =
        new PointGan(s.get(GridSettings.WIDTH_G), s.get(GridSettings.WIDTH_D), packing)
            .create(state, s.get(GridSettings.INITIAL_SD));
    this.trainer =
        new GanTrainer(gan, config(s), PointMixture.pack(scope, points, packing, seed), seed);
    this.checkpoints = new CheckpointStore(checkpointFolder(), CHECKPOINTS_KEPT);
  }

  private GanTrainer.Config config(Settings s) {
    return new GanTrainer.Config(
        s.get(GridSettings.BATCH_SIZE),
        packing,
        s.get(GridSettings.UPDATES).equals("simultaneous"),
        Schedule.constant(s.get(GridSettings.LEARNING_RATE)),
        AdamSettings.DEFAULT.withBetas(s.get(GridSettings.BETA1), 0.999).withFoldedCorrection());
  }

  String name() {
    return name;
  }

  int packing() {
    return packing;
  }

  /** Step of the whole run at which this stage stands. */
  long at() {
    return firstStep + done;
  }

  boolean isDone() {
    return done == steps;
  }

  /** Takes up the newest sound checkpoint, if there is one. */
  void resume() throws IOException {
    Optional<CheckpointStore.Loaded> found = checkpoints.loadLatest(context.console()::note);
    if (found.isPresent()) {
      CheckpointStore.Loaded loaded = found.get();
      context.directory().identity().requireSame(loaded.settings(), loaded.file().toString());
      try {
        state.load(loaded.arrays());
      } catch (IllegalArgumentException e) {
        throw new UserException(ExitCode.FILES, loaded.file() + ": " + e.getMessage(), e);
      }
      done = loaded.step();
    }
  }

  /** Drops all checkpoints. */
  void discard() throws IOException {
    if (Files.isDirectory(checkpointFolder())) {
      try (Stream<Path> files = Files.list(checkpointFolder())) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private Path checkpointFolder() {
    return context.directory().resolve("checkpoints").resolve(name);
  }

  /**
   * Seconds that the training will take on this machine, from some steps of it; the stage is of no
   * use afterwards.
   */
  double secondsToTrain() {
    trainFor(WARM_UP_SECONDS);
    long start = System.nanoTime();
    long count = trainFor(MEASURED_SECONDS);
    return (System.nanoTime() - start) * 1e-9 / count * steps;
  }

  /** At least one step and no more than there are; returns how many. */
  private long trainFor(double seconds) {
    long start = System.nanoTime();
    long count = 0;
    do {
      trainer.step();
      count++;
    } while (count < steps
        && (System.nanoTime() - start) * 1e-9 < seconds
        && !context.stopRequested());
    return count;
  }

  /** Trains to the end, or until the user stops it. */
  void train(EventFile events) throws IOException {
    if (isDone()) {
      return;
    }
    long every = context.settings().get(GridSettings.CHECKPOINT_EVERY);
    long scoreEvery = Math.max(1, steps / SCORES);
    if (guard != null) {
      guard.members(gan.members());
    }
    try (Progress progress = context.progress("train " + name, done, steps)) {
      while (!isDone()) {
        if (guard != null) {
          guard.step(done);
        }
        trainer.step();
        done++;
        boolean score = done % scoreEvery == 0 || isDone();
        if (score || done % LOG_EVERY == 0) {
          log(events, progress, score);
        }
        progress.step(done);
        boolean stop = context.stopRequested();
        if (stop || done % every == 0 || isDone()) {
          save();
        }
        if (stop) {
          throw context.stopped(at(), GridSettings.steps(context.settings()));
        }
      }
    }
  }

  private void save() throws IOException {
    SequencedMap<String, HostArray> arrays = state.save();
    arrays.forEach(this::requireFinite);
    context.metrics().sync();
    checkpoints.save(done, arrays, context.directory().identity().values());
  }

  /** So that a checkpoint is always of use to go on from. */
  private void requireFinite(String tensor, HostArray array) {
    boolean finite =
        switch (array.dtype()) {
          case F32 -> allFinite(array.floats());
          case F64 -> Arrays.stream(array.doubles()).allMatch(Double::isFinite);
          default -> true;
        };
    if (!finite) {
      throw broken(tensor + " holds NaN or infinity");
    }
  }

  private static boolean allFinite(float[] values) {
    for (float v : values) {
      if (!Float.isFinite(v)) {
        return false;
      }
    }
    return true;
  }

  private UserException broken(String what) {
    return new UserException(
        ExitCode.NUMERICS,
        name
            + ": "
            + what
            + " after step "
            + done
            + "; the same command with --check-numerics shows where it begins");
  }

  private void log(EventFile events, Progress progress, boolean score) throws IOException {
    SequencedMap<String, Object> line = new LinkedHashMap<>();
    line.put("stage", name);
    double[][] losses = trainer.losses(done);
    line.put("loss_d", mean(losses[0]));
    line.put("loss_g", mean(losses[1]));
    if (!Double.isFinite(mean(losses[0]) + mean(losses[1]))) {
      throw broken("a loss is NaN or infinite");
    }
    if (score) {
      double covered = 0;
      double good = 0;
      int count = context.settings().get(GridSettings.EVALUATED);
      for (float[] points : gan.sample(seed, count, SAMPLE_BATCH)) { // the same z each time
        ModeScore member = modes.score(points);
        covered += member.covered() / (double) gan.members();
        good += member.highQuality() / gan.members();
      }
      line.put("modes", covered);
      line.put("high_quality", good);
      progress.message(
          String.format(
              "D %.2f, G %.2f, %.1f modes, %.0f %% high quality",
              mean(losses[0]), mean(losses[1]), covered, 100 * good));
    }
    context.metrics().append(at(), line);
    for (var value : line.entrySet()) {
      if (value.getValue() instanceof Double number) {
        events.scalar(name + "/" + value.getKey(), at(), number);
      }
    }
    events.flush();
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return sum / values.length;
  }

  /** The points that tables are drawn from: x, y pairs of each member. */
  float[][] generate() {
    int count = context.settings().get(GridSettings.GENERATED);
    return gan.sample(seed + 1, count, SAMPLE_BATCH);
  }

  /** Generators with their batch-norm statistics, for use elsewhere. */
  String writeGenerators() throws IOException {
    String file = packing == 1 ? "generators.safetensors" : "generators-" + name + ".safetensors";
    SequencedMap<String, HostArray> arrays = gan.generatorState().save();
    SafeTensors.write(
        context.directory().resolve(file), arrays, context.directory().identity().values());
    return file;
  }

  /** SHA-256 over generators and discriminators. */
  String hash() {
    return state.parameterHash();
  }

  /**
   * Discriminator scores over a square grid of points, for an unpacked GAN: [members][side · side],
   * row 0 at the lowest y, the cells' middles spread evenly over [-halfRange, halfRange].
   */
  float[][] scores(int side, double halfRange) {
    float[] grid = new float[2 * side * side];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        int at = 2 * (row * side + column);
        grid[at] = (float) ((2.0 * column / (side - 1) - 1) * halfRange);
        grid[at + 1] = (float) ((2.0 * row / (side - 1) - 1) * halfRange);
      }
    }
    int e = gan.members();
    float[][] out = new float[e][side * side];
    for (int from = 0; from < side * side; from += SAMPLE_BATCH) {
      int n = Math.min(SAMPLE_BATCH, side * side - from);
      float[] all = new float[e * 2 * n];
      for (int i = 0; i < e; i++) {
        System.arraycopy(grid, 2 * from, all, i * 2 * n, 2 * n);
      }
      try (Scope scope = Scope.open(state.scope().device(), "scores")) {
        Variable x = Variable.constant(scope.of(Shape.of(e, n, 2), all));
        Variable y = Gradients.noGrad(() -> gan.discriminator().forward(x, Pass.EVALUATION));
        float[] values = y.tensor().toFloats();
        for (int i = 0; i < e; i++) {
          System.arraycopy(values, i * n, out[i], from, n);
        }
      }
    }
    return out;
  }
}
