package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.ALIGN;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Copies of a channel of an image in which neighbouring windows read neighbouring elements, with
 * its padding.
 */
final class Planes {
  /** Lanes 0, 2, 4, .. twice. */
  private static final VectorShuffle<Float> EVEN =
      VectorShuffle.fromOp(SPECIES, i -> 2 * i & (LANES - 1));

  /** Lanes 1, 3, 5, .. twice. */
  private static final VectorShuffle<Float> ODD =
      VectorShuffle.fromOp(SPECIES, i -> 2 * i + 1 & (LANES - 1));

  private static final VectorMask<Float> UPPER = SPECIES.indexInRange(0, LANES / 2).not();

  private Planes() {}

  /**
   * Copies a channel to planes, {@code [down, across, rows, columns]}: element (r, c) of plane (i,
   * j) is the pixel at row {@code firstRow + i + r · strideRow} and column {@code firstColumn + j +
   * c · strideColumn}, or 0 outside the image.
   *
   * @param x holds the channel {@code [height, width]} from {@code at} on
   * @param to receives the planes from {@code toAt} on
   */
  static void copy(
      float[] x,
      int at,
      int height,
      int width,
      int firstRow,
      int firstColumn,
      int strideRow,
      int strideColumn,
      int down,
      int across,
      int rows,
      int columns,
      float[] to,
      int toAt) {
    float[] channel = x;
    int from = at;
    int before = 0;
    int pitch = width;
    if (down * across > 1) {
      // Read once and in order, with the padding on both sides, so that planes need no masks.
      int beyond = firstColumn + across - 1 + (columns - 1) * strideColumn + 1 - width;
      before = Math.max(0, -firstColumn);
      pitch = before + width + Math.max(0, beyond);
      channel = Scratch.ofThisThread().channel(before + height * pitch);
      from = ALIGN;
      pad(x, at, height, width, channel, from, before, pitch);
    }
    for (int i = 0; i < down; i++) {
      for (int j = 0; j < across; j++) {
        plane(
            channel,
            from,
            height,
            pitch,
            firstRow + i,
            before + firstColumn + j,
            strideRow,
            strideColumn,
            rows,
            columns,
            to,
            toAt + (i * across + j) * rows * columns);
      }
    }
  }

  /** Copies rows to {@code pitch} apart, with zeros between them and {@code before} the first. */
  private static void pad(
      float[] x, int at, int height, int width, float[] to, int toAt, int before, int pitch) {
    everyNth(1, x, at, width, height, width, to, toAt + before, pitch);
    Arrays.fill(to, toAt, toAt + before, 0f);
    for (int j = before + width; j < before + pitch; j++) {
      for (int r = 0; r < height; r++) {
        to[toAt + r * pitch + j] = 0;
      }
    }
  }

  private static void plane(
      float[] x,
      int at,
      int height,
      int width,
      int firstRow,
      int firstColumn,
      int strideRow,
      int strideColumn,
      int rows,
      int columns,
      float[] to,
      int toAt) {
    int top = Math.clamp(Math.ceilDiv(-firstRow, strideRow), 0, rows);
    int bottom = Math.clamp(Math.ceilDiv(height - firstRow, strideRow), top, rows);
    int left = Math.clamp(Math.ceilDiv(-firstColumn, strideColumn), 0, columns);
    int right = Math.clamp(Math.ceilDiv(width - firstColumn, strideColumn), left, columns);
    Arrays.fill(to, toAt, toAt + top * columns, 0f);
    for (int r = top; r < bottom; r++) {
      for (int c = 0; c < left; c++) {
        to[toAt + r * columns + c] = 0;
      }
      for (int c = right; c < columns; c++) {
        to[toAt + r * columns + c] = 0;
      }
    }
    Arrays.fill(to, toAt + bottom * columns, toAt + rows * columns, 0f);
    everyNth(
        strideColumn,
        x,
        at + (firstRow + top * strideRow) * width + firstColumn + left * strideColumn,
        strideRow * width,
        bottom - top,
        right - left,
        to,
        toAt + top * columns + left,
        columns);
  }

