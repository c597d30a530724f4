package dev.troupe.kernels.cases;

import static java.lang.Math.abs;

import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cases.Inputs.Real;
import dev.troupe.kernels.cases.PrimitiveCases.Bound;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.cases.PrimitiveCases.Sample;
import dev.troupe.kernels.cases.PrimitiveCases.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Samples of softmax and batch norm, with their gradients. */
final class NormalisationCases extends CaseFamily {
  static List<Case> all() {
    NormalisationCases family = new NormalisationCases();
    family.softmax();
    family.batchNorm();
    return family.cases();
  }

  private void softmax() {
    int[][] sizes = {
      {1, 1},
      {3, 33},
      {33, 3},
      {5, 1025},
      {3, 2500},
      {127, 1},
      {31, 10},
      {1025, 4},
      {7, 250},
      {3, 2040},
      {2, 5000},
      {2, 8200},
      {1, 9000},
      {0, 5},
      {5, 0},
      // Rows that end in each of the eight elements that a thread holds.
      {9, 2},
      {9, 7},
      {9, 13},
      {5, 60},
      {3, 140},
      {2, 300},
      {1, 600},
      {1, 800},
      {1, 1300},
      {1, 1600}
    };
    for (boolean log : new boolean[] {false, true}) {
      for (int[] s : sizes) {
        int n = s[0] * s[1];
        softmax(log, s[0], s[1], "normal", in -> in.normal(n, 0, 3));
        softmax(log, s[0], s[1], "far", in -> in.normal(n, 1000, 30));
        softmax(log, s[0], s[1], "strewn", in -> in.strewn(n, -INF, -200, 50));
        softmax(log, s[0], s[1], "broken", in -> in.strewn(n, -INF, INF, NAN));
        softmaxGrad(log, s[0], s[1], false);
      }
      // All of one sign, and exponents far from 0: what an exponential is off by adds up.
      softmaxGrad(log, 2, 257, true);
      softmaxGrad(log, 2, 2049, true);
      softmaxGrad(log, 1, 9000, true);
    }
  }

  private void softmaxGrad(boolean log, int rows, int size, boolean positive) {
    int n = rows * size;
    add(
        Primitive.SoftmaxGrad.class,
        (log ? "log " : "") + rows + " x " + size + (positive ? " positive" : ""),
        in -> {
          double[] ys = new double[n];
          for (int r = 0; r < rows; r++) {
            double[] x = new double[size];
            double total = 0;
            for (int i = 0; i < size; i++) {
              x[i] = 2 * in.random.nextGaussian();
              total += Math.exp(x[i]);
            }
            for (int i = 0; i < size; i++) {
              ys[r * size + i] = log ? x[i] - Math.log(total) : Math.exp(x[i]) / total;
            }
          }
          for (int i = 0; positive && i < n; i += 7) {
            ys[i] = -0.34 - i % 3 * Math.log(2);
          }
          Real y = in.real(ys);
          Real dy = positive ? in.positive(n) : in.normal(n);
          Bound bound =
              new Bound(
                  size,
                  (at, dx) -> {
                    int row = at / size * size;
                    if (log) {
                      double weight = Math.exp(y.at(at)) * (1 + abs(y.at(at)));
                      return abs(dy.at(at)) + weight * sum(size, i -> abs(dy.at(row + i)));
                    }
                    double inner = sum(size, i -> abs(y.at(row + i) * dy.at(row + i)));
                    return abs(y.at(at)) * (abs(dy.at(at)) + inner);
                  });
          return sample(
              new Primitive.SoftmaxGrad(log, rows, size, y.buffer(), dy.buffer(), in.out(n)),
              bound);
        });
  }

  private void softmax(
      boolean log, int rows, int size, String label, Function<Inputs, Real> input) {
    add(
        Primitive.Softmax.class,
        (log ? "log " : "") + rows + " x " + size + " " + label,
        in -> {
          Real x = input.apply(in);
          Bound bound =
              new Bound(
                  size,
                  (at, y) -> {
                    double max = -INF;
                    for (int i = 0; i < size; i++) {
                      max = Math.max(max, x.at(at / size * size + i));
                    }
                    double shift = abs(x.at(at) - max);
                    if (log) {
                      return shift + abs(y - (x.at(at) - max)) + 1;
                    }
                    return y == 0 ? 0 : y * (1 + shift);
                  });
          return sample(
              new Primitive.Softmax(log, rows, size, x.buffer(), in.out(rows * size)), bound);
        });
  }

