package dev.troupe.autograd.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.CountingDevice;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Linear maxout beside maxout of a linear layer, at sizes where its gradient is its own. */
class LinearMaxoutTest {
  private static final int MEMBERS = 3;
  private static final int BATCH = 21;
  private static final int IN = 75;
  private static final int UNITS = 22;
  private static final int PIECES = 5;

  /** Inputs of members [from, to). */
  private static Variable[] inputs(int from, int to) {
    return new Variable[] {
      leaf(1, from, to, BATCH, IN),
      leaf(2, from, to, IN, PIECES * UNITS),
      leaf(3, from, to, PIECES * UNITS)
    };
  }

  private static Variable leaf(int seed, int from, int to, int... each) {
    int size = Arrays.stream(each).reduce(1, (a, b) -> a * b);
    double[] all = new Random(seed).doubles((long) MEMBERS * size, -1, 1).toArray();
    float[] part = new float[(to - from) * size];
    for (int i = 0; i < part.length; i++) {
      part[i] = (float) all[from * size + i];
    }
    int[] shape = new int[each.length + 1];
    shape[0] = to - from;
    System.arraycopy(each, 0, shape, 1, each.length);
    return Variable.leaf(Scope.current().of(Shape.of(shape), part));
  }

  private static Variable loss(Variable y) {
    return Ops.sum(Ops.mul(y, Ops.sigmoid(y)), 1, 2);
  }

  @Test
  void gradientIsThatOfTheComposedForm() {
    try (Device device = new ReferenceDevice();
        Scope scope = Scope.open(device, "gradients")) {
      Variable[] in = inputs(0, MEMBERS);
      Variable fused = Ops.linearMaxout(in[0], in[1], in[2], PIECES);
      Variable composed = Ops.maxout(Ops.linear(in[0], in[1], in[2]), PIECES);
      assertThat(fused.tensor().toDoubles()).isEqualTo(composed.tensor().toDoubles());
      Variable[] actual = Gradients.of(loss(fused), in);
      Variable[] expected = Gradients.of(loss(composed), in);
      for (int k = 0; k < 3; k++) {
        assertThat(actual[k].shape()).isEqualTo(in[k].shape());
        assertThat(actual[k].tensor().toDoubles())
            .containsExactly(expected[k].tensor().toDoubles(), within(1e-12));
      }
    }
  }

  @Test
  void sameBitsAsTheComposedFormForwardAndAsEachMemberAlone() {
    try (Device device = new CpuDevice(3);
        Scope scope = Scope.open(device, "bits")) {
      Variable[] in = inputs(0, MEMBERS);
      Variable fused = Ops.linearMaxout(in[0], in[1], in[2], PIECES);
      Variable composed = Ops.maxout(Ops.linear(in[0], in[1], in[2]), PIECES);
      assertThat(fused.tensor().toDoubles()).isEqualTo(composed.tensor().toDoubles());
      Variable[] all = Gradients.of(loss(fused), in);
      for (int e = 0; e < MEMBERS; e++) {
        Variable[] one = inputs(e, e + 1);
        Variable[] alone =
            Gradients.of(loss(Ops.linearMaxout(one[0], one[1], one[2], PIECES)), one);
        for (int k = 0; k < 3; k++) {
          double[] together = all[k].tensor().toDoubles();
          int size = together.length / MEMBERS;
          assertThat(alone[k].tensor().toDoubles())
              .isEqualTo(Arrays.copyOfRange(together, e * size, (e + 1) * size));
        }
      }
    }
  }

  @Test
  void whatALosingPieceHoldsDoesNotReachTheGradient() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "losers")) {
      Variable[] in = inputs(0, 1);
      double[] weight = in[1].tensor().toDoubles();
      double[] bias = in[2].tensor().toDoubles();
      double[] x = in[0].tensor().toDoubles();
      Arrays.setAll(x, i -> Math.abs(x[i]) + 0.01);
      for (int u = 0; u < UNITS; u++) {
        weight[u] = Double.NEGATIVE_INFINITY; // piece 0 loses everywhere
        bias[u] = -1;
      }
      in[0].tensor().set(x);
      in[1].tensor().set(weight);
      in[2].tensor().set(bias);
      Variable[] g = Gradients.of(loss(Ops.linearMaxout(in[0], in[1], in[2], PIECES)), in);
      for (Variable v : g) {
        assertThat(v.tensor().toDoubles()).doesNotContain(Double.NaN);
      }
      assertThat(Arrays.copyOf(g[2].tensor().toDoubles(), UNITS)).containsOnly(0);
    }
  }

  @Test
  void aFrozenLayerComputesTheGradientOfItsInputAlone() {
    CountingDevice device = new CountingDevice(new ReferenceDevice());
    try (device;
        Scope scope = Scope.open(device, "frozen")) {
      Variable[] in = inputs(0, 1);
      Variable y = loss(Ops.linearMaxout(in[0], in[1], in[2], PIECES));
      Gradients.of(y, in[0]);
      assertThat(device.byName())
          .containsKey("LinearMaxoutInputGrad")
          .doesNotContainKey("LinearMaxoutWeightGrad")
          .doesNotContainKey("PutAlong");
    }
  }
}
