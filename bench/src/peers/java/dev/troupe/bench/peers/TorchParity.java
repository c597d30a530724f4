package dev.troupe.bench.peers;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Agreement;
import dev.troupe.autograd.ops.Entry;
import dev.troupe.autograd.ops.Sample;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The samples of the catalogue in Troupe and in libtorch: their values, and the gradients of {@code
 * Σ w·y} for random weights w. The {@code cpu} device is compared with libtorch in float32, {@code
 * reference} with libtorch in float64.
 *
 * <p>A value may differ by {@code 2·4·(K + 8)·u·Σ|terms|}, twice what the catalogue allows one
 * device, with u = 2⁻²⁴ or 2⁻⁵³. The terms of a gradient are not known; it may differ by {@code
 * 2·4·(K + 8)·u} of the largest element of that gradient, K being the largest size of any axis, or
 * the number of elements that broadcasting made of one.
 */
final class TorchParity implements AutoCloseable {
  /** Ours and theirs may each be off by the catalogue's limit. */
  static final double LIMIT = 2 * Agreement.LIMIT;

  /** One op: the largest differences over its samples, in units of {@code (K + 8)·u·scale}. */
  record Row(String op, int samples, Difference single, Difference twofold, String note) {
    boolean within() {
      return single.within(LIMIT) && twofold.within(LIMIT);
    }
  }

  /**
   * The largest differences.
   *
   * @param gradient NaN if there is none
   */
  record Difference(double value, double gradient) {
    static final Difference NONE = new Difference(0, Double.NaN);

    Difference max(Difference other) {
      return new Difference(
          Math.max(value, other.value),
          Double.isNaN(gradient)
              ? other.gradient
              : Double.isNaN(other.gradient) ? gradient : Math.max(gradient, other.gradient));
    }

    boolean within(double limit) {
      return value <= limit && !(gradient > limit);
    }
  }

  /** Inputs as they were made, and what came out. */
  private record Result(double[] y, List<double[]> gradients) {}

  private final Device cpu = new CpuDevice(1);
  private final Device reference = new ReferenceDevice();

  TorchParity() {
    Native.useThreads(1);
  }

  /** Compares all samples of an op; an op without a counterpart has a row without differences. */
  Row compare(Entry entry) {
    Counterparts.Call call = Counterparts.of(entry.name());
    String absent = Counterparts.ABSENT.get(entry.name());
    if ((call == null) == (absent == null)) {
      throw new IllegalStateException(
          "parity: %s has %s, expected one of the two"
              .formatted(
                  entry.name(),
                  call == null
                      ? "neither a counterpart nor a reason for having none"
                      : "a counterpart and a reason for having none"));
    }
    if (call == null) {
      return new Row(entry.name(), 0, Difference.NONE, Difference.NONE, "none: " + absent);
    }
    String note = Counterparts.DIFFERENT.getOrDefault(entry.name(), "");
    Difference single = Difference.NONE;
    Difference twofold = Difference.NONE;
    for (Sample sample : entry.samples()) {
      boolean different = !note.isEmpty() && sample.label().equals("special");
      single = single.max(difference(cpu, sample, call, 0x1p-24, different));
      twofold = twofold.max(difference(reference, sample, call, 0x1p-53, different));
    }
    return new Row(entry.name(), entry.samples().size(), single, twofold, note);
  }

  /**
   * The differences of one sample.
   *
   * @param different whether a NaN in one of the two values alone is expected
   */
  private Difference difference(
      Device device, Sample sample, Counterparts.Call call, double unit, boolean different) {
    double[] terms = terms(sample);
    try (Scope scope = Scope.open(device, "parity");
        PointerScope natives = new PointerScope()) {
      Variable[] in = sample.make();
      Result ours = ours(sample, in);
      Result theirs = theirs(sample, in, call);
      double value = 0;
      for (int i = 0; i < same(sample, ours.y.length, theirs.y.length); i++) {
        double bound = (sample.length() + 8) * unit * terms[i];
        if (different && Double.isNaN(ours.y[i]) != Double.isNaN(theirs.y[i])) {
          continue;
        }
        value = Math.max(value, distance(ours.y[i], theirs.y[i], bound));
      }
      double gradient = Double.NaN;
      for (int i = 0; i < ours.gradients.size(); i++) {
        double[] mine = ours.gradients.get(i);
        double[] other = theirs.gradients.get(i);
        double scale = Arrays.stream(other).map(Math::abs).max().orElse(0);
        double bound = (longest(in, ours.y.length, mine.length) + 8) * unit * scale;
        for (int j = 0; j < same(sample, mine.length, other.length); j++) {
          double d = distance(mine[j], other[j], bound);
          gradient = Double.isNaN(gradient) ? d : Math.max(gradient, d);
        }
      }
      return new Difference(value, gradient);
    }
  }

