package dev.troupe.bench.peers;

import dev.troupe.bench.WorkSpec.Grid2d;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Parameters, their optimiser, and arrays of their values. */
final class Tensors {
  private Tensors() {}

  /** A parameter of zeros. */
  static Tensor zeros(long... shape) {
    return torch.zeros(shape).set_requires_grad(true);
  }

  /** A parameter of ones. */
  static Tensor ones(long... shape) {
    return torch.ones(shape).set_requires_grad(true);
  }

  /** A parameter drawn from N(0, sd²). */
  static Tensor normal(double sd, long... shape) {
    return torch.randn(shape).mul_(new Scalar(sd)).set_requires_grad(true);
  }

  /** Adam with the settings of {@link Grid2d}. */
  static Adam adam(TensorVector parameters) {
    return adam(parameters, Grid2d.LEARNING_RATE, Grid2d.BETA1, Grid2d.BETA2, Grid2d.ADAM_EPS);
  }

  /** Adam. */
  static Adam adam(
      TensorVector parameters, double rate, double beta1, double beta2, double epsilon) {
    AdamOptions options = new AdamOptions(rate);
    // JavaCPP shows std::tuple<double, double> in the order in which it lies in memory, which is
    // the reverse.
    options.betas().put(0, beta2).put(1, beta1);
    options.eps().put(epsilon);
    return new Adam(parameters, options);
  }

  /** A weight [out, in], Glorot uniform. */
  static Tensor glorot(long out, long in) {
    double bound = Math.sqrt(6.0 / (in + out));
    return torch
        .rand(out, in)
        .mul_(new Scalar(2 * bound))
        .sub_(new Scalar(bound))
        .set_requires_grad(true);
  }

  /** The elements in row-major order. */
  static float[] toArray(Tensor tensor) {
    Tensor plain = tensor.detach().contiguous();
    float[] values = new float[Math.toIntExact(plain.numel())];
    new FloatPointer(plain.data_ptr_float()).get(values);
    return values;
  }
}