  private void batchNorm() {
    int[][] sizes = { // members, batch, channels, spatial
      {1, 1, 1, 1},
      {1, 3, 1, 1},
      {2, 3, 5, 1},
      {1, 100, 33, 1},
      {3, 31, 7, 9},
      {2, 4, 3, 33},
      {1, 127, 17, 1},
      {1, 3, 2, 1025},
      {1, 150, 2, 81},
      {1, 2, 1, 5001},
      {1, 7, 2, 1003},
      {8, 25, 40, 1},
      {2, 300, 9, 1},
      {1, 2100, 9, 1},
      {1, 7, 2, 2401},
      {2, 61, 5, 1}, // these and the next: all that threads of a GPU's block can hold
      {1, 250, 3, 1},
      {1, 1000, 3, 1},
      {1, 20_000, 2, 1},
      {1, 2, 2, 1000},
      {1, 8, 1, 1000},
      {0, 3, 5, 1},
      {2, 3, 0, 4},
      {1, 7000, 1, 1} // four chunks
    };
    // What a thread of a GPU's block takes in turn lies so far apart: channels that end in each of
    // its elements.
    for (int i = 0; i < 8; i++) {
      batchNormOf(32 * i + 5, false);
      batchNormOf(256 * i + 5, true);
      batchNormOf(1024 + 32 * i + 5, false); // in chunks, like the next
      batchNormOf(8192 + 256 * i + 5, true);
    }
    for (int i = 4; i < 16; i++) {
      batchNormOf(64 * i + 5, false);
      batchNormOf(512 * i + 5, true);
    }
    for (int[] s : sizes) {
      for (double slope : new double[] {1, 0, 0.2f}) {
        batchNorm(s, slope, "", in -> in.normal(product(s)));
        batchNorm(s, slope, " shifted", in -> in.normal(product(s), 100, 2));
        batchNormGrad(s, slope);
      }
      batchNorm(s, 0, " NaN", in -> in.strewn(product(s), NAN, 1, 2, 3, 4, 5));
      batchNorm(s, 0, 0.05f, " running", in -> in.normal(product(s), 3, 2));
    }
    // A first element far from all others, and a last chunk of a single one, so that a GPU's lanes
    // have 1 or none: what they merge wrongly shows.
    int[] chunks = {1, 5, 1, 3277};
    batchNorm(
        chunks,
        0,
        " far first",
        in -> {
          double[] x = in.random.doubles(product(chunks)).toArray();
          x[0] = 1000;
          return in.real(x);
        });
  }

  /** Channels of {@code count} elements, or up to two more where there is space. */
  private void batchNormOf(int count, boolean space) {
    int[] s = space ? new int[] {1, 3, 1, count / 3 + 1} : new int[] {1, count, 3, 1};
    batchNorm(s, 0, "", in -> in.normal(product(s)));
    batchNormGrad(s, 0);
  }

  private void batchNorm(int[] s, double slope, String label, Function<Inputs, Real> input) {
    batchNorm(s, slope, 0, label, input);
  }

