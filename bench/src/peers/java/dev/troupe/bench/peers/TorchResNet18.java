package dev.troupe.bench.peers;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.index_select;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.relu_;

import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec.ResNet18;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The training step of {@link ResNet18} in libtorch; members are trained one after the other. */
final class TorchResNet18 implements Work {
  private final int members;
  private final int threads;
  private final PointerScope owned;
  private final Tensor images; // [IMAGES, 3, 32, 32]
  private final List<Member> trained = new ArrayList<>();
  private long steps;

  private final class Member {
    private final int member;
    private final ImageLayers layers;
    private final List<ImageLayers.Layer> body = new ArrayList<>();
    private final Tensor weight; // [CLASSES, features]
    private final Tensor bias;
    private final SGD sgd;
    private final Tensor loss = torch.zeros();

    Member(int member, boolean channelsLast) {
      this.member = member;
      layers = new ImageLayers(channelsLast);
      int in = ResNet18.WIDTH;
      ImageLayers.Layer entry = convolution(ResNet18.CHANNELS, in, 3, 1);
      ImageLayers.Layer norm = layers.norm(in);
      body.add(x -> relu_(norm.apply(entry.apply(x))));
      for (int stage = 0; stage < 4; stage++) {
        int out = ResNet18.WIDTH << stage;
        for (int block = 0; block < 2; block++) {
          body.add(block(in, out, stage > 0 && block == 0 ? 2 : 1));
          in = out;
        }
      }
      weight = Tensors.glorot(ResNet18.CLASSES, in);
      bias = Tensors.zeros(ResNet18.CLASSES);
      List<Tensor> all = new ArrayList<>(layers.parameters());
      all.add(weight);
      all.add(bias);
      SGDOptions options = new SGDOptions(ResNet18.LEARNING_RATE);
      options.momentum().put(ResNet18.MOMENTUM);
      sgd = new SGD(new TensorVector(all.toArray(Tensor[]::new)), options);
    }

    private ImageLayers.Layer convolution(int in, int out, int kernel, int stride) {
      double sd = Math.sqrt(2.0 / (in * kernel * kernel));
      return layers.convolution(in, out, kernel, stride, kernel / 2, false, sd);
    }

    private ImageLayers.Layer block(int in, int out, int stride) {
      ImageLayers.Layer conv0 = convolution(in, out, 3, stride);
      ImageLayers.Layer norm0 = layers.norm(out);
      ImageLayers.Layer conv1 = convolution(out, out, 3, 1);
      ImageLayers.Layer norm1 = layers.norm(out);
      ImageLayers.Layer shortcut = x -> x;
      if (in != out) {
        ImageLayers.Layer project = convolution(in, out, 1, stride);
        ImageLayers.Layer norm = layers.norm(out);
        shortcut = x -> norm.apply(project.apply(x));
      }
      ImageLayers.Layer around = shortcut;
      return x -> {
        Tensor way = norm1.apply(conv1.apply(relu_(norm0.apply(conv0.apply(x)))));
        return relu_(way.add_(around.apply(x)));
      };
    }

    void step() {
      try (PointerScope scope = new PointerScope()) {
        long[] index = new long[ResNet18.BATCH];
        long[] labels = new long[ResNet18.BATCH];
        for (int i = 0; i < index.length; i++) {
          int image = ResNet18.index(member, steps, i);
          index[i] = image;
          labels[i] = ResNet18.label(image);
        }
        sgd.zero_grad();
        Tensor h = layers.laidOut(index_select(images, 0, Tensor.create(index)));
        for (ImageLayers.Layer layer : body) {
          h = layer.apply(h);
        }
        Tensor logits = linear(h.mean(2, 3), weight, new TensorOptional(bias));
        Tensor now = cross_entropy_loss(logits, Tensor.create(labels));
        now.backward();
        sgd.step();
        try (NoGradGuard untracked = new NoGradGuard()) {
          loss.copy_(now);
        }
      }
    }
  }

  TorchResNet18(int members, int threads, boolean channelsLast) {
    this.members = members;
    this.threads = threads;
    Native.useThreads(threads);
    try (PointerScope scope = new PointerScope()) {
      owned = scope.extend();
      images =
          Tensor.create(
              new ResNet18().images(),
              ResNet18.IMAGES,
              ResNet18.CHANNELS,
              ResNet18.SIZE,
              ResNet18.SIZE);
      for (int i = 0; i < members; i++) {
        trained.add(new Member(i, channelsLast));
      }
    }
  }

  /** Parameters of one member. */
  long parameters() {
    Member first = trained.getFirst();
    return first.layers.parameters().stream().mapToLong(Tensor::numel).sum()
        + first.weight.numel()
        + first.bias.numel();
  }

  /** The loss of the first member in the last step. */
  double loss() {
    return trained.getFirst().loss.item_float();
  }

  @Override
  public String name() {
    return new ResNet18().name();
  }

  @Override
  public void step() {
    Native.useThreads(threads);
    trained.forEach(Member::step);
    steps++;
  }

  @Override
  public double flops() {
    return new ResNet18().flops(members);
  }

  @Override
  public void close() {
    owned.close();
  }
}
