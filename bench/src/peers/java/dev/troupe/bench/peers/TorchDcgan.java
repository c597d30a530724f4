package dev.troupe.bench.peers;

import static org.bytedeco.pytorch.global.torch.index_select;
import static org.bytedeco.pytorch.global.torch.leaky_relu;
import static org.bytedeco.pytorch.global.torch.relu_;
import static org.bytedeco.pytorch.global.torch.softplus;
import static org.bytedeco.pytorch.global.torch.tanh;

import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec.Dcgan32;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The training step of {@link Dcgan32} in libtorch; members are trained one after the other. */
final class TorchDcgan implements Work {
  private final int members;
  private final int threads;
  private final PointerScope owned;
  private final Tensor images; // [IMAGES, 3, 32, 32]
  private final Scalar slope = new Scalar(0.2);
  private final List<Member> trained = new ArrayList<>();
  private long steps;

  private final class Member {
    private final ImageLayers layersG;
    private final ImageLayers layersD;
    private final List<ImageLayers.Layer> g = new ArrayList<>();
    private final List<ImageLayers.Layer> d = new ArrayList<>();
    private final Adam adamG;
    private final Adam adamD;
    private final Tensor[] parametersD;
    private final Tensor lossD = torch.zeros();
    private final Tensor lossG = torch.zeros();
    private final int member;

    Member(int member, boolean channelsLast) {
      this.member = member;
      layersG = new ImageLayers(channelsLast);
      layersD = new ImageLayers(channelsLast);
      double sd = Dcgan32.WEIGHT_SD;
      int width = Dcgan32.WIDTH_G;
      g.add(layersG.transposed(Dcgan32.LATENT, width, 4, 1, 0, false, sd));
      for (int i = 0; i < 2; i++) {
        ImageLayers.Layer norm = layersG.norm(width);
        g.add(x -> relu_(norm.apply(x)));
        g.add(layersG.transposed(width, width / 2, 4, 2, 1, false, sd));
        width /= 2;
      }
      ImageLayers.Layer last = layersG.norm(width);
      g.add(x -> relu_(last.apply(x)));
      g.add(layersG.transposed(width, Dcgan32.CHANNELS, 4, 2, 1, true, sd));

      int in = Dcgan32.CHANNELS;
      int out = Dcgan32.WIDTH_D;
      for (int i = 0; i < 3; i++) {
        d.add(layersD.convolution(in, out, 4, 2, 1, i == 0, sd));
        if (i > 0) {
          d.add(layersD.norm(out));
        }
        d.add(x -> leaky_relu(x, slope));
        in = out;
        out *= 2;
      }
      d.add(layersD.convolution(in, 1, 4, 1, 0, true, sd));
      parametersD = layersD.parameters().toArray(Tensor[]::new);
      adamG = adam(layersG);
      adamD = adam(layersD);
    }

    private static Adam adam(ImageLayers layers) {
      return Tensors.adam(
          new TensorVector(layers.parameters().toArray(Tensor[]::new)),
          Dcgan32.LEARNING_RATE,
          Dcgan32.BETA1,
          Dcgan32.BETA2,
          Dcgan32.ADAM_EPS);
    }

    private Tensor generate() {
      Tensor h = layersG.laidOut(torch.randn(Dcgan32.BATCH, Dcgan32.LATENT, 1, 1));
      for (ImageLayers.Layer layer : g) {
        h = layer.apply(h);
      }
      return tanh(h);
    }

    private Tensor judge(Tensor x) { // [N, 3, 32, 32] to [N, 1, 1, 1]
      Tensor h = x;
      for (ImageLayers.Layer layer : d) {
        h = layer.apply(h);
      }
      return h;
    }

    private Tensor real() {
      long[] index = new long[Dcgan32.BATCH];
      for (int i = 0; i < index.length; i++) {
        index[i] = Dcgan32.index(member, steps, i);
      }
      return layersD.laidOut(index_select(images, 0, Tensor.create(index)));
    }

    void step() {
      try (PointerScope scope = new PointerScope()) {
        Tensor fake;
        try (NoGradGuard detached = new NoGradGuard()) {
          fake = generate();
        }
        adamD.zero_grad();
        Tensor loss = softplus(judge(real()).neg()).mean().add(softplus(judge(fake)).mean());
        loss.backward();
        adamD.step();
        keep(loss, lossD);
      }
      try (PointerScope scope = new PointerScope()) {
        for (Tensor parameter : parametersD) {
          parameter.set_requires_grad(false);
        }
        adamG.zero_grad();
        Tensor loss = softplus(judge(generate()).neg()).mean();
        loss.backward();
        adamG.step();
        for (Tensor parameter : parametersD) {
          parameter.set_requires_grad(true);
        }
        keep(loss, lossG);
      }
    }
  }

  TorchDcgan(int members, int threads, boolean channelsLast) {
    this.members = members;
    this.threads = threads;
    Native.useThreads(threads);
    try (PointerScope scope = new PointerScope()) {
      owned = scope.extend();
      images =
          Tensor.create(
              new Dcgan32().images(), Dcgan32.IMAGES, Dcgan32.CHANNELS, Dcgan32.SIZE, Dcgan32.SIZE);
      for (int i = 0; i < members; i++) {
        trained.add(new Member(i, channelsLast));
      }
    }
  }

  private static void keep(Tensor loss, Tensor place) {
    try (NoGradGuard untracked = new NoGradGuard()) {
      place.copy_(loss);
    }
  }

  /** Parameters of the generator and of the discriminator of one member. */
  long[] parameters() {
    Member first = trained.getFirst();
    return new long[] {count(first.layersG), count(first.layersD)};
  }

  private static long count(ImageLayers layers) {
    return layers.parameters().stream().mapToLong(Tensor::numel).sum();
  }

  /** The losses of D and of G of the first member in the last step. */
  double[] losses() {
    Member first = trained.getFirst();
    return new double[] {first.lossD.item_float(), first.lossG.item_float()};
  }

  @Override
  public String name() {
    return new Dcgan32().name();
  }

  @Override
  public void step() {
    Native.useThreads(threads);
    trained.forEach(Member::step);
    steps++;
  }

  @Override
  public double flops() {
    return new Dcgan32().flops(members);
  }

  @Override
  public void close() {
    owned.close();
  }
}