  /**
   * Copies some elements of each of {@code rows} rows: {@code count} that are {@code step} apart.
   */
  static void everyNth(
      int step,
      float[] from,
      int at,
      int rowStep,
      int rows,
      int count,
      float[] to,
      int toAt,
      int toStep) {
    int last = at + (rows - 1) * rowStep;
    for (int i = 0; i < count; i += LANES) {
      int some = Math.min(LANES, count - i);
      if (step == 1 && some == LANES) {
        neighbours(from, at + i, rowStep, rows, to, toAt + i, toStep);
      } else if (step == 1) {
        neighbours(from, at + i, rowStep, rows, some, to, toAt + i, toStep);
      } else if (step == 2 && some == LANES && last + 2 * (i + LANES) <= from.length) {
        everySecond(from, at + 2 * i, rowStep, rows, to, toAt + i, toStep);
      } else if (step == 2) {
        everySecond(from, at + 2 * i, rowStep, rows, some, to, toAt + i, toStep);
      } else {
        for (int r = 0; r < rows; r++) {
          for (int j = i; j < i + some; j++) {
            to[toAt + r * toStep + j] = from[at + r * rowStep + j * step];
          }
        }
      }
    }
  }

  /**
   * Copies each row's elements 0, 2, 4, .. to one place and 1, 3, 5, .. to another, {@code count}
   * of both, a multiple of {@link Tiles#LANES}.
   */
  static void evenAndOdd(
      float[] from,
      int at,
      int rowStep,
      int rows,
      int count,
      float[] to,
      int evenAt,
      int oddAt,
      int toStep) {
    for (int i = 0; i < count; i += LANES) {
      for (int r = 0; r < rows; r++) {
        int source = at + r * rowStep + 2 * i;
        FloatVector left = FloatVector.fromArray(SPECIES, from, source);
        FloatVector right = FloatVector.fromArray(SPECIES, from, source + LANES);
        left.rearrange(EVEN)
            .blend(right.rearrange(EVEN), UPPER)
            .intoArray(to, evenAt + r * toStep + i);
        left.rearrange(ODD)
            .blend(right.rearrange(ODD), UPPER)
            .intoArray(to, oddAt + r * toStep + i);
      }
    }
  }

  private static void neighbours(
      float[] from, int at, int rowStep, int rows, float[] to, int toAt, int toStep) {
    for (int r = 0; r < rows; r++) {
      FloatVector.fromArray(SPECIES, from, at + r * rowStep).intoArray(to, toAt + r * toStep);
    }
  }

  /** Of each row, fewer elements than a vector has. */
  private static void neighbours(
      float[] from, int at, int rowStep, int rows, int count, float[] to, int toAt, int toStep) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, count);
    for (int r = 0; r < rows; r++) {
      FloatVector.fromArray(SPECIES, from, at + r * rowStep, mask)
          .intoArray(to, toAt + r * toStep, mask);
    }
  }

  private static void everySecond(
      float[] from, int at, int rowStep, int rows, float[] to, int toAt, int toStep) {
    for (int r = 0; r < rows; r++) {
      FloatVector left = FloatVector.fromArray(SPECIES, from, at + r * rowStep);
      FloatVector right = FloatVector.fromArray(SPECIES, from, at + r * rowStep + LANES);
      left.rearrange(EVEN).blend(right.rearrange(EVEN), UPPER).intoArray(to, toAt + r * toStep);
    }
  }

  /** Of each row, fewer elements than a vector has, or as many at the end of the array. */
  private static void everySecond(
      float[] from, int at, int rowStep, int rows, int count, float[] to, int toAt, int toStep) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, count);
    VectorMask<Float> first = SPECIES.indexInRange(0, 2 * count - 1);
    VectorMask<Float> second = SPECIES.indexInRange(LANES, 2 * count - 1);
    int next = 2 * count - 1 > LANES ? LANES : 0; // where nothing is wanted it need not exist
    for (int r = 0; r < rows; r++) {
      int source = at + r * rowStep;
      FloatVector left = FloatVector.fromArray(SPECIES, from, source, first);
      FloatVector right = FloatVector.fromArray(SPECIES, from, source + next, second);
      left.rearrange(EVEN)
          .blend(right.rearrange(EVEN), UPPER)
          .intoArray(to, toAt + r * toStep, mask);
    }
  }
}
