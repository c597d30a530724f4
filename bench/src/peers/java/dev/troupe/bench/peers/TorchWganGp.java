package dev.troupe.bench.peers;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.index_select;
import static org.bytedeco.pytorch.global.torch.leaky_relu;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.randint;

import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec.Artificial;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * An iteration of WGAN-GP in libtorch, as anyone would write it: {@code linear} and {@code
 * leaky_relu}, the penalty by {@code grad} with {@code create_graph}. A mixture of n_G generators
 * and n_D discriminators is stood for by n_G · n_D of these trainings, one after the other.
 */
final class TorchWganGp implements Work {
  private final Artificial spec;
  private final int threads;
  private final PointerScope owned;
  private final List<Player> players = new ArrayList<>();
  private final Tensor centres; // [MODES, FEATURES]
  private final Scalar slope = new Scalar(Artificial.SLOPE);

  /** A network of affine maps with leaky ReLU between them. */
  private final class Net {
    final List<Tensor> weights = new ArrayList<>(); // [out, in]
    final List<TensorOptional> biases = new ArrayList<>();
    final List<Tensor> parameters = new ArrayList<>();
    final Adam adam;

    Net(int outputs, double rate) {
      for (int i = 0; i < Artificial.MAPS; i++) {
        int out = i + 1 < Artificial.MAPS ? Artificial.FEATURES : outputs;
        Tensor weight = Tensors.glorot(out, Artificial.FEATURES);
        Tensor bias = Tensors.zeros(out);
        weights.add(weight);
        biases.add(new TensorOptional(bias));
        parameters.add(weight);
        parameters.add(bias);
      }
      adam =
          Tensors.adam(
              new TensorVector(parameters.toArray(Tensor[]::new)),
              rate,
              Artificial.BETA1,
              Artificial.BETA2,
              Artificial.ADAM_EPS);
    }

    Tensor apply(Tensor x) { // [N, in] to [N, out]
      Tensor h = x;
      for (int i = 0; i < weights.size(); i++) {
        h = linear(h, weights.get(i), biases.get(i));
        h = i + 1 < weights.size() ? leaky_relu(h, slope) : h;
      }
      return h;
    }

    void train(boolean on) {
      parameters.forEach(p -> p.set_requires_grad(on));
    }
  }

  /** A generator with its discriminator. */
  private final class Player {
    final Net g = new Net(Artificial.FEATURES, Artificial.RATE_G);
    final Net d = new Net(1, Artificial.RATE_D);
    final Tensor gap = torch.zeros();
    final Tensor penalty = torch.zeros();

    void iterate() {
      try (PointerScope scope = new PointerScope()) {
        Tensor fake = updateG();
        updateD(fake);
      }
      for (int i = 1; i < Artificial.CRITIC_UPDATES; i++) {
        try (PointerScope scope = new PointerScope()) {
          Tensor fake;
          try (NoGradGuard untracked = new NoGradGuard()) {
            fake = g.apply(noise());
          }
          updateD(fake);
        }
      }
    }

    private Tensor updateG() {
      d.train(false);
      g.adam.zero_grad();
      Tensor fake = g.apply(noise());
      d.apply(fake).mean().neg().backward();
      g.adam.step();
      d.train(true);
      return fake.detach();
    }

    private void updateD(Tensor fake) {
      Tensor real = real();
      d.adam.zero_grad();
      Tensor scores = d.apply(cat(new TensorVector(real, fake), 0));
      Tensor onReal = scores.narrow(0, 0, Artificial.BATCH).mean();
      Tensor gapNow = onReal.sub(scores.narrow(0, Artificial.BATCH, Artificial.BATCH).mean());
      Tensor loss = gapNow.neg();
      if (spec.penalised()) {
        Tensor now = penalty(real, fake);
        loss = loss.add(now.mul(new Scalar(Artificial.LAMBDA)));
        keep(now, penalty);
      }
      loss.backward();
      d.adam.step();
      keep(gapNow, gap);
    }

    private Tensor penalty(Tensor real, Tensor fake) {
      Tensor epsilon = torch.rand(Artificial.BATCH, 1);
      Tensor between = fake.add(epsilon.mul(real.sub(fake))).set_requires_grad(true);
      Tensor scores = d.apply(between);
      Tensor slopes =
          torch
              .grad(
                  new TensorVector(scores),
                  new TensorVector(between),
                  new TensorVector(torch.ones_like(scores)),
                  new BoolOptional(true),
                  true,
                  false)
              .get(0);
      return slopes.norm(new ScalarOptional(new Scalar(2)), 1).sub(new Scalar(1)).square().mean();
    }
  }

  TorchWganGp(Artificial spec, int threads) {
    this.spec = spec;
    this.threads = threads;
    Native.useThreads(threads);
    try (PointerScope scope = new PointerScope()) {
      owned = scope.extend();
      float[] units = new float[Artificial.MODES * Artificial.FEATURES];
      for (int i = 0; i < Artificial.MODES; i++) {
        units[i * Artificial.FEATURES + i] = 1;
      }
      centres = Tensor.create(units, Artificial.MODES, Artificial.FEATURES);
      for (int i = 0; i < spec.pairs(); i++) {
        players.add(new Player());
      }
    }
  }

  private static Tensor noise() {
    return torch.randn(Artificial.BATCH, Artificial.FEATURES);
  }

  private Tensor real() {
    Tensor modes = randint(Artificial.MODES, new long[] {Artificial.BATCH});
    return noise().mul_(new Scalar(Artificial.SD)).add_(index_select(centres, 0, modes));
  }

  private static void keep(Tensor value, Tensor place) {
    try (NoGradGuard untracked = new NoGradGuard()) {
      place.copy_(value);
    }
  }

  /** Gap and penalty of the last update of the first discriminator. */
  double[] terms() {
    Player first = players.getFirst();
    return new double[] {first.gap.item_float(), first.penalty.item_float()};
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public void step() {
    Native.useThreads(threads);
    players.forEach(Player::iterate);
  }

  /** As many as the mixture needs, so that speeds are of the same work. */
  @Override
  public double flops() {
    return spec.flops(1);
  }

  @Override
  public void close() {
    owned.close();
  }
}
