package dev.troupe.tensor;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Counter-based random numbers for E members: each number is a pure function of (seed, member,
 * stream, step, position), so a member draws the same ones whether it is trained alone or among
 * others, on any number of threads, and after a resume.
 *
 * <p>A stream is a name for one place in the program that draws, such as {@code "generator.z"}. It
 * may be drawn from once a step; the step counter lives on the device, and {@link #nextStep()}
 * advances it.
 */
public final class Rng {
  private final long seed;
  private final Tensor members; // INT32 [E]
  private final Tensor step; // INT32 [1]
  private final Map<String, Stream> streams = new HashMap<>();
  private long hostStep; // how often the host has moved on

  private static final class Stream {
    final int id;
    long usedAt = -1;

    Stream(int id) {
      this.id = id;
    }
  }

  /**
   * For the given members, at step 0; its counters live in {@code scope}.
   *
   * @param members the identity of each member, usually 0 … E-1; one or more, non-negative
   */
  public Rng(Scope scope, long seed, int... members) {
    if (members.length == 0) {
      throw new IllegalArgumentException("rng: no members, expected one or more");
    }
    for (int m : members) {
      if (m < 0) {
        throw new IllegalArgumentException("rng: member " + m + ", expected 0 or more");
      }
    }
    this.seed = seed;
    this.members = scope.of(Shape.of(members.length), members);
    this.step = scope.of(Shape.of(1), new int[1]);
  }

  /** The members 0 … count-1. */
  public static int[] firstMembers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("rng: " + count + " members, expected one or more");
    }
    int[] members = new int[count];
    for (int i = 0; i < count; i++) {
      members[i] = i;
    }
    return members;
  }

  /** The key of all its numbers. */
  public long seed() {
    return seed;
  }

  /** How many members draw. */
  public int members() {
    return members.size();
  }

  /** The step counter, INT32 [1]: part of a checkpoint; overwrite it to resume. */
  public Tensor step() {
    return step;
  }

  /** Moves every stream on to its next numbers. */
  public void nextStep() {
    step.device().run(new Primitive.Increment(step.buffer()));
    hostStep++;
  }

  /** Uniform on [low, high); {@code shape} is [E, …]. */
  public Tensor uniform(String stream, Shape shape, double low, double high) {
    if (!(low <= high && Double.isFinite(high - low))) {
      throw new IllegalArgumentException(
          "uniform: from " + low + " to " + high + ", expected finite numbers in this order");
    }
    return draw(Distribution.UNIFORM, stream, shape, low, high);
  }

  /** Normal; {@code shape} is [E, …]. */
  public Tensor normal(String stream, Shape shape, double mean, double sd) {
    checkNormal("normal", mean, sd);
    return draw(Distribution.NORMAL, stream, shape, mean, sd);
  }

  /** Normal confined to two standard deviations around the mean; {@code shape} is [E, …]. */
  public Tensor truncatedNormal(String stream, Shape shape, double mean, double sd) {
    checkNormal("truncatedNormal", mean, sd);
    return draw(Distribution.TRUNCATED_NORMAL, stream, shape, mean, sd);
  }

  private static void checkNormal(String what, double mean, double sd) {
    if (!(Double.isFinite(mean) && sd >= 0 && Double.isFinite(sd))) {
      throw new IllegalArgumentException(
          what
              + ": mean "
              + mean
              + " and standard deviation "
              + sd
              + ", expected finite numbers, the second not negative");
    }
  }

  /** 1 with the given probability, else 0; {@code shape} is [E, …]. */
  public Tensor bernoulli(String stream, Shape shape, double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "bernoulli: probability " + probability + ", expected 0 to 1");
    }
    return draw(Distribution.BERNOULLI, stream, shape, probability, 0);
  }

  /** INT32, uniform on [0, bound); {@code shape} is [E, …]. */
  public Tensor integers(String stream, Shape shape, int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("integers: bound " + bound + ", expected at least 1");
    }
    return draw(Distribution.INTEGER, stream, shape, bound, 0);
  }

  /**
   * INT32 [E, count]: the indices of this step's batch, from endless shuffled epochs of {@code
   * population} items that drop their last partial batch. Step s of the counter is batch number s.
   */
  public Tensor shuffledBatch(String stream, int population, int count) {
    Tensor y = Tensor.empty(ElementType.INT32, Shape.of(members.size(), count), "shuffledBatch");
    run(
        new Primitive.ShuffledBatch(
            seed, use(stream), step.buffer(), members.buffer(), population, count, y.buffer()));
    return y;
  }

  /** INT32 [E, n]: a random permutation of 0 … n-1 for each member. */
  public Tensor permutation(String stream, int n) {
    return shuffledBatch(stream, n, n);
  }

  private Tensor draw(Distribution d, String stream, Shape shape, double p, double q) {
    if (shape.rank() == 0 || shape.dim(0) != members.size()) {
      throw new ShapeException(
          "random: shape "
              + shape
              + " for "
              + members.size()
              + " members, expected ["
              + members.size()
              + ", …]");
    }
    ElementType type = d == Distribution.INTEGER ? ElementType.INT32 : ElementType.REAL;
    Tensor y = Tensor.empty(type, shape, "random");
    fill(d, use(stream), p, q, y.buffer(), shape.product(1, shape.rank()));
    return y;
  }

  private void fill(Distribution d, int stream, double p, double q, Buffer y, int perMember) {
    run(new Primitive.Random(d, p, q, seed, stream, step.buffer(), members.buffer(), perMember, y));
  }

  private void run(Primitive primitive) {
    step.device().run(primitive);
  }

  private int use(String name) {
    Stream s = streams.get(name);
    if (s == null) {
      s = new Stream(id(name));
      for (Map.Entry<String, Stream> other : streams.entrySet()) {
        if (other.getValue().id == s.id) {
          throw new IllegalArgumentException(
              "rng: streams '"
                  + name
                  + "' and '"
                  + other.getKey()
                  + "' have the same number, rename one");
        }
      }
      streams.put(name, s);
    }
    long now = hostStep + step.device().replays();
    if (s.usedAt == now) {
      throw new IllegalStateException(
          "rng: stream '" + name + "' is drawn twice in one step, which would repeat its numbers");
    }
    s.usedAt = now;
    return s.id;
  }

  /** The number of a stream: FNV-1a of its name's UTF-8 bytes. */
  public static int id(String name) {
    int h = 0x811c9dc5;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      h = (h ^ (b & 0xff)) * 0x01000193;
    }
    return h;
  }
}
