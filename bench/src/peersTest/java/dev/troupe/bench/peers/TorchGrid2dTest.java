package dev.troupe.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.bench.WorkSpec.Grid2d;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** On one thread: libtorch with two is a hundred times slower on a machine that is busy. */
class TorchGrid2dTest {
  private static final int SEED = 7;
  private static final int N = Grid2d.BATCH;

  /** A different gradient in each step, so that both betas show. */
  @Test
  void adamFollowsItsDefinition() {
    double[] gradients = {0.3, -1.2, 0.05, 2};
    Native.useThreads(1);
    try (PointerScope scope = new PointerScope()) {
      Tensor parameter = Tensors.ones(1);
      Adam adam = Tensors.adam(new TensorVector(parameter));
      double expected = 1;
      double m = 0;
      double v = 0;
      for (int t = 1; t <= gradients.length; t++) {
        double g = gradients[t - 1];
        adam.zero_grad();
        parameter.mul(torch.tensor(new float[] {(float) g})).sum().backward();
        adam.step();
        m = 0.8 * m + 0.2 * g;
        v = 0.999 * v + 0.001 * g * g;
        double corrected = m / (1 - Math.pow(0.8, t));
        double root = Math.sqrt(v / (1 - Math.pow(0.999, t)));
        expected -= 1e-4 * corrected / (root + 1e-8);
        assertThat((double) parameter.item_float()).isCloseTo(expected, within(1.2e-7));
      }
    }
  }

  @Test
  void theFirstLossesOfOneMemberAreThoseComputedByHand() {
    try (TorchGrid2d work = TorchGrid2d.single(1)) {
      compareFirstLosses(work, 1);
    }
  }

  @Test
  void theFirstLossesOfBatchedMembersAreThoseComputedByHand() {
    try (TorchGrid2d work = TorchGrid2d.batched(3, 1)) {
      compareFirstLosses(work, 3);
    }
  }

  /** Draws what the step will draw, steps, and computes both losses with plain loops in double. */
  private static void compareFirstLosses(TorchGrid2d work, int members) {
    Grid2dNetworks networks = work.networks();
    // N(0, 0.02) makes all logits zero to five digits; larger weights make the losses tell
    // something.
    spread(networks);
    torch.manual_seed(SEED);
    float[] real = Tensors.toArray(networks.batch());
    float[] z1 = Tensors.toArray(networks.noise());
    float[] z2 = Tensors.toArray(networks.noise());
    List<float[]> parametersG = arrays(networks.parametersG());
    List<float[]> parametersD = arrays(networks.parametersD());

    torch.manual_seed(SEED);
    work.step();
    List<float[]> updatedD = arrays(networks.parametersD());

    double lossD = 0;
    double lossG = 0;
    for (int e = 0; e < members; e++) {
      boolean batched = members > 1;
      HandNetworks before = new HandNetworks(parametersG, parametersD, e, members, batched);
      HandNetworks after = new HandNetworks(parametersG, updatedD, e, members, batched);
      double[] onReal = before.score(rows(real, e));
      double[] onFake = before.score(before.generate(rows(z1, e)));
      double[] again = after.score(after.generate(rows(z2, e)));
      for (int i = 0; i < N; i++) {
        lossD += (softplus(-onReal[i]) + softplus(onFake[i])) / N / members;
        lossG += softplus(-again[i]) / N / members;
      }
    }
    assertThat(Math.abs(lossD - 2 * Math.log(2))).isGreaterThan(1e-2);
    assertThat(work.losses()[0]).isCloseTo(lossD, within(2e-5));
    assertThat(work.losses()[1]).isCloseTo(lossG, within(2e-5));
  }

  private static void spread(Grid2dNetworks networks) {
    for (Tensor[] parameters : List.of(networks.parametersG(), networks.parametersD())) {
      for (Tensor parameter : parameters) {
        parameter.set_requires_grad(false);
        parameter.mul_(new Scalar(4f));
        parameter.add_(torch.randn_like(parameter), new Scalar(0.01f));
        parameter.set_requires_grad(true);
      }
    }
  }

  private static List<float[]> arrays(Tensor[] tensors) {
    return Arrays.stream(tensors).map(Tensors::toArray).toList();
  }

  private static double[][] rows(float[] all, int member) {
    double[][] rows = new double[N][2];
    for (int i = 0; i < N; i++) {
      rows[i][0] = all[(member * N + i) * 2];
      rows[i][1] = all[(member * N + i) * 2 + 1];
    }
    return rows;
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** Over 200 steps D learns to tell real from fake (at random both losses are 1.386 and 0.693). */
  @Test
  void oneMemberTrains() {
    torch.manual_seed(SEED);
    try (TorchGrid2d work = TorchGrid2d.single(1)) {
      assertTrains(work);
    }
  }

  @Test
  void batchedMembersTrain() {
    torch.manual_seed(SEED);
    try (TorchGrid2d work = TorchGrid2d.batched(2, 1)) {
      assertTrains(work);
    }
  }

  private static void assertTrains(TorchGrid2d work) {
    float[] before = Tensors.toArray(work.networks().parametersG()[0]);
    work.step();
    assertThat(work.losses()[0]).isCloseTo(2 * Math.log(2), within(0.01));
    assertThat(work.losses()[1]).isCloseTo(Math.log(2), within(0.01));
    double smallest = Double.POSITIVE_INFINITY;
    double largestG = 0;
    for (int i = 1; i < 200; i++) {
      work.step();
      smallest = Math.min(smallest, work.losses()[0]);
      largestG = Math.max(largestG, work.losses()[1]);
    }
    assertThat(smallest).isLessThan(1.38);
    assertThat(largestG).isBetween(0.7, 3.0);
    assertThat(Tensors.toArray(work.networks().parametersG()[0])).isNotEqualTo(before);
  }

  @Test
  void aStepLeavesNoMemoryBehind() {
    try (TorchGrid2d work = TorchGrid2d.single(1)) {
      for (int i = 0; i < 100; i++) {
        work.step();
      }
      long before = Pointer.physicalBytes();
      for (int i = 0; i < 200; i++) {
        work.step();
      }
      // One step's activations and gradients are about 10 MB.
      assertThat(Pointer.physicalBytes() - before).isLessThan(64L << 20);
    }
  }

  @Test
  void membersOnThreadsOfTheirOwnStep() {
    try (ParallelMembers work = new ParallelMembers(3, 2)) {
      work.step();
      work.step();
      assertThat(work.flops()).isEqualTo(new Grid2d().flops(3));
    }
  }
}
