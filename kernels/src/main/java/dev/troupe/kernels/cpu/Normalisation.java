package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax and batch normalisation. Batch norm without spatial axes takes vectors of channels,
 * member by member; with them, it goes to {@link ImageNorm}.
 */
final class Normalisation {
  private static final ThreadLocal<float[][]> ROWS = ThreadLocal.withInitial(() -> new float[2][0]);

  private Normalisation() {}

  /** Working memory of this thread, for a row of {@code n}. */
  private static float[] row(int which, int n) {
    float[][] rows = ROWS.get();
    if (rows[which].length < n) {
      rows[which] = new float[n];
    }
    return rows[which];
  }

  // ---------------------------------------------------------------- softmax

  static void softmax(Workers workers, Primitive.Softmax op, HostBuffer xs, HostBuffer ys) {
    float[] x = xs.floats();
    float[] y = ys.floats();
    int n = op.size();
    workers.runRanges(
        op.rows(),
        Elementwise.grain(n),
        (from, to) -> {
          for (int r = from; r < to; r++) {
            softmax(op.log(), x, xs.offset() + r * n, y, ys.offset() + r * n, n);
          }
        });
  }

  private static void softmax(boolean log, float[] x, int xo, float[] y, int yo, int n) {
    if (n == 0) {
      return;
    }
    UnaryLoops.affine(x, xo, 1, -Extremes.max(x, xo, n), y, yo, n);
    if (log) {
      float[] e = row(0, n);
      MathLoops.exp(y, yo, e, 0, n);
      UnaryLoops.affine(y, yo, 1, -VectorMath.log(Sums.sum(e, 0, n)), y, yo, n);
    } else {
      MathLoops.exp(y, yo, y, yo, n);
      UnaryLoops.affine(y, yo, 1 / Sums.sum(y, yo, n), 0, y, yo, n);
    }
  }

  static void softmaxGrad(
      Workers workers, Primitive.SoftmaxGrad op, HostBuffer ys, HostBuffer dys, HostBuffer dxs) {
    float[] y = ys.floats();
    float[] dy = dys.floats();
    float[] dx = dxs.floats();
    int n = op.size();
    workers.runRanges(
        op.rows(),
        Elementwise.grain(n),
        (from, to) -> {
          for (int r = from; r < to; r++) {
            int yo = ys.offset() + r * n;
            int go = dys.offset() + r * n;
            int o = dxs.offset() + r * n;
            if (op.log()) { // dy - e^y · Σ dy
              float sum = Sums.sum(dy, go, n);
              MathLoops.exp(y, yo, dx, o, n);
              BinaryLoops.addScaled(dy, go, dx, o, -sum, dx, o, n);
            } else { // y · (dy - Σ y·dy)
              BinaryLoops.mul(y, yo, dy, go, dx, o, n);
              float sum = Sums.sum(dx, o, n);
              UnaryLoops.affine(dy, go, 1, -sum, dx, o, n);
              BinaryLoops.mul(y, yo, dx, o, dx, o, n);
            }
          }
        });
  }

  // ---------------------------------------------------------------- batch norm, forward

  static void batchNorm(
      Workers workers,
      Primitive.BatchNorm op,
      HostBuffer x,
      HostBuffer gamma,
      HostBuffer beta,
      HostBuffer y,
      HostBuffer mean,
      HostBuffer variance,
      HostBuffer runningMean,
      HostBuffer runningVariance) {
    int c = op.channels();
    if (op.spatial() == 1) {
      int groups = (c + Reductions.LANES - 1) / Reductions.LANES;
      workers.run(
          op.members() * groups,
          task -> {
            int e = task / groups;
            int from = task % groups * Reductions.LANES;
            int to = Math.min(c, from + Reductions.LANES);
            forwardChannels(op, x, gamma, beta, y, mean, variance, e, from, to);
            approach(op, runningMean, mean, e * c + from, to - from);
            approach(op, runningVariance, variance, e * c + from, to - from);
          });
    } else {
      workers.run(
          op.members() * c,
          task -> {
            ImageNorm.forward(op, x, gamma, beta, y, mean, variance, task / c, task % c);
            approach(op, runningMean, mean, task, 1);
            approach(op, runningVariance, variance, task, 1);
          });
    }
  }

