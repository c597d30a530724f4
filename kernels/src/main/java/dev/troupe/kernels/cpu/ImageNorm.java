package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Lanes.COUNT;
import static dev.troupe.kernels.cpu.Lanes.F;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cpu.Normalisation.Backward;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Batch norm with spatial axes, one channel of one member at a time: {@code batch} runs of {@code
 * spatial} elements each, which stay in the second-level cache from pass to pass. Sums are in the
 * order of {@link Sums#moments}.
 */
final class ImageNorm {
  /** For each level of the tree two sums; before them the lanes of a chunk. */
  private static final ThreadLocal<float[]> SUMS = ThreadLocal.withInitial(() -> new float[256]);

  private static final int TREE = 2 * Sums.LANES;

  private ImageNorm() {}

  static void forward(
      Primitive.BatchNorm op,
      HostBuffer xs,
      HostBuffer gamma,
      HostBuffer beta,
      HostBuffer ys,
      HostBuffer mean,
      HostBuffer variance,
      int e,
      int channel) {
    int s = op.spatial();
    int stride = op.channels() * s;
    int stat = e * op.channels() + channel;
    int row = e * op.batch() * stride + channel * s;
    float[] moments = SUMS.get();
    Sums.moments(xs.floats(), xs.offset() + row, op.batch(), s, stride, moments, 0);
    float m = moments[0];
    float v = moments[1];
    mean.floats()[mean.offset() + stat] = m;
    variance.floats()[variance.offset() + stat] = v;
    float scale =
        1f / (float) Math.sqrt(v + (float) op.epsilon()) * gamma.floats()[gamma.offset() + stat];
    normalise(
        xs.floats(),
        xs.offset() + row,
        op.batch(),
        s,
        stride,
        m,
        scale,
        beta.floats()[beta.offset() + stat],
        (float) op.slope(),
        ys.floats(),
        ys.offset() + row);
  }

  private static void normalise(
      float[] x,
      int xo,
      int segments,
      int n,
      int stride,
      float m,
      float scale,
      float shift,
      float slope,
      float[] y,
      int yo) {
    FloatVector centre = FloatVector.broadcast(F, m);
    FloatVector factor = FloatVector.broadcast(F, scale);
    FloatVector start = FloatVector.broadcast(F, shift);
    int whole = F.loopBound(n);
    for (int segment = 0; segment < segments; segment++) {
      int from = xo + segment * stride;
      int to = yo + segment * stride;
      for (int i = 0; i < whole; i += COUNT) {
        FloatVector z = FloatVector.fromArray(F, x, from + i).sub(centre).fma(factor, start);
        z.mul(slope).blend(z, z.compare(VectorOperators.GT, 0f)).intoArray(y, to + i);
      }
      for (int i = whole; i < n; i++) {
        float z = Math.fma(x[from + i] - m, scale, shift);
        y[to + i] = z > 0 ? z : z * slope;
      }
    }
  }

  static void backward(Backward b, int e, int channel) {
    Primitive.BatchNormGrad op = b.op();
    int s = op.spatial();
    int stride = op.channels() * s;
    int stat = e * op.channels() + channel;
    int row = e * op.batch() * stride + channel * s;
    float m = b.mean().floats()[b.mean().offset() + stat];
    float v = b.variance().floats()[b.variance().offset() + stat];
    float rstd = 1f / (float) Math.sqrt(v + (float) op.epsilon());
    float[] sums = SUMS.get();
    sums(b, row, op.batch(), s, m, rstd, sums, TREE);
    float sum = VectorMath.canonical(sums[TREE]);
    float products = VectorMath.canonical(sums[TREE + 1]);
    b.dbeta().floats()[b.dbeta().offset() + stat] = sum;
    b.dgamma().floats()[b.dgamma().offset() + stat] = products;
    float scale = b.gamma().floats()[b.gamma().offset() + stat] * rstd;
    int n = op.batch() * s;
    inputGrad(b, row, m, rstd, sum * (1f / n), -(products * (1f / n)), scale);
  }

  /** The sums of g and of g · x̂, with g the gradient before the activation, to {@code out[at]}. */
  private static void sums(
      Backward b, int row, int segments, int n, float m, float rstd, float[] out, int at) {
    if (segments == 1 ? n <= Sums.CHUNK : Sums.together(segments, n)) {
      chunk(b, row, segments, n, m, rstd, out, at);
      return;
    }
    if (segments == 1) {
      int left = Sums.CHUNK * Integer.highestOneBit(Sums.chunks(n) - 1);
      sums(b, row, 1, left, m, rstd, out, at);
      sums(b, row + left, 1, n - left, m, rstd, out, at + 2);
    } else {
      int left = Integer.highestOneBit(segments - 1);
      int stride = b.op().channels() * b.op().spatial();
      sums(b, row, left, n, m, rstd, out, at);
      sums(b, row + left * stride, segments - left, n, m, rstd, out, at + 2);
    }
    out[at] += out[at + 2];
    out[at + 1] += out[at + 3];
  }

  private static void chunk(
      Backward b, int row, int segments, int n, float m, float rstd, float[] out, int at) {
    int whole = n - n % Sums.LANES;
    for (int lane = 0; lane < Sums.LANES; lane += COUNT) {
      if (lane < 16) {
        whole(b, row + lane, segments, whole, m, rstd, out, lane);
      }
      if (whole + lane < n) {
        VectorMask<Float> mask = F.indexInRange(whole + lane, n);
        rest(b, row + whole + lane, segments, mask, m, rstd, out, lane);
      }
    }
    for (int half = Sums.LANES / 2; half > 0; half /= 2) {
      for (int lane = 0; lane < half; lane++) {
        out[lane] += out[lane + half];
        out[Sums.LANES + lane] += out[Sums.LANES + lane + half];
      }
    }
    out[at] = out[0];
    out[at + 1] = out[Sums.LANES];
  }

  /**
   * Sums over whole runs of 64 in lanes {@code lane} + 0, 16, 32 and 48 and those next to them, and
   * those of the products 64 further on.
   */
  private static void whole(
      Backward b, int row, int segments, int n, float m, float rstd, float[] out, int lane) {
    float[] x = b.x().floats();
    float[] dy = b.dy().floats();
    float slope = (float) b.op().slope();
    float[] y = sign(b).floats();
    int xo = b.x().offset() + row;
    int go = b.dy().offset() + row;
    int yo = sign(b).offset() + row;
    int stride = b.op().channels() * b.op().spatial();
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector p0 = a0;
    FloatVector p1 = a0;
    FloatVector p2 = a0;
    FloatVector p3 = a0;
    for (int segment = 0; segment < segments; segment++) {
      int at = segment * stride;
      for (int i = at; i < at + n; i += Sums.LANES) {
        FloatVector g0 = through(dy, go + i, y, yo + i, slope);
        FloatVector g1 = through(dy, go + i + 16, y, yo + i + 16, slope);
        FloatVector g2 = through(dy, go + i + 32, y, yo + i + 32, slope);
        FloatVector g3 = through(dy, go + i + 48, y, yo + i + 48, slope);
        a0 = a0.add(g0);
        a1 = a1.add(g1);
        a2 = a2.add(g2);
        a3 = a3.add(g3);
        p0 = FloatVector.fromArray(F, x, xo + i).sub(m).mul(rstd).fma(g0, p0);
        p1 = FloatVector.fromArray(F, x, xo + i + 16).sub(m).mul(rstd).fma(g1, p1);
        p2 = FloatVector.fromArray(F, x, xo + i + 32).sub(m).mul(rstd).fma(g2, p2);
        p3 = FloatVector.fromArray(F, x, xo + i + 48).sub(m).mul(rstd).fma(g3, p3);
      }
    }
    a0.intoArray(out, lane);
    a1.intoArray(out, lane + 16);
    a2.intoArray(out, lane + 32);
    a3.intoArray(out, lane + 48);
    p0.intoArray(out, Sums.LANES + lane);
    p1.intoArray(out, Sums.LANES + lane + 16);
    p2.intoArray(out, Sums.LANES + lane + 32);
    p3.intoArray(out, Sums.LANES + lane + 48);
  }

  /** Adds what remains of each segment in one vector of lanes. */
  private static void rest(
      Backward b,
      int row,
      int segments,
      VectorMask<Float> mask,
      float m,
      float rstd,
      float[] out,
      int lane) {
    float[] x = b.x().floats();
    float[] dy = b.dy().floats();
    float slope = (float) b.op().slope();
    float[] y = sign(b).floats();
    int xo = b.x().offset() + row;
    int go = b.dy().offset() + row;
    int yo = sign(b).offset() + row;
    int stride = b.op().channels() * b.op().spatial();
    FloatVector a = FloatVector.fromArray(F, out, lane);
    FloatVector p = FloatVector.fromArray(F, out, Sums.LANES + lane);
    for (int segment = 0; segment < segments; segment++) {
      int i = segment * stride;
      FloatVector d = FloatVector.fromArray(F, dy, go + i, mask);
      FloatVector sign = FloatVector.fromArray(F, y, yo + i, mask);
      FloatVector g = d.mul(slope).blend(d, sign.compare(VectorOperators.GT, 0f));
      FloatVector xhat = FloatVector.fromArray(F, x, xo + i, mask).sub(m).mul(rstd);
      a = a.add(g, mask);
      p = p.blend(xhat.fma(g, p), mask);
    }
    a.intoArray(out, lane);
    p.intoArray(out, Sums.LANES + lane);
  }

  private static void inputGrad(
      Backward b, int row, float m, float rstd, float meanG, float minusMeanP, float scale) {
    float[] x = b.x().floats();
    float[] dy = b.dy().floats();
    float[] dx = b.dx().floats();
    float[] y = sign(b).floats();
    int xo = b.x().offset() + row;
    int go = b.dy().offset() + row;
    int yo = sign(b).offset() + row;
    int o = b.dx().offset() + row;
    float slope = (float) b.op().slope();
    int n = b.op().spatial();
    int stride = b.op().channels() * n;
    int whole = F.loopBound(n);
    FloatVector centre = FloatVector.broadcast(F, m);
    FloatVector factor = FloatVector.broadcast(F, rstd);
    FloatVector product = FloatVector.broadcast(F, minusMeanP);
    int segments = b.op().batch();
    for (int segment = 0; segment < segments; segment++) {
      int at = segment * stride;
      for (int i = at; i < at + whole; i += COUNT) {
        FloatVector g = through(dy, go + i, y, yo + i, slope);
        FloatVector xhat = FloatVector.fromArray(F, x, xo + i).sub(centre).mul(factor);
        xhat.fma(product, g.sub(meanG)).mul(scale).intoArray(dx, o + i);
      }
      for (int i = at + whole; i < at + n; i++) {
        float g = y[yo + i] > 0 ? dy[go + i] : dy[go + i] * slope;
        float xhat = (x[xo + i] - m) * rstd;
        dx[o + i] = Math.fma(xhat, minusMeanP, g - meanG) * scale;
      }
    }
  }

  /** Where the sign of y stands; with a slope of 1 it does not matter, and y need not be read. */
  private static HostBuffer sign(Backward b) {
    return b.op().slope() == 1 ? b.dy() : b.y();
  }

  private static FloatVector through(float[] dy, int go, float[] y, int yo, float slope) {
    FloatVector g = FloatVector.fromArray(F, dy, go);
    return g.mul(slope).blend(g, FloatVector.fromArray(F, y, yo).compare(VectorOperators.GT, 0f));
  }
}
