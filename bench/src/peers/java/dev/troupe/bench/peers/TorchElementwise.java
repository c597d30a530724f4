package dev.troupe.bench.peers;

import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's elementwise functions, in the form that writes into a given tensor and allocates
 * nothing.
 */
final class TorchElementwise implements Work {
  private final WorkSpec.Elementwise spec;
  private final int threads;
  private final PointerScope owned;
  private final Tensor input;
  private final Tensor second;
  private final Tensor output;
  private final Scalar one;
  private final Scalar threshold;

  TorchElementwise(WorkSpec.Elementwise spec, int threads) {
    this.spec = spec;
    this.threads = threads;
    Native.useThreads(threads);
    try (PointerScope scope = new PointerScope()) {
      owned = scope.extend();
      input = Tensor.create(spec.input());
      second = Tensor.create(spec.secondInput());
      output = torch.zeros(WorkSpec.Elementwise.SIZE);
      one = new Scalar(1f);
      threshold = new Scalar(20f);
    }
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public void step() {
    Native.useThreads(threads);
    try (PointerScope scope = new PointerScope()) {
      switch (spec.function()) {
        case EXP -> torch.exp_out(output, input);
        case TANH -> torch.tanh_out(output, input);
        case SIGMOID -> torch.sigmoid_out(output, input);
        case SOFTPLUS -> torch.softplus_out(output, input, one, threshold);
        case ADD -> torch.add_out(output, input, second, one);
      }
    }
  }

  @Override
  public double flops() {
    return spec.flops(1);
  }

  /** For tests. */
  float[] result() {
    return Tensors.toArray(output);
  }

  @Override
  public void close() {
    owned.close();
  }
}
