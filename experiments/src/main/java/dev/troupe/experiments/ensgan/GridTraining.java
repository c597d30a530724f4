package dev.troupe.experiments.ensgan;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.experiments.stage.StateTraining;
import dev.troupe.gan.Gan;
import dev.troupe.gan.GanTrainer;
import dev.troupe.gan.PointGan;
import dev.troupe.gan.PointMixture;
import dev.troupe.gan.metrics.GaussianModes;
import dev.troupe.gan.metrics.ModeScore;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Pass;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import dev.troupe.tensor.io.HostArray;
import dev.troupe.tensor.io.SafeTensors;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;

/** One training of the experiment: all GANs of one packing, side by side. */
final class GridTraining implements StateTraining {
  /** Examples that a network is run on at once where nothing is trained. */
  static final int SAMPLE_BATCH = 500;

  private final RunContext context;
  private final int packing;
  private final long seed;
  private final GaussianModes modes = GaussianModes.grid25();
  private final State state;
  private final Gan gan;
  private final GanTrainer trainer;

  GridTraining(RunContext context, Scope scope, Tensor points, int packing) {
    Settings s = context.settings();
    this.context = context;
    this.packing = packing;
    this.seed = context.seed() + packing * 0x9E3779B97F4A7C15L;
    this.state = new State(scope, seed, Rng.firstMembers(GridSettings.members(s, packing)));
    this.gan =
        new PointGan(s.get(GridSettings.WIDTH_G), s.get(GridSettings.WIDTH_D), packing)
            .create(state, s.get(GridSettings.INITIAL_SD));
    this.trainer =
        new GanTrainer(gan, config(s), PointMixture.pack(scope, points, packing, seed), seed);
  }

  /** What the training of a packing is called. */
  static String name(int packing) {
    return packing == 1 ? "gan" : "pacgan" + packing;
  }

  private GanTrainer.Config config(Settings s) {
    return new GanTrainer.Config(
        s.get(GridSettings.BATCH_SIZE),
        packing,
        s.get(GridSettings.UPDATES).equals("simultaneous")
            ? GanTrainer.Updates.SIMULTANEOUS
            : GanTrainer.Updates.ALTERNATING,
        Schedule.constant(s.get(GridSettings.LEARNING_RATE)),
        AdamSettings.DEFAULT.withBetas(s.get(GridSettings.BETA1), 0.999).withFoldedCorrection());
  }

  int packing() {
    return packing;
  }

  @Override
  public State state() {
    return state;
  }

  @Override
  public void step() {
    trainer.step();
  }

  @Override
  public SequencedMap<String, Double> losses(long done) {
    return GanLosses.means(trainer, done);
  }

  @Override
  public Scores scores(long done) {
    double covered = 0;
    double good = 0;
    int count = context.settings().get(GridSettings.EVALUATED);
    for (float[] points : gan.sample(seed, count, SAMPLE_BATCH)) { // the same z each time
      ModeScore member = modes.score(points);
      covered += member.covered() / (double) gan.members();
      good += member.highQuality() / gan.members();
    }
    SequencedMap<String, Object> values = new LinkedHashMap<>();
    values.put("modes", covered);
    values.put("high_quality", good);
    SequencedMap<String, Double> losses = losses(done);
    return new Scores(
        values,
        String.format(
            Locale.ROOT,
            "D %.2f, G %.2f, %.1f modes, %.0f %% high quality",
            losses.get("loss_d"),
            losses.get("loss_g"),
            covered,
            100 * good));
  }

  /** The points that tables are drawn from: x, y pairs of each member. */
  float[][] generate() {
    int count = context.settings().get(GridSettings.GENERATED);
    return gan.sample(seed + 1, count, SAMPLE_BATCH);
  }

  /** Generators with their batch-norm statistics, for use elsewhere. */
  String writeGenerators() throws IOException {
    String file =
        packing == 1 ? "generators.safetensors" : "generators-" + name(packing) + ".safetensors";
    SequencedMap<String, HostArray> arrays = gan.generatorState().save();
    SafeTensors.write(
        context.directory().resolve(file), arrays, context.directory().identity().values());
    return file;
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
