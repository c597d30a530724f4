package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Lanes.COUNT;
import static dev.troupe.kernels.cpu.Lanes.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums and moments of contiguous elements in an order that their number alone decides, so that
 * results have the same bits at any vector width and on any number of threads.
 *
 * <p>The order of a sum: elements are cut into chunks of {@value #CHUNK}. Within a chunk, lane l of
 * 64 adds up elements l, l + 64, l + 128, … one after the other; then lane l takes in lane l + 32
 * for l below 32, lane l + 16 for l below 16, and so on down to one. The chunks' results go through
 * {@link #fold}. With u = 2^-24 the error is at most (min(n, CHUNK)/64 + 6 + log2(chunks))·u·Σ|x|.
 *
 * <p>Threads that share a sum call {@link #chunkSum} for chunks of their own and fold the results.
 */
final class Sums {
  /** Elements of a chunk. */
  static final int CHUNK = 4096;

  static final int LANES = 64;

  private static final VectorShuffle<Float> TURN_8 = VectorShuffle.iota(F, 8 % COUNT, 1, true);
  private static final VectorShuffle<Float> TURN_4 = VectorShuffle.iota(F, 4 % COUNT, 1, true);
  private static final VectorShuffle<Float> TURN_2 = VectorShuffle.iota(F, 2, 1, true);
  private static final VectorShuffle<Float> TURN_1 = VectorShuffle.iota(F, 1, 1, true);

  private Sums() {}

  // ---------------------------------------------------------------- sums

  /** Number of chunks of {@code n} elements; 0 for none. */
  static int chunks(int n) {
    return Math.ceilDiv(n, CHUNK);
  }

  /** {@code Σ x[off + i]} for i in [0, n); 0 if n is 0. */
  static float sum(float[] x, int off, int n) {
    return VectorMath.canonical(shiftedSum(x, off, n, 0f));
  }

  /** What chunk {@code c} of the n elements contributes to {@link #sum}. */
  static float chunkSum(float[] x, int off, int n, int c) {
    int length = Math.min(CHUNK, n - c * CHUNK);
    return chunkShiftedSum(x, off + c * CHUNK, 1, length, length, 0f);
  }

  /**
   * Sum of {@code count} partial results by a binary tree: the first 2^k of them, with 2^k the
   * largest power of two below {@code count}, then the rest, each by the same rule. 0 if there are
   * none.
   */
  static float fold(float[] partials, int off, int count) {
    if (count <= 1) {
      return count == 1 ? VectorMath.canonical(partials[off]) : 0f;
    }
    int left = Integer.highestOneBit(count - 1);
    return VectorMath.canonical(
        fold(partials, off, left) + fold(partials, off + left, count - left));
  }

  /**
   * Mean and biased variance of {@code segments} runs of {@code length} elements, {@code stride}
   * apart, as of one channel of a batch of images.
   *
   * <p>Two passes over differences to the first element: mean d of x - x[off], then the mean of (x
   * - x[off] - d)². Nothing cancels, however large the mean is beside the deviation: the variance
   * has the relative error of a sum of n squares. Both passes use the order of {@link #sum} within
   * a segment and {@link #fold} over segments; where the tree comes down to segments that fit into
   * one chunk, each filled up to a multiple of 64, they follow each other in its lanes.
   *
   * @param out gets the mean at {@code at} and the variance at {@code at + 1}
   */
  static void moments(
      float[] x, int off, int segments, int length, int stride, float[] out, int at) {
    if (segments < 1 || length < 1) {
      throw new IllegalArgumentException(
          "moments: " + segments + " segments of " + length + " elements, expected 1 or more");
    }
    float n = (float) segments * length;
    float shift = x[off];
    float d = segmentSums(x, off, segments, length, stride, shift) / n;
    float q = segmentSquares(x, off, segments, length, stride, shift, d) / n;
    out[at] = VectorMath.canonical(shift + d);
    out[at + 1] = VectorMath.canonical(q);
  }

  private static float segmentSums(
      float[] x, int off, int segments, int length, int stride, float shift) {
    if (segments == 1) {
      return shiftedSum(x, off, length, shift);
    }
    if (together(segments, length)) {
      return chunkShiftedSum(x, off, segments, length, stride, shift);
    }
    int left = Integer.highestOneBit(segments - 1);
    return segmentSums(x, off, left, length, stride, shift)
        + segmentSums(x, off + left * stride, segments - left, length, stride, shift);
  }

  private static float segmentSquares(
      float[] x, int off, int segments, int length, int stride, float shift, float centre) {
    if (segments == 1) {
      return centredSquares(x, off, length, shift, centre);
    }
    if (together(segments, length)) {
      return chunkCentredSquares(x, off, segments, length, stride, shift, centre);
    }
    int left = Integer.highestOneBit(segments - 1);
    return segmentSquares(x, off, left, length, stride, shift, centre)
        + segmentSquares(x, off + left * stride, segments - left, length, stride, shift, centre);
  }

  /** Whether so many segments are one chunk: 64 lanes add at most 64 elements each. */
  static boolean together(int segments, int length) {
    return (long) segments * Math.ceilDiv(length, LANES) * LANES <= CHUNK;
  }

  private static float shiftedSum(float[] x, int off, int n, float shift) {
    if (n <= CHUNK) {
      return chunkShiftedSum(x, off, 1, n, n, shift);
    }
    int left = CHUNK * Integer.highestOneBit(chunks(n) - 1);
    return shiftedSum(x, off, left, shift) + shiftedSum(x, off + left, n - left, shift);
  }

  private static float centredSquares(float[] x, int off, int n, float shift, float centre) {
    if (n <= CHUNK) {
      return chunkCentredSquares(x, off, 1, n, n, shift, centre);
    }
    int left = CHUNK * Integer.highestOneBit(chunks(n) - 1);
    return centredSquares(x, off, left, shift, centre)
        + centredSquares(x, off + left, n - left, shift, centre);
  }

  private static float chunkShiftedSum(
      float[] x, int off, int segments, int n, int stride, float shift) {
    FloatVector v = sumSlice(x, off, segments, n, stride, 0, shift);
    if (COUNT == 8) {
      v = v.add(sumSlice(x, off, segments, n, stride, 1, shift));
    } else if (COUNT == 4) {
      v = v.add(sumSlice(x, off, segments, n, stride, 2, shift));
      FloatVector w = sumSlice(x, off, segments, n, stride, 1, shift);
      v = v.add(w.add(sumSlice(x, off, segments, n, stride, 3, shift)));
    }
    return foldLanes(v);
  }

  private static float chunkCentredSquares(
      float[] x, int off, int segments, int n, int stride, float shift, float centre) {
    FloatVector v = squareSlice(x, off, segments, n, stride, 0, shift, centre);
    if (COUNT == 8) {
      v = v.add(squareSlice(x, off, segments, n, stride, 1, shift, centre));
    } else if (COUNT == 4) {
      v = v.add(squareSlice(x, off, segments, n, stride, 2, shift, centre));
      FloatVector w = squareSlice(x, off, segments, n, stride, 1, shift, centre);
      v = v.add(w.add(squareSlice(x, off, segments, n, stride, 3, shift, centre)));
    }
    return foldLanes(v);
  }

  /**
   * Sums of {@code x - shift} over lanes COUNT·s + i of all segments, then the folds by 32 and by
   * 16: after it, 16 lanes are left, of which these are COUNT.
   */
  private static FloatVector sumSlice(
      float[] x, int off, int segments, int n, int stride, int s, float shift) {
    if (n % LANES == 0) {
      return wholeSumSlice(x, off, segments, n, stride, s, shift);
    }
    FloatVector k = FloatVector.broadcast(F, shift);
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    int whole = n - n % LANES;
    int rest = whole + s * COUNT;
    VectorMask<Float> m0 = F.indexInRange(rest, n);
    VectorMask<Float> m1 = F.indexInRange(rest + 16, n);
    VectorMask<Float> m2 = F.indexInRange(rest + 32, n);
    VectorMask<Float> m3 = F.indexInRange(rest + 48, n);
    for (int segment = 0; segment < segments; segment++) {
      int from = off + segment * stride;
      for (int i = from + s * COUNT; i < from + whole; i += LANES) {
        a0 = a0.add(FloatVector.fromArray(F, x, i).sub(k));
        a1 = a1.add(FloatVector.fromArray(F, x, i + 16).sub(k));
        a2 = a2.add(FloatVector.fromArray(F, x, i + 32).sub(k));
        a3 = a3.add(FloatVector.fromArray(F, x, i + 48).sub(k));
      }
      int i = from + rest;
      if (rest < n) {
        a0 = a0.add(FloatVector.fromArray(F, x, i, m0).sub(k), m0);
      }
      if (rest + 16 < n) {
        a1 = a1.add(FloatVector.fromArray(F, x, i + 16, m1).sub(k), m1);
      }
      if (rest + 32 < n) {
        a2 = a2.add(FloatVector.fromArray(F, x, i + 32, m2).sub(k), m2);
      }
      if (rest + 48 < n) {
        a3 = a3.add(FloatVector.fromArray(F, x, i + 48, m3).sub(k), m3);
      }
    }
    return a0.add(a2).add(a1.add(a3));
  }

  /** As {@link #sumSlice}, of segments that fill the lanes. */
  private static FloatVector wholeSumSlice(
      float[] x, int off, int segments, int n, int stride, int s, float shift) {
    FloatVector k = FloatVector.broadcast(F, shift);
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int segment = 0; segment < segments; segment++) {
      int from = off + segment * stride;
      for (int i = from + s * COUNT; i < from + n; i += LANES) {
        a0 = a0.add(FloatVector.fromArray(F, x, i).sub(k));
        a1 = a1.add(FloatVector.fromArray(F, x, i + 16).sub(k));
        a2 = a2.add(FloatVector.fromArray(F, x, i + 32).sub(k));
        a3 = a3.add(FloatVector.fromArray(F, x, i + 48).sub(k));
      }
    }
    return a0.add(a2).add(a1.add(a3));
  }

  /** As {@link #sumSlice}, of {@code (x - shift - centre)²}. */
  private static FloatVector squareSlice(
      float[] x, int off, int segments, int n, int stride, int s, float shift, float centre) {
    if (n % LANES == 0) {
      return wholeSquareSlice(x, off, segments, n, stride, s, shift, centre);
    }
    FloatVector k = FloatVector.broadcast(F, shift);
    FloatVector c = FloatVector.broadcast(F, centre);
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    int whole = n - n % LANES;
    int rest = whole + s * COUNT;
    VectorMask<Float> m0 = F.indexInRange(rest, n);
    VectorMask<Float> m1 = F.indexInRange(rest + 16, n);
    VectorMask<Float> m2 = F.indexInRange(rest + 32, n);
    VectorMask<Float> m3 = F.indexInRange(rest + 48, n);
    for (int segment = 0; segment < segments; segment++) {
      int from = off + segment * stride;
      for (int i = from + s * COUNT; i < from + whole; i += LANES) {
        FloatVector e0 = FloatVector.fromArray(F, x, i).sub(k).sub(c);
        FloatVector e1 = FloatVector.fromArray(F, x, i + 16).sub(k).sub(c);
        FloatVector e2 = FloatVector.fromArray(F, x, i + 32).sub(k).sub(c);
        FloatVector e3 = FloatVector.fromArray(F, x, i + 48).sub(k).sub(c);
        a0 = e0.fma(e0, a0);
        a1 = e1.fma(e1, a1);
        a2 = e2.fma(e2, a2);
        a3 = e3.fma(e3, a3);
      }
      int i = from + rest;
      if (rest < n) {
        FloatVector e = FloatVector.fromArray(F, x, i, m0).sub(k).sub(c);
        a0 = a0.blend(e.fma(e, a0), m0);
      }
      if (rest + 16 < n) {
        FloatVector e = FloatVector.fromArray(F, x, i + 16, m1).sub(k).sub(c);
        a1 = a1.blend(e.fma(e, a1), m1);
      }
      if (rest + 32 < n) {
        FloatVector e = FloatVector.fromArray(F, x, i + 32, m2).sub(k).sub(c);
        a2 = a2.blend(e.fma(e, a2), m2);
      }
      if (rest + 48 < n) {
        FloatVector e = FloatVector.fromArray(F, x, i + 48, m3).sub(k).sub(c);
        a3 = a3.blend(e.fma(e, a3), m3);
      }
    }
    return a0.add(a2).add(a1.add(a3));
  }

  /** As {@link #squareSlice}, of segments that fill the lanes. */
  private static FloatVector wholeSquareSlice(
      float[] x, int off, int segments, int n, int stride, int s, float shift, float centre) {
    FloatVector k = FloatVector.broadcast(F, shift);
    FloatVector c = FloatVector.broadcast(F, centre);
    FloatVector a0 = FloatVector.zero(F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int segment = 0; segment < segments; segment++) {
      int from = off + segment * stride;
      for (int i = from + s * COUNT; i < from + n; i += LANES) {
        FloatVector e0 = FloatVector.fromArray(F, x, i).sub(k).sub(c);
        FloatVector e1 = FloatVector.fromArray(F, x, i + 16).sub(k).sub(c);
        FloatVector e2 = FloatVector.fromArray(F, x, i + 32).sub(k).sub(c);
        FloatVector e3 = FloatVector.fromArray(F, x, i + 48).sub(k).sub(c);
        a0 = e0.fma(e0, a0);
        a1 = e1.fma(e1, a1);
        a2 = e2.fma(e2, a2);
        a3 = e3.fma(e3, a3);
      }
    }
    return a0.add(a2).add(a1.add(a3));
  }

  /**
   * The folds that are left once the slices are added up: by 8, 4, 2 and 1, as far as a vector has
   * them.
   */
  static float foldLanes(FloatVector v) {
    if (COUNT > 8) {
      v = v.add(v.rearrange(TURN_8));
    }
    if (COUNT > 4) {
      v = v.add(v.rearrange(TURN_4));
    }
    v = v.add(v.rearrange(TURN_2));
    v = v.add(v.rearrange(TURN_1));
    return v.lane(0);
  }
}
