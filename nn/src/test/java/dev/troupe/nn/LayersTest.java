package dev.troupe.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Slide;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every layer against loops over plain arrays, on the reference device. */
class LayersTest {
  private static final Offset<Double> CLOSE = within(1e-12);
  private static final int E = 2;

  private final Device device = new ReferenceDevice();
  private final Scope scope = Scope.open(device, "layers");
  private final State state = new State(scope, 3, 0, 1);
  private final Rng rng = new Rng(scope, 3, 0, 1);
  private final Pass training = Pass.training(rng, "a");

  @AfterEach
  void close() {
    scope.close();
    assertThat(device.memory().live()).isZero();
    device.close();
  }

  private Variable input(int... shape) {
    Shape s = Shape.of(shape);
    SplittableRandom random = new SplittableRandom(s.hashCode());
    double[] x = random.doubles(s.size(), -2, 2).toArray();
    return Variable.constant(scope.of(s, x));
  }

  private double[] values(String name) {
    return state.tensors().get(name).toDoubles();
  }

  private void randomBias(String name) {
    int n = values(name).length;
    state.tensors().get(name).set(new SplittableRandom(9).doubles(n, -1, 1).toArray());
  }

  @Test
  void denseIsAnAffineMapOfEachMember() {
    Layer layer = Layers.dense(state.at("d"), 3, 4, Initialiser.normal(1));
    assertThat(values("d.bias")).containsOnly(0).hasSize(E * 4);
    randomBias("d.bias");
    Variable x = input(E, 5, 3);
    Variable y = layer.forward(x, training);
    assertThat(y.shape()).isEqualTo(Shape.of(E, 5, 4));
    assertThat(y.tensor().toDoubles())
        .containsExactly(
            affine(x.tensor().toDoubles(), values("d.weight"), values("d.bias"), 5, 3, 4), CLOSE);
  }

  @Test
  void denseWithoutBiasHasNone() {
    Layer layer = Layers.denseWithoutBias(state.at("d"), 3, 4, Initialiser.normal(1));
    assertThat(state.tensors()).containsOnlyKeys("d.weight");
    Variable x = input(E, 5, 3);
    assertThat(layer.forward(x, training).tensor().toDoubles())
        .containsExactly(
            affine(x.tensor().toDoubles(), values("d.weight"), new double[E * 4], 5, 3, 4), CLOSE);
  }

  @Test
  void maxoutTakesTheLargestPiece() {
    int units = 3;
    int pieces = 4;
    Layer layer = Layers.maxout(state.at("m"), 2, units, pieces, Initialiser.normal(1));
    randomBias("m.bias");
    Variable x = input(E, 5, 2);
    double[] all =
        affine(x.tensor().toDoubles(), values("m.weight"), values("m.bias"), 5, 2, units * pieces);
    double[] expected = new double[E * 5 * units];
    for (int row = 0; row < E * 5; row++) {
      for (int u = 0; u < units; u++) {
        double best = Double.NEGATIVE_INFINITY;
        for (int p = 0; p < pieces; p++) {
          best = Math.max(best, all[row * units * pieces + p * units + u]);
        }
        expected[row * units + u] = best;
      }
    }
    Variable y = layer.forward(x, training);
    assertThat(y.shape()).isEqualTo(Shape.of(E, 5, units));
    assertThat(y.tensor().toDoubles()).containsExactly(expected, CLOSE);
  }

  /** x [E, rows, in] · w [E, in, out] + b [E, out]. */
  private static double[] affine(double[] x, double[] w, double[] b, int rows, int in, int out) {
    double[] y = new double[E * rows * out];
    for (int i = 0; i < y.length; i++) {
      int o = i % out;
      int e = i / out / rows;
      y[i] = b[e * out + o];
      for (int k = 0; k < in; k++) {
        y[i] += x[i / out * in + k] * w[(e * in + k) * out + o];
      }
    }
    return y;
  }

  @Test
  void batchNormNormalisesAndMovesItsStatistics() {
    double rate = 0.05;
    double epsilon = 1e-4;
    Layer layer = Layers.batchNorm(state.at("bn"), 3, epsilon, rate, 0.2);
    randomBias("bn.gamma");
    randomBias("bn.beta");
    double[] mean = new double[E * 3];
    double[] variance = new double[E * 3];
    java.util.Arrays.fill(variance, 1);
    for (int step = 0; step < 3; step++) {
      Variable x = input(E, 7 + step, 3);
      double[][] batch = statistics(x.tensor().toDoubles(), 7 + step, 3);
      double[] y = layer.forward(x, training).tensor().toDoubles();
      assertThat(y).containsExactly(normalised(x, batch[0], batch[1], epsilon, 0.2), within(1e-9));
      for (int i = 0; i < mean.length; i++) {
        mean[i] += rate * (batch[0][i] - mean[i]);
        variance[i] += rate * (batch[1][i] - variance[i]);
      }
      assertThat(values("bn.mean")).containsExactly(mean, CLOSE);
      assertThat(values("bn.variance")).containsExactly(variance, CLOSE);
    }

    Variable x = input(E, 4, 3);
    layer.forward(x, training.withStatistics(0));
    assertThat(values("bn.mean")).containsExactly(mean, CLOSE);

    double[] y = layer.forward(x, Pass.EVALUATION).tensor().toDoubles();
    assertThat(y).containsExactly(normalised(x, mean, variance, epsilon, 0.2), within(1e-9));
    assertThat(values("bn.variance")).containsExactly(variance, CLOSE);
  }

