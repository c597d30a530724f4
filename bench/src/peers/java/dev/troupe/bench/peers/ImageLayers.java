package dev.troupe.bench.peers;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.conv_transpose2d;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** Layers of image networks in one of libtorch's layouts, with the list of their parameters. */
final class ImageLayers {
  private static final double EPSILON = 1e-5;
  private static final double MOMENTUM = 0.1;

  private final boolean channelsLast;
  private final List<Tensor> parameters = new ArrayList<>();

  ImageLayers(boolean channelsLast) {
    this.channelsLast = channelsLast;
  }

  /** A function with parameters. */
  @FunctionalInterface
  interface Layer {
    Tensor apply(Tensor x);
  }

  List<Tensor> parameters() {
    return parameters;
  }

  /** In this network's layout. */
  Tensor laidOut(Tensor images) {
    return channelsLast ? images.contiguous(MemoryFormat.ChannelsLast) : images;
  }

  private Tensor weight(double sd, long... shape) {
    Tensor weight = laidOut(Tensors.normal(sd, shape).detach()).detach().set_requires_grad(true);
    parameters.add(weight);
    return weight;
  }

  private TensorOptional bias(boolean has, long size) {
    if (!has) {
      return new TensorOptional();
    }
    Tensor bias = Tensors.zeros(size);
    parameters.add(bias);
    return new TensorOptional(bias);
  }

  Layer convolution(
      int in, int out, int kernel, int stride, int padding, boolean biased, double sd) {
    Tensor weight = weight(sd, out, in, kernel, kernel);
    TensorOptional bias = bias(biased, out);
    long[] strides = {stride, stride};
    long[] paddings = {padding, padding};
    long[] dilation = {1, 1};
    return x -> conv2d(x, weight, bias, strides, paddings, dilation, 1);
  }

  Layer transposed(
      int in, int out, int kernel, int stride, int padding, boolean biased, double sd) {
    Tensor weight = weight(sd, in, out, kernel, kernel);
    TensorOptional bias = bias(biased, out);
    long[] strides = {stride, stride};
    long[] paddings = {padding, padding};
    long[] none = {0, 0};
    return x -> conv_transpose2d(x, weight, bias, strides, paddings, none, 1, 1, 1);
  }

  Layer norm(int channels) {
    Tensor scale = Tensors.ones(channels);
    Tensor shift = Tensors.zeros(channels);
    parameters.add(scale);
    parameters.add(shift);
    TensorOptional gamma = new TensorOptional(scale);
    TensorOptional beta = new TensorOptional(shift);
    TensorOptional mean = new TensorOptional(torch.zeros(channels));
    TensorOptional variance = new TensorOptional(torch.ones(channels));
    return x -> batch_norm(x, gamma, beta, mean, variance, true, MOMENTUM, EPSILON, false);
  }
}
