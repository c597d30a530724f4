package dev.troupe.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Values;
import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class NormalisationTest {
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;
  private final ReferenceDevice device = new ReferenceDevice();
  private final Values values = new Values(device);

  private double[] softmax(boolean log, int rows, double... x) {
    Buffer y = values.realOfSize(x.length);
    device.run(new Primitive.Softmax(log, rows, x.length / rows, values.real(x), y));
    return values.of(y);
  }

  @Test
  void softmaxByHand() {
    double[] x = {Math.log(1), Math.log(2), Math.log(5), 1000, 1000, -1000};
    assertThat(softmax(false, 2, x))
        .containsExactly(new double[] {0.125, 0.25, 0.625, 0.5, 0.5, 0}, within(1e-15));
    assertThat(softmax(true, 2, x))
        .containsExactly(
            new double[] {
              Math.log(0.125),
              Math.log(0.25),
              Math.log(0.625),
              -Math.log(2),
              -Math.log(2),
              -2000 - Math.log(2)
            },
            within(1e-12));
    assertThat(softmax(false, 1, 5)).containsExactly(1);
  }

  @Test
  void softmaxOfSpecialRows() {
    assertThat(softmax(false, 1, 1, NAN, 2)).containsExactly(NAN, NAN, NAN);
    assertThat(softmax(false, 1, 1, INF, 2)).containsExactly(NAN, NAN, NAN);
    assertThat(softmax(true, 1, -INF, -INF)).containsExactly(NAN, NAN);
    assertThat(softmax(false, 1, 1, -INF, 1)).containsExactly(0.5, 0, 0.5);
    assertThat(softmax(true, 1, 1, -INF)).containsExactly(0, -INF);
  }

  @Test
  void softmaxGradIsTheGradient() {
    Random random = new Random(1);
    for (boolean log : new boolean[] {false, true}) {
      double[] x = Values.normal(random, 12);
      double[] dy = Values.normal(random, 12);
      Buffer dx = values.realOfSize(12);
      device.run(
          new Primitive.SoftmaxGrad(
              log, 3, 4, values.real(softmax(log, 3, x)), values.real(dy), dx));
      double[] expected = gradient(x, z -> Values.dot(dy, softmax(log, 3, z)));
      assertThat(values.of(dx)).containsExactly(expected, within(1e-8));
    }
  }

  private record Normalised(double[] y, double[] mean, double[] variance) {}

  private Normalised batchNorm(
      int[] sizes, double epsilon, double slope, double[] x, double[] gamma, double[] beta) {
    int channels = sizes[0] * sizes[2];
    Buffer y = values.realOfSize(x.length);
    Buffer mean = values.realOfSize(channels);
    Buffer variance = values.realOfSize(channels);
    device.run(
        new Primitive.BatchNorm(
            sizes[0],
            sizes[1],
            sizes[2],
            sizes[3],
            epsilon,
            slope,
            values.real(x),
            values.real(gamma),
            values.real(beta),
            y,
            mean,
            variance));
    return new Normalised(values.of(y), values.of(mean), values.of(variance));
  }

  @Test
  void batchNormByHand() {
    // one member, batch 2, 2 channels, 2 places: channel 0 has 1, 3, 5, 7; channel 1 has 0, 0, 4, 4
    double[] x = {1, 3, 0, 0, 5, 7, 4, 4};
    Normalised n =
        batchNorm(
            new int[] {1, 2, 2, 2}, 4, 1, x, new double[] {3, Math.sqrt(8)}, new double[] {10, 0});
    assertThat(n.mean).containsExactly(4, 2);
    assertThat(n.variance).containsExactly(5, 4);
    Offset<Double> near = within(1e-14);
    assertThat(n.y).containsExactly(new double[] {7, 9, -2, -2, 11, 13, 2, 2}, near);
    n =
        batchNorm(
            new int[] {1, 2, 2, 2},
            4,
            0.5,
            x,
            new double[] {3, Math.sqrt(8)},
            new double[] {10, 0});
    assertThat(n.y).containsExactly(new double[] {7, 9, -1, -1, 11, 13, 2, 2}, near);
  }

  @Test
  void batchNormKeepsPrecisionFarFromZero() {
    double[] x = {1e9 - 1, 1e9 + 1};
    Normalised n = batchNorm(new int[] {1, 2, 1, 1}, 0, 1, x, new double[] {1}, new double[] {0});
    assertThat(n.variance).containsExactly(1);
    assertThat(n.y).containsExactly(-1, 1);
  }

  @Test
  void membersAreNormalisedAlone() {
    Random random = new Random(2);
    double[] x = Values.normal(random, 3 * 4 * 2 * 3);
    double[] gamma = Values.normal(random, 6);
    double[] beta = Values.normal(random, 6);
    Normalised all = batchNorm(new int[] {3, 4, 2, 3}, 1e-3, 0.2, x, gamma, beta);
    Normalised second =
        batchNorm(
            new int[] {1, 4, 2, 3},
            1e-3,
            0.2,
            Arrays.copyOfRange(x, 24, 48),
            Arrays.copyOfRange(gamma, 2, 4),
            Arrays.copyOfRange(beta, 2, 4));
    assertThat(Arrays.copyOfRange(all.y, 24, 48)).containsExactly(second.y);
    assertThat(Arrays.copyOfRange(all.mean, 2, 4)).containsExactly(second.mean);
    assertThat(Arrays.copyOfRange(all.variance, 2, 4)).containsExactly(second.variance);
  }

  @Test
  void batchNormGradIsTheGradient() {
    Random random = new Random(4);
    int[] sizes = {2, 5, 3, 2};
    double[] x = Values.normal(random, 60);
    double[] gamma = Values.normal(random, 6);
    double[] beta = Values.normal(random, 6);
    double[] dy = Values.normal(random, 60);
    for (double slope : new double[] {1, 0, 0.2}) {
      double epsilon = 0.1;
      Normalised n = batchNorm(sizes, epsilon, slope, x, gamma, beta);
      Buffer dx = values.realOfSize(60);
      Buffer dgamma = values.realOfSize(6);
      Buffer dbeta = values.realOfSize(6);
      device.run(
          new Primitive.BatchNormGrad(
              2,
              5,
              3,
              2,
              epsilon,
              slope,
              values.real(x),
              values.real(gamma),
              values.real(n.y),
              values.real(n.mean),
              values.real(n.variance),
              values.real(dy),
              dx,
              dgamma,
              dbeta));
      Offset<Double> near = within(1e-8);
      assertThat(values.of(dx))
          .containsExactly(
              gradient(x, z -> Values.dot(dy, batchNorm(sizes, epsilon, slope, z, gamma, beta).y)),
              near);
      assertThat(values.of(dgamma))
          .containsExactly(
              gradient(gamma, z -> Values.dot(dy, batchNorm(sizes, epsilon, slope, x, z, beta).y)),
              near);
      assertThat(values.of(dbeta))
          .containsExactly(
              gradient(beta, z -> Values.dot(dy, batchNorm(sizes, epsilon, slope, x, gamma, z).y)),
              near);
    }
  }

  /** By central differences. */
  private static double[] gradient(double[] x, ToDoubleFunction<double[]> f) {
    double h = 1e-5;
    double[] gradient = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double[] moved = x.clone();
      moved[i] = x[i] + h;
      double above = f.applyAsDouble(moved);
      moved[i] = x[i] - h;
      gradient[i] = (above - f.applyAsDouble(moved)) / (2 * h);
    }
    return gradient;
  }
}
