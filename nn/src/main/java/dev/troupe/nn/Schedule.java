package dev.troupe.nn;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;

/**
 * A learning rate as a function of the update's number, 0 for the first. It is computed on the
 * device from the counter that lives there, so that a training step reads nothing on the host.
 */
@FunctionalInterface
public interface Schedule {
  /**
   * The rate.
   *
   * @param step REAL [1]
   * @return REAL [1]
   */
  Variable at(Variable step);

  /** Whether the rate is the same for all steps, so that it need not be computed again. */
  default boolean isConstant() {
    return false;
  }

  /** Always the same. */
  static Schedule constant(double rate) {
    if (!Double.isFinite(rate)) {
      throw new IllegalArgumentException("schedule: rate is " + rate + ", expected a number");
    }
    return new Schedule() {
      @Override
      public Variable at(Variable step) {
        return Ops.affine(step, 0, rate);
      }

      @Override
      public boolean isConstant() {
        return true;
      }
    };
  }

  /** From {@code from} to {@code to} along a straight line over {@code steps}, then constant. */
  static Schedule linear(double from, double to, long steps) {
    return step -> Ops.affine(progress(step, steps), to - from, from);
  }

  /** From {@code from} to {@code to} along half a cosine over {@code steps}, then constant. */
  static Schedule cosine(double from, double to, long steps) {
    return step ->
        Ops.affine(
            Ops.cos(Ops.mul(progress(step, steps), Math.PI)), (from - to) / 2, (from + to) / 2);
  }

  /**
   * {@code from · (to / from)^(step / steps)}: geometric from {@code from} to {@code to}, then
   * constant.
   */
  static Schedule exponential(double from, double to, long steps) {
    if (!(from > 0 && to > 0)) {
      throw new IllegalArgumentException(
          "schedule: exponential from " + from + " to " + to + ", expected both above 0");
    }
    return step -> Ops.mul(Ops.exp(Ops.mul(progress(step, steps), Math.log(to / from))), from);
  }

  /**
   * {@code rates[i]} up to {@code boundaries[i]} (exclusive), and the last one after the last
   * boundary.
   */
  static Schedule steps(double[] rates, long... boundaries) {
    if (rates.length != boundaries.length + 1) {
      throw new IllegalArgumentException(
          "schedule: "
              + rates.length
              + " rates for "
              + boundaries.length
              + " boundaries, expected one more");
    }
    return step -> {
      Variable rate = Ops.affine(step, 0, rates[0]);
      for (int i = 0; i < boundaries.length; i++) {
        rate = Ops.addScaled(rate, rates[i + 1] - rates[i], Ops.step(step, boundaries[i] - 0.5));
      }
      return rate;
    };
  }

  /**
   * {@code then}, multiplied by a factor that rises from {@code 1 / steps} to 1 over the first
   * {@code steps} updates.
   */
  static Schedule warmUp(long steps, Schedule then) {
    return step ->
        Ops.mul(then.at(step), Ops.clamp(Ops.affine(step, 1.0 / steps, 1.0 / steps), 0, 1));
  }

  private static Variable progress(Variable step, long steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("schedule: over " + steps + " steps, expected 1 or more");
    }
    return Ops.clamp(Ops.mul(step, 1.0 / steps), 0, 1);
  }
}
