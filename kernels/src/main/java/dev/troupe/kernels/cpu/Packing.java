package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.A_STRIDE;
import static dev.troupe.kernels.cpu.Tiles.COLUMN_STEP;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;
import static dev.troupe.kernels.cpu.Transposition.BLOCK;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Copies of operands in the layouts of {@link Tiles}. */
final class Packing {
  private Packing() {}

  /** Copies {@code rows} rows of a plain A into a strip, and zeros up to {@code tileRows}. */
  static void rowStrip(
      float[] a, int aOff, int aStride, int rows, int tileRows, int depth, float[] strip, int at) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(a, aOff + r * aStride, strip, at + r * A_STRIDE, depth);
    }
    for (int r = rows; r < tileRows; r++) {
      Arrays.fill(strip, at + r * A_STRIDE, at + r * A_STRIDE + depth, 0f);
    }
  }

  /** Copies {@code rows} columns of a transposed A into a strip, padded with zeros. */
  static void columnStrip(
      float[] a, int aOff, int aStride, int rows, int depth, float[] strip, int at) {
    for (int lane = 0; lane < COLUMN_STEP; lane += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(lane, rows);
      for (int k = 0; k < depth; k++) {
        FloatVector.fromArray(SPECIES, a, aOff + k * aStride + lane, mask)
            .intoArray(strip, at + k * COLUMN_STEP + lane);
      }
    }
  }

  /** Floats in a row of the panel that holds {@code columns} columns. */
  static int panelWidth(int columns) {
    return columns <= LANES ? LANES : WIDTH;
  }

  /**
   * Packs {@code columns} columns of a plain B into panels one after the other. Goes row by row, so
   * that B is read in the order in which it lies.
   */
  static void panels(
      float[] b, int bOff, int bStride, int columns, int depth, float[] panels, int at) {
    int full = columns / WIDTH;
    for (int k = 0; k < depth; k++) {
      int from = bOff + k * bStride;
      int to = at + k * WIDTH;
      for (int p = 0; p < full; p++) {
        FloatVector.fromArray(SPECIES, b, from).intoArray(panels, to);
        FloatVector.fromArray(SPECIES, b, from + LANES).intoArray(panels, to + LANES);
        from += WIDTH;
        to += depth * WIDTH;
      }
    }
    int rest = columns - full * WIDTH;
    if (rest > 0) {
      lastPanel(b, bOff + full * WIDTH, bStride, rest, depth, panels, at + full * depth * WIDTH);
    }
  }

  private static void lastPanel(
      float[] b, int bOff, int bStride, int columns, int depth, float[] panel, int at) {
    int width = panelWidth(columns);
    for (int lane = 0; lane < width; lane += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(lane, columns);
      for (int k = 0; k < depth; k++) {
        FloatVector.fromArray(SPECIES, b, bOff + k * bStride + lane, mask)
            .intoArray(panel, at + k * width + lane);
      }
    }
  }

  /** Packs {@code columns} rows of a transposed B, {@code [columns, depth]}, into a panel. */
  static void transposedPanel(
      float[] b, int bOff, int bStride, int columns, int depth, float[] panel, int at) {
    int width = panelWidth(columns);
    for (int k = 0; k < depth && columns < width; k++) {
      FloatVector.zero(SPECIES).intoArray(panel, at + k * width + width - LANES);
    }
    int j = 0;
    for (; j + BLOCK <= columns; j += BLOCK) {
      int from = bOff + j * bStride;
      int k = Transposition.blocks(b, from, bStride, depth, panel, at + j, width);
      for (; k < depth; k++) {
        for (int r = 0; r < BLOCK; r++) {
          panel[at + k * width + j + r] = b[from + r * bStride + k];
        }
      }
    }
    for (; j < columns; j++) {
      int from = bOff + j * bStride;
      for (int k = 0; k < depth; k++) {
        panel[at + k * width + j] = b[from + k];
      }
    }
  }
}
