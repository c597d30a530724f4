package dev.troupe.bench.peers;

import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import dev.troupe.bench.WorkSpec.Direction;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's convolutions, that is oneDNN's, in one of two memory formats; members one after the
 * other. The result is allocated in each step, as in training.
 */
final class TorchConvolution implements Work {
  private static final long[] ONES = {1, 1};
  private static final long[] ZEROS = {0, 0};

  private final WorkSpec.Convolution spec;
  private final int members;
  private final int threads;
  private final PointerScope owned;
  private final Tensor x; // [N, C, H, W]
  private final Tensor weight; // [O, C, K, K]
  private final Tensor dy; // [N, O, rows, columns]
  private final TensorOptional bias;
  private final BoolPointer wanted; // gradients by input, weight and bias
  private final long[] stride;
  private final long[] padding;

  TorchConvolution(WorkSpec.Convolution spec, int members, int threads, boolean channelsLast) {
    this.spec = spec;
    this.members = members;
    this.threads = threads;
    this.stride = new long[] {spec.stride(), spec.stride()};
    this.padding = new long[] {spec.padding(), spec.padding()};
    Native.useThreads(threads);
    torch.MemoryFormat format =
        channelsLast ? torch.MemoryFormat.ChannelsLast : torch.MemoryFormat.Contiguous;
    try (PointerScope scope = new PointerScope()) {
      owned = scope.extend();
      x =
          Tensor.create(spec.images(), spec.batch(), spec.in(), spec.height(), spec.width())
              .contiguous(format);
      weight =
          Tensor.create(spec.weight(), spec.out(), spec.in(), spec.kernel(), spec.kernel())
              .contiguous(format);
      dy =
          Tensor.create(
                  spec.gradients(), spec.batch(), spec.out(), spec.outHeight(), spec.outWidth())
              .contiguous(format);
      bias = new TensorOptional(torch.zeros(spec.out()));
      wanted = new BoolPointer(3);
      wanted.put(0, spec.direction() == Direction.INPUT);
      wanted.put(1, spec.direction() == Direction.WEIGHT);
      wanted.put(2, false);
    }
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public void step() {
    Native.useThreads(threads);
    for (int i = 0; i < members; i++) {
      try (PointerScope scope = new PointerScope()) {
        compute();
      }
    }
  }

  private Tensor compute() {
    if (spec.direction() == Direction.FORWARD) {
      return torch.conv2d(x, weight, bias, stride, padding, ONES, 1);
    }
    T_TensorTensorTensor_T gradients =
        torch.convolution_backward(
            dy, x, weight, ZEROS, stride, padding, ONES, false, ZEROS, 1, wanted);
    return spec.direction() == Direction.INPUT ? gradients.get0() : gradients.get1();
  }

  @Override
  public double flops() {
    return spec.flops(members);
  }

  /** For tests. */
  float[] result() {
    try (PointerScope scope = new PointerScope()) {
      return Tensors.toArray(compute());
    }
  }

  @Override
  public void close() {
    owned.close();
  }
}
