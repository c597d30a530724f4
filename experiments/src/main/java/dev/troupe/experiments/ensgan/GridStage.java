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
  private static final int SAMPLE_BATCH = 2500;
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

  GridStage(
      RunContext context,
      Scope scope,
      NumericsGuard guard,
      Tensor points,
      int packing,
      int members,
      long firstStep) {
    Settings s = context.settings();
    this.context = context;
    this.name = packing == 1 ? "gan" : "pacgan" + packing;
    this.packing = packing;
    this.firstStep = firstStep;
    this.steps = steps(s);
    this.seed = context.seed() + packing * 0x9E3779B97F4A7C15L;
    this.guard = guard;
    this.state = new State(scope, seed, Rng.firstMembers(members));
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

  /** Steps of one stage. */
  static long steps(Settings s) {
    long perEpoch = s.get(GridSettings.POINTS) / s.get(GridSettings.BATCH_SIZE);
    return s.get(GridSettings.EPOCHS) * perEpoch;
  }

  String name() {
    return name;
  }

  int packing() {
    return packing;
  }

  Gan gan() {
    return gan;
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
   * Seconds that one step takes on this machine, from a few of them on GANs that are thrown away.
   */
  static double secondsPerStep(GridStage throwaway) {
    long warm = System.nanoTime();
    while (System.nanoTime() - warm < 10e9) { // the compiler needs this long
      throwaway.trainer.step();
    }
    long start = System.nanoTime();
    int count = 0;
    while (System.nanoTime() - start < 5e9) {
      throwaway.trainer.step();
      count++;
    }
    return (System.nanoTime() - start) * 1e-9 / count;
  }

  /** Trains to the end, or until the user stops it. */
  void train(EventFile events) throws IOException {
    long every = context.settings().get(GridSettings.CHECKPOINT_EVERY);
    long scoreEvery = Math.max(1, steps / SCORES);
    try (Progress progress = context.progress("train " + name, done, steps)) {
      while (done < steps) {
        if (guard != null) {
          guard.members(gan.members());
          guard.step(done);
        }
        trainer.step();
        done++;
        boolean last = done == steps;
        if (done % LOG_EVERY == 0 || done % scoreEvery == 0 || last) {
          log(events, progress, done % scoreEvery == 0 || last);
        }
        progress.step(done);
        boolean stop = context.stopRequested();
        if (done % every == 0 || last || stop) {
          save();
        }
        if (stop && !last) {
          throw context.stopped(at(), firstStep + steps);
        }
      }
    }
  }

  private void save() throws IOException {
    context.metrics().sync();
    SequencedMap<String, String> identity =
        new LinkedHashMap<>(context.directory().identity().values());
    checkpoints.save(done, state.save(), identity);
  }

  private void log(EventFile events, Progress progress, boolean score) throws IOException {
    SequencedMap<String, Object> line = new LinkedHashMap<>();
    line.put("stage", name);
    double[][] losses = trainer.losses(done);
    line.put("loss_d", mean(losses[0]));
    line.put("loss_g", mean(losses[1]));
    if (!Double.isFinite(mean(losses[0])) || !Double.isFinite(mean(losses[1]))) {
      throw new UserException(
          ExitCode.NUMERICS,
          name
              + ": the losses are "
              + mean(losses[0])
              + " and "
              + mean(losses[1])
              + " at step "
              + done
              + "; run with --check-numerics to see where it began");
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
    SequencedMap<String, String> metadata =
        new LinkedHashMap<>(context.directory().identity().values());
    SafeTensors.write(context.directory().resolve(file), arrays, metadata);
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
    try (Scope scope = Scope.open(state.scope().device(), "scores")) {
      int e = gan.members();
      float[] all = new float[e * grid.length];
      for (int i = 0; i < e; i++) {
        System.arraycopy(grid, 0, all, i * grid.length, grid.length);
      }
      Variable x = Variable.constant(scope.of(Shape.of(e, side * side, 2), all));
      Variable y = Gradients.noGrad(() -> gan.discriminator().forward(x, Pass.EVALUATION));
      float[] values = y.tensor().toFloats();
      float[][] out = new float[e][side * side];
      for (int i = 0; i < e; i++) {
        System.arraycopy(values, i * side * side, out[i], 0, side * side);
      }
      return out;
    }
  }
}
