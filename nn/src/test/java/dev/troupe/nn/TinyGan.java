package dev.troupe.nn;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.Primitive;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import dev.troupe.tensor.io.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The networks of PacGAN's grid experiment at any width, E members side by side, and their training
 * step: a generator with batch norm, a maxout discriminator, the logistic loss, two Adams.
 */
final class TinyGan implements AutoCloseable {
  private static final int POINTS = 500;
  private static final int RING = 16;

  /**
   * How large it is.
   *
   * @param width hidden units of the generator
   * @param units maxout units of the discriminator, each of five pieces
   * @param layers hidden layers of each
   * @param dropout rate in front of the discriminator's last layer
   */
  record Size(int batch, int width, int units, int layers, double dropout) {
    static final Size NARROW = new Size(20, 24, 8, 2, 0);

    /** No size is a multiple of a vector's or divides evenly among threads. */
    static final Size ODD = new Size(13, 37, 7, 2, 0.1);

    /** PacGAN's own. */
    static final Size FULL = new Size(100, 400, 200, 3, 0);
  }

  final State state;
  private final Device device;
  private final Scope scope;
  private final Size size;
  private final Rng rng;
  private final Tensor points; // [POINTS, 2], shared by all members
  private final Tensor losses; // [RING, E]
  private final Layer generator;
  private final Layer discriminator;
  private final Optimiser generatorAdam;
  private final Optimiser discriminatorAdam;

  TinyGan(Device device, Size size, int... members) {
    this.device = device;
    this.size = size;
    scope = Scope.open(device, "gan");
    state = new State(scope, 7, members);
    rng = new Rng(scope, 7, members);
    state.keep("rng.step", rng.step());
    points = scope.of(Shape.of(POINTS, 2), grid());
    losses = state.keep("losses", scope.zeros(Shape.of(RING, members.length)));
    generator = generator(state.at("generator"));
    discriminator = discriminator(state.at("discriminator"));
    generatorAdam = adam("generator", Schedule.linear(1e-3, 1e-4, 300));
    discriminatorAdam = adam("discriminator", Schedule.constant(1e-3));
  }

  private Layer generator(State s) {
    Initialiser normal = Initialiser.normal(0.2);
    Layer layers = (x, pass) -> x;
    int in = 2;
    for (int i = 0; i < size.layers; i++) {
      State part = s.at("hidden" + i);
      layers =
          Layer.sequence(
              layers,
              Layers.denseWithoutBias(part, in, size.width, normal),
              Layers.batchNorm(part, size.width, 1e-4, 0.05, 0));
      in = size.width;
    }
    return Layer.sequence(layers, Layers.dense(s.at("out"), in, 2, normal));
  }

  private Layer discriminator(State s) {
    Initialiser normal = Initialiser.normal(0.2);
    Layer layers = (x, pass) -> x;
    int in = 2;
    for (int i = 0; i < size.layers; i++) {
      layers = Layer.sequence(layers, Layers.maxout(s.at("hidden" + i), in, size.units, 5, normal));
      in = size.units;
    }
    return Layer.sequence(
        layers, Layers.dropout("last", size.dropout), Layers.dense(s.at("out"), in, 1, normal));
  }

  private Optimiser adam(String network, Schedule schedule) {
    return Optimiser.adam(
        state.at("adam." + network),
        state.at(network).parameters(),
        schedule,
        Optimiser.AdamSettings.DEFAULT.withBetas(0.8, 0.999).withFoldedCorrection());
  }

  /** Points around the 25 modes at {-4, -2, 0, 2, 4}². */
  private static float[] grid() {
    SplittableRandom random = new SplittableRandom(25);
    float[] xy = new float[2 * POINTS];
    for (int i = 0; i < xy.length; i++) {
      xy[i] = 2f * random.nextInt(5) - 4 + 0.1f * (float) random.nextDouble();
    }
    return xy;
  }

  /** The discriminator on real and detached fake points, then the generator on fresh noise. */
  void step() {
    try (Scope temporaries = Scope.open(device, "step")) {
      Tensor batch = rng.shuffledBatch("batch", POINTS, size.batch); // [E, N]
      Variable real = Ops.gatherShared(Variable.constant(points), Variable.constant(batch));
      Variable fake = generated("z.discriminator").detach();
      Variable onReal = judged(real, "real");
      Variable onFake = judged(fake, "fake");
      Variable loss = Ops.add(error(onReal, -1), error(onFake, 1)); // [E]
      discriminatorAdam.minimise(loss);

      generatorAdam.minimise(error(judged(generated("z.generator"), "generator"), -1));
      device.run(
          new Primitive.RingPut(
              RING, rng.step().buffer(), List.of(loss.tensor().buffer()), losses.buffer()));
    }
    rng.nextStep();
  }

  void steps(int count) {
    for (int i = 0; i < count; i++) {
      step();
    }
  }

  private Variable generated(String stream) {
    Tensor z = rng.normal(stream, Shape.of(rng.members(), size.batch, 2), 0, 1);
    return generator.forward(Variable.constant(z), Pass.training(rng, stream));
  }

  private Variable judged(Variable x, String pass) {
    return discriminator.forward(x, Pass.training(rng, pass)); // [E, N, 1]
  }

  /** mean softplus(sign · logit) for each member. */
  private static Variable error(Variable logits, double sign) {
    return Ops.mean(Ops.softplus(Ops.mul(logits, sign)), 1, 2);
  }

  /** SHA-256 over names, shapes and bits of the whole state. */
  String hash() {
    MessageDigest digest = Sha256.start();
    state
        .tensors()
        .forEach((name, t) -> {
          digest.update((name + t.shape()).getBytes(StandardCharsets.UTF_8));
          int[] bits = bits(t);
          ByteBuffer bytes = ByteBuffer.allocate(4 * bits.length);
          bytes.asIntBuffer().put(bits);
          digest.update(bytes);
        });
    return Sha256.finish(digest);
  }

  static int[] bits(Tensor t) {
    return switch (t.type()) {
      case INT32 -> t.toInts();
      case REAL -> {
        float[] values = t.toFloats();
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
          bits[i] = Float.floatToRawIntBits(values[i]);
        }
        yield bits;
      }
    };
  }

  @Override
  public void close() {
    scope.close();
  }
}