  /** Moves {@code count} running statistics, if there are any, from number {@code from} on. */
  private static void approach(
      Primitive.BatchNorm op, HostBuffer running, HostBuffer batch, int from, int count) {
    if (running != null) {
      int at = running.offset() + from;
      int batchAt = batch.offset() + from;
      float rate = (float) op.running().rate();
      BinaryLoops.lerp(
          running.floats(), at, batch.floats(), batchAt, rate, running.floats(), at, count);
    }
  }

  /** Channels {@code from} to {@code to} of one member, without spatial axes. */
  private static void forwardChannels(
      Primitive.BatchNorm op,
      HostBuffer xs,
      HostBuffer gamma,
      HostBuffer beta,
      HostBuffer ys,
      HostBuffer mean,
      HostBuffer variance,
      int e,
      int from,
      int to) {
    int n = op.batch();
    int c = op.channels();
    float[] x = xs.floats();
    float[] y = ys.floats();
    int stat = e * c;
    int xo = xs.offset() + e * n * c;
    int yo = ys.offset() + e * n * c;
    int mo = mean.offset() + stat;
    int vo = variance.offset() + stat;
    ColumnMoments.moments(
        x, xo + from, n, to - from, c, mean.floats(), mo + from, variance.floats(), vo + from);
    FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
    float slope = (float) op.slope();
    int i = from;
    for (; i + Lanes.COUNT <= to; i += Lanes.COUNT) {
      FloatVector m = FloatVector.fromArray(Lanes.F, mean.floats(), mo + i);
      FloatVector v = FloatVector.fromArray(Lanes.F, variance.floats(), vo + i);
      FloatVector scale =
          one.div(v.add((float) op.epsilon()).sqrt())
              .mul(FloatVector.fromArray(Lanes.F, gamma.floats(), gamma.offset() + stat + i));
      FloatVector shift = FloatVector.fromArray(Lanes.F, beta.floats(), beta.offset() + stat + i);
      for (int r = 0; r < n; r++) {
        FloatVector z = FloatVector.fromArray(Lanes.F, x, xo + r * c + i).sub(m).fma(scale, shift);
        z.mul(slope).blend(z, z.compare(VectorOperators.GT, 0f)).intoArray(y, yo + r * c + i);
      }
    }
    for (; i < to; i++) {
      normaliseChannel(op, xs, gamma, beta, ys, mean, variance, e, i);
    }
  }

  /** One channel of one member, without spatial axes, whose mean and variance are there already. */
  private static void normaliseChannel(
      Primitive.BatchNorm op,
      HostBuffer xs,
      HostBuffer gamma,
      HostBuffer beta,
      HostBuffer ys,
      HostBuffer mean,
      HostBuffer variance,
      int e,
      int channel) {
    int n = op.batch();
    int c = op.channels();
    float[] x = xs.floats();
    float[] y = ys.floats();
    int stat = e * c + channel;
    float m = mean.floats()[mean.offset() + stat];
    float v = variance.floats()[variance.offset() + stat];
    float scale =
        1f / (float) Math.sqrt(v + (float) op.epsilon()) * gamma.floats()[gamma.offset() + stat];
    float shift = beta.floats()[beta.offset() + stat];
    float slope = (float) op.slope();
    for (int i = e * n * c + channel; i < (e + 1) * n * c; i += c) {
      float z = Math.fma(x[xs.offset() + i] - m, scale, shift);
      y[ys.offset() + i] = z > 0 ? z : z * slope;
    }
  }

  // ---------------------------------------------------------------- batch norm, backward

  /** All arrays of one call, to pass them on together. */
  record Backward(
      Primitive.BatchNormGrad op,
      HostBuffer x,
      HostBuffer gamma,
      HostBuffer y,
      HostBuffer mean,
      HostBuffer variance,
      HostBuffer dy,
      HostBuffer dx,
      HostBuffer dgamma,
      HostBuffer dbeta) {}

  static void batchNormGrad(Workers workers, Backward b) {
    int c = b.op.channels();
    if (b.op.spatial() == 1) {
      int groups = (c + Reductions.LANES - 1) / Reductions.LANES;
      workers.run(
          b.op.members() * groups,
          task -> {
            int e = task / groups;
            int from = task % groups * Reductions.LANES;
            int to = Math.min(c, from + Reductions.LANES);
            int i = from;
            for (; i + Lanes.COUNT <= to; i += Lanes.COUNT) {
              backwardLanes(b, e, i);
            }
            for (; i < to; i++) {
              backwardChannel(b, e, i);
            }
          });
    } else {
      workers.run(b.op.members() * c, task -> ImageNorm.backward(b, task / c, task % c));
    }
  }

