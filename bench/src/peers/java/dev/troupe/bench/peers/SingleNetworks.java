package dev.troupe.bench.peers;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.index_select;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.randint;
import static org.bytedeco.pytorch.global.torch.relu;

import dev.troupe.bench.WorkSpec.Grid2d;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * One member, written as anyone would with libtorch. Of five ways to take the maximum of the pieces
 * ({@code max} and {@code amax} over the last or the middle axis, {@code maximum} of slices) this
 * is the fastest.
 */
final class SingleNetworks implements Grid2dNetworks {
  /** A linear layer; {@code bias} is empty where there is none. */
  private record Linear(Tensor weight, TensorOptional bias) { // [out, in], [out]
    Tensor apply(Tensor x) {
      return linear(x, weight, bias);
    }
  }

  /** All of {@code [features]}. */
  private record Norm(
      TensorOptional scale, TensorOptional shift, TensorOptional mean, TensorOptional variance) {
    Tensor apply(Tensor x) {
      return batch_norm(
          x,
          scale,
          shift,
          mean,
          variance,
          true,
          Grid2d.BATCH_NORM_MOMENTUM,
          Grid2d.BATCH_NORM_EPS,
          false);
    }
  }

  private final Tensor points; // [POINTS, 2]
  private final List<Linear> linearG = new ArrayList<>();
  private final List<Norm> norms = new ArrayList<>();
  private final List<Linear> linearD = new ArrayList<>();
  private final List<Tensor> parametersG = new ArrayList<>();
  private final List<Tensor> parametersD = new ArrayList<>();

  SingleNetworks() {
    points = Tensor.create(new Grid2d().points(), Grid2d.POINTS, Grid2d.DATA);
    int inputs = Grid2d.LATENT;
    for (int i = 0; i < Grid2d.GENERATOR_LAYERS; i++) {
      linearG.add(addLinear(parametersG, inputs, Grid2d.GENERATOR_WIDTH, false));
      norms.add(addNorm(Grid2d.GENERATOR_WIDTH));
      inputs = Grid2d.GENERATOR_WIDTH;
    }
    linearG.add(addLinear(parametersG, inputs, Grid2d.DATA, true));

    inputs = Grid2d.DATA;
    for (int i = 0; i < Grid2d.DISCRIMINATOR_LAYERS; i++) {
      linearD.add(addLinear(parametersD, inputs, Grid2d.DISCRIMINATOR_WIDTH * Grid2d.PIECES, true));
      inputs = Grid2d.DISCRIMINATOR_WIDTH;
    }
    linearD.add(addLinear(parametersD, inputs, 1, true));
  }

  private static Linear addLinear(List<Tensor> parameters, int inputs, int outputs, boolean bias) {
    Tensor weight = Tensors.normal(Grid2d.WEIGHT_SD, outputs, inputs);
    parameters.add(weight);
    if (!bias) {
      return new Linear(weight, new TensorOptional());
    }
    Tensor zeros = Tensors.zeros(outputs);
    parameters.add(zeros);
    return new Linear(weight, new TensorOptional(zeros));
  }

  private Norm addNorm(int features) {
    Tensor scale = Tensors.ones(features);
    Tensor shift = Tensors.zeros(features);
    parametersG.add(scale);
    parametersG.add(shift);
    return new Norm(
        new TensorOptional(scale),
        new TensorOptional(shift),
        new TensorOptional(torch.zeros(features)),
        new TensorOptional(torch.ones(features)));
  }

  @Override
  public Tensor[] parametersG() {
    return parametersG.toArray(Tensor[]::new);
  }

  @Override
  public Tensor[] parametersD() {
    return parametersD.toArray(Tensor[]::new);
  }

  @Override
  public int rowAxis() {
    return 0;
  }

  @Override
  public Tensor noise() {
    return torch.randn(Grid2d.BATCH, Grid2d.LATENT);
  }

  @Override
  public Tensor batch() {
    return index_select(points, 0, randint(Grid2d.POINTS, new long[] {Grid2d.BATCH}));
  }

  @Override
  public Tensor generate(Tensor z) {
    Tensor h = z; // [N, features]
    for (int i = 0; i < norms.size(); i++) {
      h = relu(norms.get(i).apply(linearG.get(i).apply(h)));
    }
    return linearG.getLast().apply(h);
  }

  @Override
  public Tensor score(Tensor x) {
    Tensor h = x; // [N, features]
    long rows = x.size(0);
    for (int i = 0; i < Grid2d.DISCRIMINATOR_LAYERS; i++) {
      Tensor pieces = linearD.get(i).apply(h); // [N, units * pieces]
      h = pieces.view(rows, Grid2d.DISCRIMINATOR_WIDTH, Grid2d.PIECES).max(2).get0();
    }
    return linearD.getLast().apply(h); // [N, 1]
  }
}
