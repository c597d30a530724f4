package dev.troupe.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * What is to be done, independent of who does it; every peer reads its sizes and its input data
 * here.
 */
public sealed interface WorkSpec {
  /** What a Java array holds. */
  int MOST_ELEMENTS = Integer.MAX_VALUE - 8;

  /** The name on the command line. */
  String name();

  /** Floating-point operations of one step of {@code members} members. */
  double flops(int members);

  /** Elements of a member's largest array, where sizes can be chosen; else 0. */
  default double largest() {
    return 0;
  }

  /**
   * Refuses sizes that no array holds.
   *
   * @throws IllegalArgumentException if the arrays of all members are too large
   */
  default void requireArrays(int members) {
    double elements = largest() * members;
    if (elements > MOST_ELEMENTS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: an array of %.0f elements with %d members, expected at most %d",
              name(),
              elements,
              members,
              MOST_ELEMENTS));
    }
  }

  /**
   * Reads a name as it stands on the command line.
   *
   * @param packedB for {@code sgemm} only: B is packed once, before the timing
   * @throws IllegalArgumentException if there is no such work
   */
  static WorkSpec parse(String name, boolean packedB) {
    if (name.startsWith("sgemm:")) {
      return Sgemm.parse(name, packedB);
    }
    if (packedB) {
      throw new IllegalArgumentException(name + ": --packed-b is for sgemm only");
    }
    if (name.equals("grid2d")) {
      return new Grid2d();
    }
    if (name.equals("dcgan32")) {
      return new Dcgan32();
    }
    if (name.equals("resnet18")) {
      return new ResNet18();
    }
    if (name.startsWith("conv:")) {
      return Convolution.parse(name);
    }
    if (name.startsWith("wgangp1024") || name.startsWith("mixgan1024")) {
      return Artificial.parse(name);
    }
    return Arrays.stream(Function.values())
        .filter(function -> function.workName().equals(name))
        .findFirst()
        .map(Elementwise::new)
        .orElseThrow(() ->
            new IllegalArgumentException(
                ("no work is named %s; there are sgemm:M,N,K, conv:DIRECTION:N,C,H,W,O,K,S,P,"
                        + " grid2d, dcgan32, resnet18, wgangp1024, mixgan1024:NG,ND, %s")
                    .formatted(
                        name,
                        Arrays.stream(Function.values())
                            .map(Function::workName)
                            .collect(Collectors.joining(", ")))));
  }

  /**
   * {@code C = A B}: A is {@code [m, k]}, B is {@code [k, n]}, C is {@code [m, n]}, row-major,
   * overwritten.
   *
   * @param packedB B is packed once, before the timing, as a weight that several products of a step
   *     share
   */
  record Sgemm(int m, int n, int k, boolean packedB) implements WorkSpec {
    public Sgemm {
      if (m < 1 || n < 1 || k < 1) {
        throw new IllegalArgumentException(
            "sgemm: sizes %d,%d,%d, expected at least 1".formatted(m, n, k));
      }
    }

    private static Sgemm parse(String name, boolean packedB) {
      String[] sizes = name.substring("sgemm:".length()).split(",", -1);
      try {
        if (sizes.length == 3) {
          return new Sgemm(
              Integer.parseInt(sizes[0]),
              Integer.parseInt(sizes[1]),
              Integer.parseInt(sizes[2]),
              packedB);
        }
      } catch (NumberFormatException e) {
        // The message below says what was expected.
      }
      throw new IllegalArgumentException(name + ": expected sgemm:M,N,K with three whole numbers");
    }

    @Override
    public String name() {
      return "sgemm:%d,%d,%d".formatted(m, n, k);
    }

    @Override
    public double flops(int members) {
      return 2.0 * members * m * n * k;
    }

    @Override
    public double largest() {
      return Math.max((double) m * k, (double) n * Math.max(k, m));
    }

    /** {@code [m, k]}, uniform in (-1, 1). */
    public float[] a() {
      return uniform(m * k, 1, 1);
    }

    /** {@code [k, n]}, uniform in (-1, 1). */
    public float[] b() {
      return uniform(k * n, 1, 2);
    }
  }

  /** Which of the three convolutions of a layer. */
  enum Direction {
    /** The layer itself. */
    FORWARD,
    /** The gradient by its input; a transposed convolution. */
    INPUT,
    /** The gradient by its weight. */
    WEIGHT;

    String workName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A convolution, or one of its gradients. Forward and by the input there is a bias of zeros.
   *
   * @param batch images
   * @param in channels of the images
   * @param height of the images
   * @param width of the images
   * @param out channels of the results
   * @param kernel rows and columns of the kernel
   * @param stride in both directions
   * @param padding on all four sides
   */
  record Convolution(
      Direction direction,
      int batch,
      int in,
      int height,
      int width,
      int out,
      int kernel,
      int stride,
      int padding)
      implements WorkSpec {
    private static final int SIZES = 8;

    /** Checks the sizes. */
    public Convolution {
      if (batch < 1
          || in < 1
          || out < 1
          || stride < 1
          || padding < 0
          || padding >= kernel
          || kernel > Math.min(height, width) + 2 * padding) {
        throw new IllegalArgumentException(
            "conv: %d images [%d, %d, %d], %d kernels of %d by %d, stride %d, padding %d: expected at least one window"
                .formatted(batch, in, height, width, out, kernel, kernel, stride, padding));
      }
    }

    private static Convolution parse(String name) {
      String[] parts = name.split(":", -1);
      try {
        int[] s = Arrays.stream(parts[2].split(",", -1)).mapToInt(Integer::parseInt).toArray();
        for (Direction direction : Direction.values()) {
          if (parts.length == 3 && s.length == SIZES && parts[1].equals(direction.workName())) {
            return new Convolution(direction, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
          }
        }
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        // The message below says what was expected.
      }
      throw new IllegalArgumentException(
          name
              + ": expected conv:forward, conv:input or conv:weight and :N,C,H,W,O,K,S,P (images, channels, height,"
              + " width, kernels, their size, stride, padding)");
    }

    @Override
    public String name() {
      return "conv:%s:%d,%d,%d,%d,%d,%d,%d,%d"
          .formatted(direction.workName(), batch, in, height, width, out, kernel, stride, padding);
    }

    /** Rows of results. */
    public int outHeight() {
      return (height + 2 * padding - kernel) / stride + 1;
    }

    /** Columns of results. */
    public int outWidth() {
      return (width + 2 * padding - kernel) / stride + 1;
    }

    /** All taps, also those in the padding, as is the custom; the same in all directions. */
    @Override
    public double flops(int members) {
      double results = (double) batch * out * outHeight() * outWidth();
      return 2 * members * results * in * kernel * kernel;
    }

    @Override
    public double largest() {
      double results = (double) batch * out * outHeight() * outWidth();
      double images = (double) batch * in * height * width;
      return Math.max(Math.max(images, results), (double) out * in * kernel * kernel);
    }

    /** Images {@code [batch, in, height, width]}, uniform in (-1, 1). */
    public float[] images() {
      return uniform(batch * in * height * width, 1, 1);
    }

    /** The weight {@code [out, in, kernel, kernel]}, uniform in (-1, 1). */
    public float[] weight() {
      return uniform(out * in * kernel * kernel, 1, 2);
    }

    /** Gradients of results {@code [batch, out, outHeight, outWidth]}, uniform in (-1, 1). */
    public float[] gradients() {
      return uniform(batch * out * outHeight() * outWidth(), 1, 3);
    }
  }

  /** A function of each element. */
  enum Function {
    EXP,
    TANH,
    SIGMOID,
    SOFTPLUS,
    /** The sum of two inputs. */
    ADD;

    String workName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One function over {@link #SIZE} elements, from one array into another. */
  record Elementwise(Function function) implements WorkSpec {
    public static final int SIZE = 1_000_000;

    @Override
    public String name() {
      return function.workName();
    }

    @Override
    public double flops(int members) {
      return (double) members * SIZE;
    }

    /** Uniform in (-8, 8): the range in which none of the functions is constant. */
    public float[] input() {
      return uniform(SIZE, 8, 1);
    }

    /** The second input of {@link Function#ADD}, uniform in (-8, 8). */
    public float[] secondInput() {
      return uniform(SIZE, 8, 2);
    }
  }

  /**
   * One training step of the networks of the 2-D grid experiment (section D3 of the PacGAN code) at
   * full width.
   *
   * <p>Generator: 2 → 400 four times (linear without bias, batch norm, ReLU) → 2 (linear with
   * bias). Discriminator: 2 → maxout of 200 units of 5 linear pieces, three times → 1.
   * Discriminator update on {@code softplus(-D(x)) + softplus(D(G(z)))} with G(z) detached, then
   * generator update on {@code softplus(-D(G(z)))} with fresh noise and D frozen; Adam for both.
   * Drawing noise and batch, the running statistics of batch norm and both Adam updates belong to
   * the step.
   */
  record Grid2d() implements WorkSpec {
    public static final int POINTS = 100_000;
    public static final int BATCH = 100;
    public static final int LATENT = 2;
    public static final int DATA = 2;
    public static final int GENERATOR_LAYERS = 4;
    public static final int GENERATOR_WIDTH = 400;
    public static final int DISCRIMINATOR_LAYERS = 3;
    public static final int DISCRIMINATOR_WIDTH = 200;
    public static final int PIECES = 5;
    public static final double WEIGHT_SD = 0.02;
    public static final double BATCH_NORM_EPS = 1e-4;
    public static final double BATCH_NORM_MOMENTUM = 0.05;
    public static final double LEARNING_RATE = 1e-4;
    public static final double BETA1 = 0.8;
    public static final double BETA2 = 0.999;
    public static final double ADAM_EPS = 1e-8;

    @Override
    public String name() {
      return "grid2d";
    }

    /** The matrix products alone, without gradients that nobody needs. */
    @Override
    public double flops(int members) {
      double h = GENERATOR_WIDTH;
      double generatorFirst = LATENT * h;
      double generatorRest = (GENERATOR_LAYERS - 1) * h * h + h * DATA;
      double generator = generatorFirst + generatorRest;
      double u = DISCRIMINATOR_WIDTH;
      double discriminatorFirst = DATA * u * PIECES;
      double discriminatorRest = (DISCRIMINATOR_LAYERS - 1) * u * u * PIECES + u;
      double discriminator = discriminatorFirst + discriminatorRest;
      // D's update: G forward; D forward, weight gradients, and input gradients but the first
      // layer's, on real and on fake.
      double updateD = generator + 2 * (2 * discriminator + discriminatorRest);
      // G's update: both forward; D's input gradients; G's weight gradients, and input gradients
      // but the first layer's.
      double updateG = generator + 2 * discriminator + generator + generatorRest;
      return 2.0 * members * BATCH * (updateD + updateG);
    }

    /**
     * {@code [POINTS, 2]}: 25 Gaussians of standard deviation 0.05 on the grid {-4, -2, 0, 2, 4}².
     */
    public float[] points() {
      SplittableRandom random = new SplittableRandom(1);
      float[] points = new float[POINTS * DATA];
      for (int i = 0; i < points.length; i++) {
        points[i] = (float) (2 * random.nextInt(-2, 3) + 0.05 * random.nextGaussian());
      }
      return points;
    }
  }

  /**
   * One iteration of the artificial data sets' experiments (Tang 2020, section IV): WGAN-GP, or
   * MIX+GAN with several players, on three Gaussians in 1024 dimensions.
   *
   * <p>Generators have four affine maps of 1024 to 1024, discriminators three and one of 1024 to 1,
   * leaky ReLU between them. An iteration is one update of the generators and five of the
   * discriminators, with Adam; batch 256 for each pair of players. Data, noise and the penalty's
   * interpolates are drawn in it.
   *
   * @param generators how many
   * @param discriminators how many
   * @param penalised with the gradient penalty; without it the difference in time is its cost
   */
  record Artificial(int generators, int discriminators, boolean penalised) implements WorkSpec {
    public static final int FEATURES = 1024;
    public static final int BATCH = 256;
    public static final int MAPS = 4;
    public static final int MODES = 3;
    public static final double SD = 0.3;
    public static final double SLOPE = 0.2;
    public static final int CRITIC_UPDATES = 5;
    public static final double LAMBDA = 10;
    public static final double RATE_G = 1e-5;
    public static final double RATE_D = 1e-4;
    public static final double BETA1 = 0.5;
    public static final double BETA2 = 0.9;
    public static final double ADAM_EPS = 1e-8;

    private static final String PLAIN = "wgangp1024";
    private static final String UNPENALISED = "wgangp1024:unpenalised";
    private static final String MIXED = "mixgan1024:";
    private static final int MOST = 16;

    public Artificial {
      if (generators < 1 || generators > MOST || discriminators < 1 || discriminators > MOST) {
        throw new IllegalArgumentException(
            "mixgan1024: %d generators and %d discriminators, expected 1 to %d of each"
                .formatted(generators, discriminators, MOST));
      }
    }

    private static Artificial parse(String name) {
      if (name.equals(PLAIN) || name.equals(UNPENALISED)) {
        return new Artificial(1, 1, name.equals(PLAIN));
      }
      try {
        String[] players = name.substring(MIXED.length()).split(",", -1);
        if (name.startsWith(MIXED) && players.length == 2) {
          return new Artificial(Integer.parseInt(players[0]), Integer.parseInt(players[1]), true);
        }
      } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
        // The message below says what was expected.
      }
      throw new IllegalArgumentException(
          name + ": expected wgangp1024, wgangp1024:unpenalised or mixgan1024:NG,ND");
    }

    @Override
    public String name() {
      if (generators == 1 && discriminators == 1) {
        return penalised ? PLAIN : UNPENALISED;
      }
      return MIXED + generators + "," + discriminators;
    }

    /** How many GANs of one player a side have as many pairs of players. */
    public int pairs() {
      return generators * discriminators;
    }

    /** The matrix products alone, without gradients that nobody needs. */
    @Override
    public double flops(int members) {
      double square = (double) FEATURES * FEATURES;
      double g = MAPS * square; // G forward
      double d = (MAPS - 1) * square + FEATURES; // D forward
      double rows = (double) pairs() * BATCH;
      // G's update: both forward; D's input gradients; G's weight and input gradients.
      double updateG = rows * (g + 2 * d + g + g - square);
      // D's update on real points and samples: forward, weight gradients, input gradients but the
      // first layer's.
      double judged = rows + discriminators * BATCH;
      double updateD = judged * (3 * d - square);
      // On interpolates: forward but the last layer; input gradients; then the gradient of those by
      // the weights, and by each gradient that arrived there.
      double hidden = d - FEATURES;
      double penalty = penalised ? rows * (hidden + d + d + d) : 0;
      double perIteration =
          updateG + CRITIC_UPDATES * (updateD + penalty) + (CRITIC_UPDATES - 1) * rows * g;
      return 2 * members * perIteration;
    }
  }

  /**
   * One training step of DCGAN on images of 3 x 32 x 32 in batches of 64. Generator: z of 100 to 4
   * x 4 x 512, then transposed convolutions to 256, 128 and 3 channels. Discriminator: convolutions
   * to 64, 128 and 256 channels, then a logit. Kernels are 4 x 4, stride 2, padding 1; batch norm
   * where DCGAN has it, ReLU and leaky ReLU 0.2.
   *
   * <p>One update of the discriminator, which sees real and generated images in two passes, and one
   * of the generator with fresh noise; Adam for both.
   */
  record Dcgan32() implements WorkSpec {
    public static final int IMAGES = 1000;
    public static final int BATCH = 64;
    public static final int CHANNELS = 3;
    public static final int SIZE = 32;
    public static final int LATENT = 100;
    public static final int WIDTH_G = 512;
    public static final int WIDTH_D = 64;
    public static final double WEIGHT_SD = 0.02;
    public static final double LEARNING_RATE = 2e-4;
    public static final double BETA1 = 0.5;
    public static final double BETA2 = 0.999;
    public static final double ADAM_EPS = 1e-8;

    @Override
    public String name() {
      return "dcgan32";
    }

    /** The convolutions and products alone, without gradients that nobody needs. */
    @Override
    public double flops(int members) {
      double project = LATENT * WIDTH_G * 16.0;
      double up = 16.0 * 16 * WIDTH_G * WIDTH_G / 2; // 16 pixels, 16 taps
      up += 64.0 * 16 * WIDTH_G / 2 * WIDTH_G / 4;
      up += 256.0 * 16 * WIDTH_G / 4 * CHANNELS;
      double generator = project + up;
      double first = 256.0 * 16 * CHANNELS * WIDTH_D;
      double rest = 64.0 * 16 * WIDTH_D * 2 * WIDTH_D + 16.0 * 16 * 2 * WIDTH_D * 4 * WIDTH_D;
      rest += 16.0 * 4 * WIDTH_D;
      double discriminator = first + rest;
      double updateD = generator + 2 * (2 * discriminator + rest);
      double updateG = generator + 2 * discriminator + generator + up;
      return 2.0 * members * BATCH * (updateD + updateG);
    }

    /** [IMAGES, 3, 32, 32], uniform in (-1, 1). */
    public float[] images() {
      return uniform(IMAGES * CHANNELS * SIZE * SIZE, 1, 1);
    }

    /** Image i of member m's batch at a step. */
    public static int index(int member, long step, int i) {
      return Math.floorMod(step * BATCH + i * 7L + member * 31L, IMAGES);
    }
  }

  /**
   * One training step of ResNet-18 for 32 x 32 images, batch 128, ten classes: forward, backward,
   * and SGD with momentum 0.9.
   */
  record ResNet18() implements WorkSpec {
    public static final int IMAGES = 1000;
    public static final int BATCH = 128;
    public static final int CHANNELS = 3;
    public static final int SIZE = 32;
    public static final int WIDTH = 64;
    public static final int CLASSES = 10;
    public static final double LEARNING_RATE = 0.01;
    public static final double MOMENTUM = 0.9;

    @Override
    public String name() {
      return "resnet18";
    }

    /** The convolutions and the last product alone; the first layer has no input gradient. */
    @Override
    public double flops(int members) {
      double entry = 9.0 * 1024 * CHANNELS * WIDTH;
      double rest = 4 * 9.0 * 1024 * WIDTH * WIDTH;
      for (int stage = 1; stage < 4; stage++) {
        double out = WIDTH << stage;
        double pixels = 1024 >> (2 * stage);
        rest += pixels * (9 * out / 2 * out + 3 * 9 * out * out + out / 2 * out);
      }
      rest += 8.0 * WIDTH * CLASSES;
      return 2.0 * members * BATCH * (2 * entry + 3 * rest);
    }

    /** [IMAGES, 3, 32, 32], uniform in (-1, 1). */
    public float[] images() {
      return uniform(IMAGES * CHANNELS * SIZE * SIZE, 1, 1);
    }

    /** The class of image i. */
    public static int label(int i) {
      return i % CLASSES;
    }

    /** Image i of member m's batch at a step. */
    public static int index(int member, long step, int i) {
      return Math.floorMod(step * BATCH + i * 7L + member * 31L, IMAGES);
    }
  }

  private static float[] uniform(int size, float bound, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }
}