  private static void backwardLanes(Backward b, int e, int channel) {
    int n = b.op.batch();
    int c = b.op.channels();
    int stat = e * c + channel;
    int row = e * n * c + channel;
    float[] x = b.x.floats();
    float[] y = b.y.floats();
    float[] dy = b.dy.floats();
    float[] dx = b.dx.floats();
    int xo = b.x.offset() + row;
    int yo = b.y.offset() + row;
    int go = b.dy.offset() + row;
    int o = b.dx.offset() + row;
    float slope = (float) b.op.slope();
    FloatVector m = FloatVector.fromArray(Lanes.F, b.mean.floats(), b.mean.offset() + stat);
    FloatVector v = FloatVector.fromArray(Lanes.F, b.variance.floats(), b.variance.offset() + stat);
    FloatVector rstd = FloatVector.broadcast(Lanes.F, 1f).div(v.add((float) b.op.epsilon()).sqrt());
    FloatVector sum = FloatVector.zero(Lanes.F);
    FloatVector products = FloatVector.zero(Lanes.F);
    for (int r = 0; r < n; r++) {
      FloatVector g = through(dy, go + r * c, y, yo + r * c, slope);
      FloatVector xhat = FloatVector.fromArray(Lanes.F, x, xo + r * c).sub(m).mul(rstd);
      sum = sum.add(g);
      products = g.fma(xhat, products);
    }
    sum.intoArray(b.dbeta.floats(), b.dbeta.offset() + stat);
    products.intoArray(b.dgamma.floats(), b.dgamma.offset() + stat);
    FloatVector scale =
        FloatVector.fromArray(Lanes.F, b.gamma.floats(), b.gamma.offset() + stat).mul(rstd);
    FloatVector meanG = sum.mul(1f / n);
    FloatVector meanP = products.mul(1f / n).neg();
    for (int r = 0; r < n; r++) {
      FloatVector g = through(dy, go + r * c, y, yo + r * c, slope);
      FloatVector xhat = FloatVector.fromArray(Lanes.F, x, xo + r * c).sub(m).mul(rstd);
      xhat.fma(meanP, g.sub(meanG)).mul(scale).intoArray(dx, o + r * c);
    }
  }

  /** The gradient before the activation. */
  private static FloatVector through(float[] dy, int go, float[] y, int yo, float slope) {
    FloatVector g = FloatVector.fromArray(Lanes.F, dy, go);
    return g.mul(slope)
        .blend(g, FloatVector.fromArray(Lanes.F, y, yo).compare(VectorOperators.GT, 0f));
  }

  /** One channel of one member, without spatial axes. */
  private static void backwardChannel(Backward b, int e, int channel) {
    int n = b.op.batch();
    int c = b.op.channels();
    int stat = e * c + channel;
    float m = b.mean.floats()[b.mean.offset() + stat];
    float v = b.variance.floats()[b.variance.offset() + stat];
    float rstd = 1f / (float) Math.sqrt(v + (float) b.op.epsilon());
    float[] x = b.x.floats();
    float sum = 0;
    float products = 0;
    int first = e * n * c + channel;
    int end = (e + 1) * n * c;
    for (int i = first; i < end; i += c) {
      float g = through(b, i);
      sum += g;
      products = Math.fma(g, (x[b.x.offset() + i] - m) * rstd, products);
    }
    b.dbeta.floats()[b.dbeta.offset() + stat] = sum;
    b.dgamma.floats()[b.dgamma.offset() + stat] = products;
    float scale = b.gamma.floats()[b.gamma.offset() + stat] * rstd;
    float meanG = sum * (1f / n);
    float meanP = -(products * (1f / n));
    for (int i = first; i < end; i += c) {
      float xhat = (x[b.x.offset() + i] - m) * rstd;
      b.dx.floats()[b.dx.offset() + i] = Math.fma(xhat, meanP, through(b, i) - meanG) * scale;
    }
  }

  /** The gradient of one element before the activation. */
  private static float through(Backward b, int i) {
    float d = b.dy.floats()[b.dy.offset() + i];
    return b.y.floats()[b.y.offset() + i] > 0 ? d : d * (float) b.op.slope();
  }
}