  @Test
  void aPassMayMoveTheStatisticsByAPart() {
    Layer layer = Layers.batchNorm(state.at("bn"), 3, 1e-5, 0.1, 1);
    Variable x = input(E, 7, 3);
    double[][] batch = statistics(x.tensor().toDoubles(), 7, 3);
    layer.forward(x, training.withStatistics(0.5));
    for (int i = 0; i < E * 3; i++) {
      assertThat(values("bn.mean")[i]).isCloseTo(0.05 * batch[0][i], CLOSE);
    }
  }

  /** Mean and biased variance, each [E, C], of x [E, N, C]. */
  private static double[][] statistics(double[] x, int n, int c) {
    double[][] s = new double[2][E * c];
    for (int i = 0; i < x.length; i++) {
      s[0][i / (n * c) * c + i % c] += x[i] / n;
    }
    for (int i = 0; i < x.length; i++) {
      int at = i / (n * c) * c + i % c;
      s[1][at] += (x[i] - s[0][at]) * (x[i] - s[0][at]) / n;
    }
    return s;
  }

  private double[] normalised(
      Variable v, double[] mean, double[] variance, double epsilon, double slope) {
    double[] x = v.tensor().toDoubles();
    double[] gamma = values("bn.gamma");
    double[] beta = values("bn.beta");
    int c = v.shape().dim(-1);
    for (int i = 0; i < x.length; i++) {
      int at = i / (x.length / E) * c + i % c;
      double z = gamma[at] * (x[i] - mean[at]) / Math.sqrt(variance[at] + epsilon) + beta[at];
      x[i] = z > 0 ? z : slope * z;
    }
    return x;
  }

  @Test
  void dropoutDropsAtItsRateAndKeepsTheMean() {
    Layer layer = Layers.dropout("hidden", 0.3);
    int n = 20_000;
    Variable ones = Variable.constant(scope.full(Shape.of(E, n), 1));
    double[] y = layer.forward(ones, training).tensor().toDoubles();
    assertThat(y).containsOnly(0, 1 / 0.7);
    for (int e = 0; e < E; e++) {
      long zeros = java.util.Arrays.stream(y, e * n, (e + 1) * n).filter(v -> v == 0).count();
      double sd = Math.sqrt(0.3 * 0.7 / n);
      assertThat(zeros / (double) n).isCloseTo(0.3, within(5 * sd));
    }
    assertThat(java.util.Arrays.copyOf(y, n))
        .isNotEqualTo(java.util.Arrays.copyOfRange(y, n, E * n));

    assertThat(layer.forward(ones, Pass.EVALUATION)).isSameAs(ones);
    assertThat(Layers.dropout("none", 0).forward(ones, training)).isSameAs(ones);
  }

