package dev.troupe.experiments.ensgan;

import dev.troupe.experiments.report.Plots.HeatMap;
import dev.troupe.experiments.report.Provenance;
import dev.troupe.experiments.report.Results;
import dev.troupe.gan.metrics.GaussianModes;
import dev.troupe.gan.metrics.ModeBootstrap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A finished run whose GANs are random numbers: each misses some modes and blurs the others. */
final class DemoOutcome {
  private static final GaussianModes GRID = GaussianModes.grid25();

  private DemoOutcome() {}

  static GridOutcome with(int trained, int[] sizes) {
    List<float[]> pools = new ArrayList<>();
    for (int m = 0; m < trained; m++) {
      pools.add(generate(m, 5_000, 6, 0.075));
    }
    ModeBootstrap.Result ensembles = new ModeBootstrap(GRID, pools).measure(sizes, 2500, 200, 1);
    Map<Integer, ModeBootstrap.Row> packed = new TreeMap<>();
    for (int m = 2; m <= 4; m++) {
      List<float[]> sets = List.of(generate(50 + m, 5_000, 4 - m, 0.06));
      packed.put(
          m, new ModeBootstrap(GRID, sets).measure(new int[] {1}, 2500, 200, 1).rows().getFirst());
    }
    List<float[]> shown = new ArrayList<>();
    List<HeatMap> heatMaps = new ArrayList<>();
    for (int m = 0; m < Math.min(5, trained); m++) {
      shown.add(Arrays.copyOf(pools.get(m), 1_000));
      heatMaps.add(new HeatMap("GAN " + (m + 1), scores(m), Arrays.copyOf(pools.get(m), 1_000)));
    }
    float[] truth = generate(99, 2_500, 0, 0.05);
    return new GridOutcome(
        new Provenance(
            header(trained),
            "Trained "
                + trained
                + " GANs in the `quick` preset (narrower networks, fewer members, a"
                + " larger learning rate): a smaller run than the paper's 25 GANs at full width.",
            "./troupe run ensgan/grid2d --preset quick --seed 1",
            environment()),
        "generator.hidden.weight  [2, 400]             800\n",
        new GridOutcome.Measurement(2500, 5_000, trained, 1, 200, "running"),
        ensembles,
        packed,
        ModeBootstrap.uniformNoise(GRID, 4.2, 2500, 200, 1),
        4.2,
        new ModeBootstrap(GRID, List.of(truth))
            .measure(new int[] {1}, 2500, 200, 1)
            .rows()
            .getFirst(),
        new GridOutcome.Figures(truth, shown, heatMaps, curves()));
  }

  private static Results.Header header(int trained) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("members", trained);
    settings.put("points", 100_000);
    settings.put("epochs", 9);
    settings.put("batchSize", 100);
    settings.put("learningRate", 1e-3);
    settings.put("widthG", 128);
    settings.put("widthD", 64);
    settings.put("ensembles", "1..5");
    settings.put("bootstrap", 200);
    return new Results.Header(
        "0.1.0",
        "ensgan/grid2d",
        "quick",
        1,
        settings,
        "cpu, 256-bit vectors, 2 threads",
        151.25,
        "6b1f0a4c2ed80f6b7a1b1c69f1d4c51d9a2a4f2ed1b8a3cbb9c0d2f0a1e2d3c4");
  }

  private static Map<String, String> environment() {
    Map<String, String> env = new LinkedHashMap<>();
    env.put("JDK", "25.0.3+9 (Eclipse Adoptium)");
    env.put("Operating system", "Linux 6.1, amd64");
    env.put("Cores", "2");
    return env;
  }

  /** Points round the modes but for a few missing ones; a tenth lie between two modes. */
  static float[] generate(long seed, int n, int missing, double sd) {
    Random random = new Random(seed * 7919 + 13);
    boolean[] missed = new boolean[25];
    for (int i = 0; i < missing; i++) {
      missed[random.nextInt(25)] = true;
    }
    double[] centres = GRID.centres();
    float[] points = new float[2 * n];
    for (int i = 0; i < n; i++) {
      int k = random.nextInt(25);
      while (missed[k]) {
        k = random.nextInt(25);
      }
      int to = sd > 0.05 && random.nextInt(10) == 0 ? (k + 1) % 25 : k;
      double t = random.nextDouble();
      for (int axis = 0; axis < 2; axis++) {
        double centre = (1 - t) * centres[2 * k + axis] + t * centres[2 * to + axis];
        points[2 * i + axis] = (float) (centre + sd * random.nextGaussian());
      }
    }
    return points;
  }

  private static float[] scores(long seed) {
    int n = 81;
    Random random = new Random(seed);
    double[] heights = new double[25];
    Arrays.setAll(heights, k -> random.nextDouble() < 0.25 ? 3 : random.nextDouble() * 0.5);
    double[] centres = GRID.centres();
    float[] scores = new float[n * n];
    for (int r = 0; r < n; r++) {
      for (int c = 0; c < n; c++) {
        double y = -5 + 10.0 * r / (n - 1);
        double x = -5 + 10.0 * c / (n - 1);
        double v = -1 - 0.02 * (x * x + y * y);
        for (int k = 0; k < 25; k++) {
          double d2 = Math.pow(x - centres[2 * k], 2) + Math.pow(y - centres[2 * k + 1], 2);
          v += heights[k] * StrictMath.exp(-2 * d2);
        }
        scores[r * n + c] = (float) v;
      }
    }
    return scores;
  }

  private static GridOutcome.Curves curves() {
    Random random = new Random(5);
    double[][] c = {new double[300], new double[300], new double[300]};
    double[][] d = {new double[30], new double[30], new double[30]};
    for (int i = 0; i < 300; i++) {
      double rise = 1 - StrictMath.exp(-i / 60.0);
      c[0][i] = 30 * i;
      c[1][i] = 1.0 + 0.35 * rise + 0.03 * random.nextGaussian();
      c[2][i] = 1.9 - 0.35 * rise + 0.05 * random.nextGaussian();
      if (i % 10 == 0) {
        d[0][i / 10] = 30 * i;
        d[1][i / 10] = 19 * rise + random.nextGaussian() * 0.5;
        d[2][i / 10] = 74 * rise + random.nextGaussian();
      }
    }
    return new GridOutcome.Curves(c[0], c[1], c[2], d[0], d[1], d[2]);
  }
}
