package dev.troupe.autograd.ops;

import dev.troupe.autograd.Variable;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.tensor.Scope;

/**
 * Compares a device with the reference: for each result element the constant c in {@code |y - ref|
 * ≤ c·(K + 8)·2⁻²⁴·Σ|terms|}. Integers must be equal; NaN and infinities must be where the
 * reference, rounded to float32, has them.
 */
public final class Agreement {
  private static final double UNIT = 0x1p-24;

  /** An op whose values were computed at hand: what it must not exceed. */
  public static final double LIMIT = 4;

  private Agreement() {}

  /**
   * The largest c over the elements of one sample; infinite where something that must be equal is
   * not.
   */
  public static double worst(Device device, Device reference, Sample sample) {
    Values expected = run(reference, sample, true);
    Values actual = run(device, sample, false);
    if (actual.y.length != expected.y.length) {
      throw new AssertionError(
          sample.label() + ": " + actual.y.length + " elements, expected " + expected.y.length);
    }
    double worst = 0;
    for (int i = 0; i < actual.y.length; i++) {
      double y = actual.y[i];
      double ref = expected.y[i];
      double terms = expected.terms[i];
      if (y == ref || y == (float) ref || (Double.isNaN(y) && Double.isNaN(ref))) {
        continue;
      }
      double bound = (sample.length() + 8) * UNIT * terms;
      // Below the normal range float32 has no relative precision left; a unit there is 2^-149.
      double c = Math.max(0, Math.abs(y - ref) - 2 * Float.MIN_VALUE) / bound;
      if (expected.integers || Double.isNaN(c)) {
        c = Double.POSITIVE_INFINITY;
      }
      worst = Math.max(worst, c);
    }
    return worst;
  }

  /** The result of one sample on a device, whole numbers as well as reals. */
  public static double[] result(Device device, Sample sample) {
    return run(device, sample, false).y;
  }

  private record Values(double[] y, double[] terms, boolean integers) {}

  private static Values run(Device device, Sample sample, boolean withTerms) {
    try (Scope scope = Scope.open(device, "agreement")) {
      Variable[] in = sample.make();
      Variable result = sample.call().apply(in);
      boolean integers = result.tensor().type() == ElementType.INT32;
      double[] y = values(result);
      double[] terms = null;
      if (withTerms) {
        terms = sample.terms() == null ? y.clone() : values(sample.terms().apply(in));
        for (int i = 0; i < terms.length; i++) {
          terms[i] = Math.abs(terms[i]);
        }
      }
      return new Values(y, terms, integers);
    }
  }

  private static double[] values(Variable v) {
    if (v.tensor().type() == ElementType.REAL) {
      return v.tensor().toDoubles();
    }
    int[] ints = v.tensor().toInts();
    double[] out = new double[ints.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = ints[i];
    }
    return out;
  }
}
