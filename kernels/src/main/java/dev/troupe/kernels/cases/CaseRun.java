package dev.troupe.kernels.cases;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cases.PrimitiveCases.Bound;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.cases.PrimitiveCases.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs cases and compares what they give: |y - ref| ≤ (K + 8) · 2⁻²⁴ · Σ|terms| with K the reduced
 * length.
 */
public final class CaseRun {
  private static final double UNIT = 0x1p-24;

  /** What the factors of a term may be off in TF32: each by 2⁻¹¹ of itself. */
  private static final double ROUNDED = 0x1p-10;

  /** The same where they are cut off instead of rounded, as libraries may do. */
  public static final double CUT = 0x1p-9;

  /** What has other kernels for newer GPUs, and for TF32. */
  public static final Set<Class<?>> HAVE_VARIANTS =
      Set.of(
          Primitive.MatMul.class,
          Primitive.LinearGrad.class,
          Primitive.LinearMaxout.class,
          Primitive.Conv2d.class,
          Primitive.Conv2dInputGrad.class,
          Primitive.Conv2dWeightGrad.class);

  private CaseRun() {}

  /** The cases of one primitive so far: how many, the largest c, and where it was. */
  public static final class Worst {
    private int cases;
    private double c;
    private String where = "";

    /** How many cases. */
    public int cases() {
      return cases;
    }

    /** The largest c, of which 1 is allowed. */
    public double c() {
      return c;
    }

    /** The label of the case with the largest c. */
    public String where() {
      return where;
    }
  }

  /**
   * The contents of what a primitive writes, REAL or INT32; the bounds are those of the device that
   * they are from.
   */
  public record Results(String name, List<double[]> reals, List<int[]> ints, List<Bound> bounds) {
    /** Whether all values are the same, where any NaN is as good as any other. */
    public boolean sameBits(Results other) {
      for (int k = 0; k < reals.size(); k++) {
        if (!Arrays.equals(reals.get(k), other.reals.get(k))
            || !Arrays.equals(ints.get(k), other.ints.get(k))) {
          return false;
        }
      }
      return true;
    }

    /** How many values are not the same, where any NaN is as good as any other. */
    public long unlike(Results other) {
      long count = 0;
      for (int k = 0; k < reals.size(); k++) {
        for (int i = 0; i < reals.get(k).length; i++) {
          count += Double.compare(reals.get(k)[i], other.reals.get(k)[i]) == 0 ? 0 : 1;
        }
        for (int i = 0; i < ints.get(k).length; i++) {
          count += ints.get(k)[i] == other.ints.get(k)[i] ? 0 : 1;
        }
      }
      return count;
    }

    /** The same values with the bounds of TF32: ((K + 8) · 2⁻²⁴ + 2⁻¹⁰) · Σ|terms|. */
    public Results widened() {
      return widened(ROUNDED);
    }

    /** The same for terms that are off by this share of themselves, such as {@link #CUT}. */
    public Results widened(double ofTerms) {
      List<Bound> wide = new ArrayList<>();
      for (Bound bound : bounds) {
        if (bound == null) { // of numbers that TF32 has, too
          wide.add(null);
          continue;
        }
        double factor = 1 + ofTerms / ((bound.k() + 8) * UNIT);
        wide.add(new Bound(bound.k(), (i, y) -> factor * bound.terms().of(i, y)));
      }
      return new Results(name, reals, ints, wide);
    }
  }

  /** The case in words. */
  public static String what(Case c) {
    return c.kind().getSimpleName() + " " + c.label();
  }

  /** On buffers that are slices of larger ones. */
  public static Results run(Case c, Device device) {
    return run(c, device, new Inputs(device, c.label().hashCode()));
  }

  /** On buffers of {@code inputs}, which it gives back. */
  public static Results run(Case c, Device device, Inputs inputs) {
    return run(c, device, inputs, device::run);
  }

  /**
   * On buffers of {@code inputs}, which it gives back.
   *
   * @param runner runs the primitive, whose results are then read
   * @throws AssertionError if it throws, or writes outside its results
   */
  public static Results run(Case c, Device device, Inputs inputs, Consumer<Primitive> runner) {
    Sample sample = c.build().apply(inputs);
    try {
      runner.accept(sample.primitive());
    } catch (RuntimeException e) {
      throw new AssertionError(device.name() + ": " + what(c), e);
    }
    List<double[]> reals = new ArrayList<>();
    List<int[]> ints = new ArrayList<>();
    for (Buffer result : sample.primitive().writes()) {
      boolean real = result.type() == ElementType.REAL;
      double[] values = new double[real ? result.size() : 0];
      int[] integers = new int[real ? 0 : result.size()];
      if (real) {
        device.read(result, values);
      } else {
        device.read(result, integers);
      }
      reals.add(values);
      ints.add(integers);
    }
    inputs.checkAndRelease(device.name() + ": " + what(c));
    return new Results(sample.primitive().name(), reals, ints, sample.bounds());
  }

  /**
   * Compares with the reference.
   *
   * @param table by kind and name of the primitive; it is added to
   * @param wrong gets a line for each result that is beyond its bound
   */
  public static void compare(
      Case c, Results expected, Results actual, Map<String, Worst> table, List<String> wrong) {
    Worst worst =
        table.computeIfAbsent(c.kind().getSimpleName() + " " + expected.name, n -> new Worst());
    worst.cases++;
    if (expected.bounds.size() != expected.reals.size()) {
      throw new AssertionError(
          what(c) + ": " + expected.bounds.size() + " bounds, expected " + expected.reals.size());
    }
    for (int k = 0; k < expected.reals.size(); k++) {
      if (!Arrays.equals(expected.ints.get(k), actual.ints.get(k))) {
        wrong.add(
            what(c)
                + ": result "
                + k
                + " is "
                + Arrays.toString(actual.ints.get(k))
                + ", expected "
                + Arrays.toString(expected.ints.get(k)));
      }
      double[] refs = expected.reals.get(k);
      double[] ys = actual.reals.get(k);
      for (int i = 0; i < refs.length; i++) {
        double error = error(expected.bounds.get(k), i, refs[i], ys[i]);
        if (error > worst.c) {
          worst.c = error;
          worst.where = c.label();
        }
        if (!(error <= 1)) {
          wrong.add(
              what(c)
                  + ": element "
                  + i
                  + " of result "
                  + k
                  + " is "
                  + ys[i]
                  + ", expected "
                  + refs[i]
                  + ", c = "
                  + error);
          break;
        }
      }
    }
  }

  /** The c for which |y - ref| = c · (K + 8) · 2⁻²⁴ · Σ|terms|. */
  private static double error(Bound bound, int i, double ref, double y) {
    float rounded = (float) ref;
    if (Double.compare(rounded, y) == 0) {
      return 0;
    }
    if (bound == null || Double.isNaN(ref) || Double.isNaN(y) || Double.isInfinite(ref)) {
      return bound != null && rounded == y ? 0 : Double.POSITIVE_INFINITY;
    }
    double allowed = (bound.k() + 8) * (UNIT * bound.terms().of(i, ref) + Float.MIN_VALUE);
    if (Double.isInfinite(y)) {
      // Right where the largest float is within reach.
      boolean near =
          Math.signum(y) == Math.signum(ref) && Math.abs(ref) + allowed > Float.MAX_VALUE;
      return near ? 0 : Double.POSITIVE_INFINITY;
    }
    double off = Math.abs(y - ref);
    return off / allowed;
  }
}