  @Test
  void eachPassAndEachStepDropsAnew() {
    Layer layer = Layers.dropout("hidden", 0.5);
    Variable ones = Variable.constant(scope.full(Shape.of(E, 100), 1));
    double[] a = layer.forward(ones, training).tensor().toDoubles();
    double[] b = layer.forward(ones, Pass.training(rng, "b")).tensor().toDoubles();
    assertThat(b).isNotEqualTo(a);
    assertThatThrownBy(() -> layer.forward(ones, training))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "rng: stream 'dropout/hidden/a' is drawn twice in one step, which would repeat its"
                + " numbers");
    rng.nextStep();
    assertThat(layer.forward(ones, training).tensor().toDoubles()).isNotEqualTo(a);
  }

  @Test
  void activations() {
    checkActivation(Layers.relu(), x -> Math.max(x, 0));
    checkActivation(Layers.leakyRelu(0.2), x -> x > 0 ? x : 0.2 * x);
    checkActivation(Layers.tanh(), Math::tanh);
    checkActivation(Layers.sigmoid(), x -> 1 / (1 + Math.exp(-x)));
    checkActivation(Layer.sequence(Layers.tanh(), Layers.relu()), x -> Math.max(Math.tanh(x), 0));
    checkActivation(Layer.sequence(), x -> x);
  }

  private void checkActivation(Layer layer, DoubleUnaryOperator f) {
    Variable x = input(E, 9, 3);
    double[] expected = java.util.Arrays.stream(x.tensor().toDoubles()).map(f).toArray();
    assertThat(layer.forward(x, training).tensor().toDoubles()).containsExactly(expected, CLOSE);
  }

  @Test
  void conv2dHasOneKernelForEachMemberAndABias() {
    Layer layer = Layers.conv2d(state.at("c"), 2, 3, 1, Slide.by(2), Initialiser.normal(1));
    assertThat(values("c.bias")).containsOnly(0).hasSize(E * 3);
    randomBias("c.bias");
    Variable x = input(E, 2, 2, 3, 3);
    Variable y = layer.forward(x, training);
    assertThat(y.shape()).isEqualTo(Shape.of(E, 2, 3, 2, 2));
    double[] in = x.tensor().toDoubles();
    double[] w = values("c.weight"); // [E, 3, 2, 1, 1]
    double expected = values("c.bias")[5]; // of the last pixel: member 1, channel 2
    for (int c = 0; c < 2; c++) {
      expected += in[(6 + c) * 9 + 8] * w[10 + c];
    }
    assertThat(y.tensor().toDoubles()[E * 2 * 3 * 4 - 1]).isEqualTo(expected, CLOSE);
  }

  @Test
  void convTranspose2dDoublesAnImage() {
    Slide slide = Slide.by(2).padded(1);
    Layer layer = Layers.convTranspose2d(state.at("t"), 3, 2, 4, slide, Initialiser.normal(1));
    Layer plain =
        Layers.convTranspose2dWithoutBias(state.at("p"), 3, 2, 4, slide, Initialiser.normal(1));
    state.tensors().get("p.weight").copyFrom(state.tensors().get("t.weight"));
    randomBias("t.bias");
    Variable x = input(E, 2, 3, 4, 4);
    Variable y = layer.forward(x, training);
    assertThat(y.shape()).isEqualTo(Shape.of(E, 2, 2, 8, 8));
    double[] without = plain.forward(x, training).tensor().toDoubles();
    double[] bias = values("t.bias");
    double[] with = y.tensor().toDoubles();
    for (int i = 0; i < with.length; i++) {
      int channel = i / 64 % 2;
      int member = i / 64 / 2 / 2;
      assertThat(with[i]).isEqualTo(without[i] + bias[member * 2 + channel], CLOSE);
    }
  }

  @Test
  void layerNormGivesEachSampleMeanZeroAndVarianceOne() {
    Layer layer = Layers.layerNorm(state.at("l"), 3, 0);
    double[] y = layer.forward(input(E, 2, 3, 2, 2), training).tensor().toDoubles();
    for (int sample = 0; sample < E * 2; sample++) {
      double sum = 0;
      double squares = 0;
      for (int i = sample * 12; i < (sample + 1) * 12; i++) {
        sum += y[i];
        squares += y[i] * y[i];
      }
      assertThat(sum).isEqualTo(0, CLOSE);
      assertThat(squares).isEqualTo(12, within(1e-10));
    }
  }

  @Test
  void embeddingHasARowForEachClass() {
    Layer layer = Layers.embedding(state.at("e"), 4, 2, Initialiser.normal(1));
    Variable labels = Variable.constant(scope.of(Shape.of(E, 3), new int[] {3, 0, 3, 1, 2, 1}));
    double[] y = layer.forward(labels, training).tensor().toDoubles();
    double[] table = values("e.table"); // [E, 4, 2]
    assertThat(y)
        .containsExactly(
            table[6], table[7], table[0], table[1], table[6], table[7], table[10], table[11],
            table[12], table[13], table[10], table[11]);
  }

  @Test
  void spectralNormConvergesToTheLargestSingularValue() {
    Variable w = state.parameter("w", Shape.of(2, 2), Initialiser.ZEROS);
    // Diagonal matrices times a rotation have their entries as singular values: 3 and 1; 0.5 and 2.
    double a = Math.sqrt(0.5);
    w.tensor().set(new double[] {3 * a, -3 * a, a, a, 0.5 * a, -0.5 * a, 2 * a, 2 * a});
    SpectralNorm norm = new SpectralNorm(state.at("sn"), w, 1e-12);
    double[] first = values("sn.u");
    assertThat(Math.hypot(first[0], first[1])).isEqualTo(1, within(1e-10));
    norm.apply(w, Pass.EVALUATION);
    assertThat(values("sn.u")).as("an evaluation leaves u").containsExactly(first);
    Variable y = null;
    for (int i = 0; i < 60; i++) {
      y = norm.apply(w, training);
    }
    double[] expected = w.tensor().toDoubles();
    for (int i = 0; i < 8; i++) {
      expected[i] /= i < 4 ? 3 : 2;
    }
    assertThat(y.tensor().toDoubles()).containsExactly(expected, within(1e-9));
  }
}
