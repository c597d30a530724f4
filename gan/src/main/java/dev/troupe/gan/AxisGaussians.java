package dev.troupe.gan;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/**
 * Gaussians with equal weights whose centres are the first unit vectors of R^F and whose
 * covariances are sd² I (Tang 2020, section IV.A: n of them in 1024 dimensions, covariance 0.09 I).
 */
public final class AxisGaussians implements Source {
  /** The paper's standard deviation along each axis, the square root of 0.09. */
  public static final double PAPER_SD = 0.3;

  private final int modes;
  private final double sd;
  private final Tensor centres; // [modes, F]

  /**
   * The mixture.
   *
   * @param scope owns the centres
   * @param modes how many Gaussians, 1 to {@code dimensions}
   * @param dimensions F
   * @param sd standard deviation along each axis
   */
  public AxisGaussians(Scope scope, int modes, int dimensions, double sd) {
    if (modes < 1 || modes > dimensions) {
      throw new IllegalArgumentException(
          "axisGaussians: "
              + modes
              + " Gaussians on the axes of "
              + dimensions
              + " dimensions, expected 1 to "
              + dimensions);
    }
    if (!(sd > 0) || sd == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "axisGaussians: sd is " + sd + ", expected a finite number above 0");
    }
    this.modes = modes;
    this.sd = sd;
    double[] units = new double[Math.multiplyExact(modes, dimensions)];
    for (int i = 0; i < modes; i++) {
      units[i * dimensions + i] = 1;
    }
    this.centres = scope.of(Shape.of(modes, dimensions), units);
  }

  /** How many Gaussians. */
  public int modes() {
    return modes;
  }

  /** Standard deviation along each axis. */
  public double sd() {
    return sd;
  }

  @Override
  public int features() {
    return centres.shape().dim(1);
  }

  @Override
  public Variable draw(Rng rng, String stream, int count) {
    int members = rng.members();
    Variable mode =
        Variable.constant(rng.integers(stream + "/mode", Shape.of(members, count), modes));
    Variable noise =
        Variable.constant(
            rng.normal(stream + "/noise", Shape.of(members, count, features()), 0, sd));
    return Ops.add(Ops.gatherShared(Variable.constant(centres), mode), noise);
  }
}