  private static int same(Sample sample, int ours, int theirs) {
    if (ours != theirs) {
      throw new IllegalStateException(
          "parity: %s has %d elements in libtorch, expected %d"
              .formatted(sample.label(), theirs, ours));
    }
    return ours;
  }

  /** K of the bound of a gradient. */
  private static int longest(Variable[] in, int results, int elements) {
    int axes =
        Arrays.stream(in)
            .flatMapToInt(x -> IntStream.range(0, x.shape().rank()).map(x.shape()::dim))
            .max()
            .orElse(1);
    return Math.max(axes, Math.ceilDiv(results, Math.max(1, elements)));
  }

  private static double distance(double ours, double theirs, double bound) {
    if (ours == theirs || Double.isNaN(ours) && Double.isNaN(theirs)) {
      return 0;
    }
    // Below the normal range there is no relative precision left; a unit there is 2^-149.
    double beyond = Math.max(0, Math.abs(ours - theirs) - 2 * Float.MIN_VALUE);
    double c = beyond == 0 ? 0 : beyond / bound;
    return Double.isNaN(c) ? Double.POSITIVE_INFINITY : c;
  }

  /** Σ|terms| of each result element. */
  private double[] terms(Sample sample) {
    try (Scope scope = Scope.open(reference, "terms")) {
      Variable[] in = sample.make();
      Variable terms = sample.terms() == null ? sample.call().apply(in) : sample.terms().apply(in);
      return Arrays.stream(values(terms)).map(Math::abs).toArray();
    }
  }

  private static double[] values(Variable v) {
    return v.tensor().type() == ElementType.REAL
        ? v.tensor().toDoubles()
        : Arrays.stream(v.tensor().toInts()).asDoubleStream().toArray();
  }

  private static Result ours(Sample sample, Variable[] in) {
    Variable y = sample.call().apply(in);
    List<double[]> gradients = new ArrayList<>();
    if (sample.order() > 0) {
      Variable[] leaves = Arrays.stream(in).filter(Variable::requiresGrad).toArray(Variable[]::new);
      Variable w = Variable.constant(Scope.current().of(y.shape(), weights(y.shape())));
      for (Variable gradient : Gradients.of(y, w, false, leaves)) {
        gradients.add(gradient.tensor().toDoubles());
      }
    }
    return new Result(values(y), gradients);
  }

  private static Result theirs(Sample sample, Variable[] in, Counterparts.Call call) {
    boolean single = Scope.current().device() instanceof CpuDevice;
    Tensor[] x = new Tensor[in.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = tensor(in[i], single);
    }
    Tensor y = call.apply(x, sample.label());
    List<double[]> gradients = new ArrayList<>();
    if (sample.order() > 0) {
      Shape shape = Shape.of(IntStream.range(0, (int) y.dim()).map(i -> (int) y.size(i)).toArray());
      Tensor w = real(shape, weights(shape), single);
      y.mul(w).sum().backward();
      for (Tensor leaf : x) {
        if (leaf.requires_grad()) {
          Tensor gradient = leaf.grad();
          gradients.add(
              gradient.defined() ? array(gradient) : new double[Math.toIntExact(leaf.numel())]);
        }
      }
    }
    return new Result(array(y), gradients);
  }

  /** Weights of the result's elements, the same for both. */
  private static float[] weights(Shape shape) {
    SplittableRandom random = new SplittableRandom(shape.size());
    float[] w = new float[shape.size()];
    for (int i = 0; i < w.length; i++) {
      w[i] =
          (float) (random.nextInt(2) == 0 ? 0.5 + random.nextDouble() : -0.5 - random.nextDouble());
    }
    return w;
  }

  private static Tensor tensor(Variable v, boolean single) {
    if (v.tensor().type() == ElementType.INT32) {
      long[] index = Arrays.stream(v.tensor().toInts()).asLongStream().toArray();
      return Tensor.create(index, sizes(v.shape()));
    }
    return real(v.shape(), v.tensor().toFloats(), single).set_requires_grad(v.requiresGrad());
  }

  private static Tensor real(Shape shape, float[] values, boolean single) {
    // JavaCPP makes no tensor from an empty array.
    Tensor t = values.length == 0 ? torch.zeros(sizes(shape)) : Tensor.create(values, sizes(shape));
    return single ? t : t.to(torch.ScalarType.Double);
  }

  private static long[] sizes(Shape shape) {
    return IntStream.range(0, shape.rank()).mapToLong(shape::dim).toArray();
  }

  private static double[] array(Tensor t) {
    double[] values = new double[Math.toIntExact(t.numel())];
    if (values.length > 0) {
      Tensor plain = t.detach().to(torch.ScalarType.Double).contiguous();
      new DoublePointer(plain.data_ptr_double()).get(values);
    }
    return values;
  }

  @Override
  public void close() {
    cpu.close();
    reference.close();
  }
}