  /** With running statistics where {@code rate} is not 0. */
  private void batchNorm(
      int[] s, double slope, double rate, String label, Function<Inputs, Real> input) {
    int channels = s[0] * s[2];
    int n = s[1] * s[3];
    double epsilon = 0x1p-10;
    add(
        Primitive.BatchNorm.class,
        java.util.Arrays.toString(s) + " slope " + slope + label,
        in -> {
          Real x = input.apply(in);
          Real gamma = in.normal(channels);
          Real beta = in.normal(channels);
          double[] mean = new double[channels];
          double[] size = new double[channels]; // mean |x|
          double[] variance = new double[channels];
          double[] terms = new double[channels]; // of the variance
          for (int i = 0; i < x.v().length; i++) {
            mean[channel(s, i)] += x.at(i) / n;
            size[channel(s, i)] += abs(x.at(i)) / n;
          }
          for (int i = 0; i < x.v().length; i++) {
            int c = channel(s, i);
            double d = abs(x.at(i) - mean[c]);
            variance[c] += d * d / n;
            terms[c] += 2 * d * (abs(x.at(i)) + size[c]) / n;
          }
          Bound ofY =
              new Bound(
                  n,
                  (i, y) -> {
                    int c = channel(s, i);
                    double spread = variance[c] + epsilon;
                    double scale = abs(gamma.at(c)) / Math.sqrt(spread);
                    return scale * (abs(x.at(i)) + size[c])
                        + scale * abs(x.at(i) - mean[c]) * terms[c] / (2 * spread)
                        + abs(beta.at(c));
                  });
          List<Bound> bounds = new ArrayList<>();
          bounds.add(ofY);
          bounds.add(new Bound(n, (c, y) -> size[c]));
          bounds.add(new Bound(n, (c, y) -> terms[c]));
          Primitive.BatchNorm.Running running = null;
          if (rate != 0) {
            Real means = in.normal(channels);
            Real variances = in.positive(channels);
            running = new Primitive.BatchNorm.Running(rate, means.buffer(), variances.buffer());
            bounds.add(new Bound(n, (c, y) -> abs(means.at(c)) + rate * size[c]));
            bounds.add(new Bound(n, (c, y) -> abs(variances.at(c)) + rate * terms[c]));
          }
          return new Sample(
              new Primitive.BatchNorm(
                  s[0],
                  s[1],
                  s[2],
                  s[3],
                  epsilon,
                  slope,
                  x.buffer(),
                  gamma.buffer(),
                  beta.buffer(),
                  in.out(x.v().length),
                  in.out(channels),
                  in.out(channels),
                  running),
              bounds);
        });
  }

  private static int channel(int[] s, int i) {
    return i / (s[3] * s[2] * s[1]) * s[2] + i / s[3] % s[2];
  }

  private void batchNormGrad(int[] s, double slope) {
    int channels = s[0] * s[2];
    int n = s[1] * s[3];
    double epsilon = 0x1p-10;
    add(
        Primitive.BatchNormGrad.class,
        java.util.Arrays.toString(s) + " slope " + slope,
        in -> {
          Real x = in.normal(product(s), 0.5, 1);
          Real gamma = in.normal(channels);
          Real y = in.normal(product(s));
          Real mean = in.normal(channels, 0.5, 0.1);
          Real variance = in.positive(channels);
          Real dy = in.normal(product(s));
          double[] sums = new double[channels]; // Σ |dz|
          double[] weighted = new double[channels]; // Σ |dz|·(|x| + |mean|)·scale
          Terms size =
              (i, c) ->
                  (abs(x.at(i)) + abs(mean.at((int) c)))
                      / Math.sqrt(variance.at((int) c) + epsilon);
          for (int i = 0; i < x.v().length; i++) {
            int c = channel(s, i);
            double dz = abs(dy.at(i)) * (y.at(i) > 0 ? 1 : slope);
            sums[c] += dz;
            weighted[c] += dz * size.of(i, c);
          }
          Bound ofDx =
              new Bound(
                  n,
                  (i, dx) -> {
                    int c = channel(s, i);
                    double dz = abs(dy.at(i)) * (y.at(i) > 0 ? 1 : slope);
                    double scale = abs(gamma.at(c)) / Math.sqrt(variance.at(c) + epsilon);
                    return scale * (dz + sums[c] / n + size.of(i, c) * weighted[c] / n);
                  });
          return sample(
              new Primitive.BatchNormGrad(
                  s[0],
                  s[1],
                  s[2],
                  s[3],
                  epsilon,
                  slope,
                  x.buffer(),
                  gamma.buffer(),
                  y.buffer(),
                  mean.buffer(),
                  variance.buffer(),
                  dy.buffer(),
                  in.out(x.v().length),
                  in.out(channels),
                  in.out(channels)),
              ofDx,
              new Bound(n, (c, g) -> weighted[c]),
              new Bound(n, (c, g) -> sums[c]));
        });
  }
}
