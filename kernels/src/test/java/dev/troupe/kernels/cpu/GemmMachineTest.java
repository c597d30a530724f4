package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.kernels.Garbage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the matrix product owes to the machine: vector width, compiled inner loops, no garbage. */
final class GemmMachineTest {
  @ParameterizedTest
  @CsvSource({"-XX:UseAVX=3, 16", "-XX:UseAVX=2, 8", "-XX:MaxVectorSize=16, 4"})
  void bitsAreTheSameForEveryVectorWidth(String option, int lanes)
      throws IOException, InterruptedException {
    assumeTrue(
        lanes <= Tiles.LANES,
        "this processor has no vectors of " + 32 * lanes + " bits: " + option + " is not checked");
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), option + " is an option for x86-64 only");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                "--add-modules",
                "jdk.incubator.vector",
                option,
                "-cp",
                System.getProperty("java.class.path"),
                GemmChecksum.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).isZero();
    assertThat(output).isEqualTo(lanes + " " + Long.toHexString(GemmChecksum.checksum()));
  }

  /**
   * Every inner loop gets compiled: one that C2 gives up on runs a hundred times slower than it
   * should, which shows beside a plain loop of multiply-adds.
   */
  @Test
  void innerLoopsReachTheSpeedOfCompiledCode() {
    int depth = 256;
    float[] a = new float[Tiles.STRIP];
    float[] b = new float[Tiles.STRIP + depth * 64];
    float[] c = new float[Tiles.MAX_ROWS * Tiles.WIDTH + 64];
    int w = Tiles.WIDTH;
    Map<String, Runnable> loops = new LinkedHashMap<>();
    Map<String, Integer> work = new LinkedHashMap<>(); // multiply-adds, or elements moved
    if (Tiles.MAX_ROWS == 13) {
      loops.put("Tile13.row", () -> Tile13.row(depth, a, 0, b, 0, c, 0, w, c, 0, w));
      loops.put("Tile13.column", () -> Tile13.column(depth, a, 0, b, 0, c, 0, w, c, 0, w));
      loops.put("Tile13.rowHalf", () -> Tile13.rowHalf(depth, a, 0, b, 0, c, 0, w, c, 0, w));
      loops.put("Tile13.columnHalf", () -> Tile13.columnHalf(depth, a, 0, b, 0, c, 0, w, c, 0, w));
      loops.put("Tile12.row", () -> Tile12.row(depth, a, 0, b, 0, c, 0, w, c, 0, w));
      loops.put("Tile12.column", () -> Tile12.column(depth, a, 0, b, 0, c, 0, w, c, 0, w));
      loops.put("Tile12.rowHalf", () -> Tile12.rowHalf(depth, a, 0, b, 0, c, 0, w, c, 0, w));
      loops.put("Tile12.columnHalf", () -> Tile12.columnHalf(depth, a, 0, b, 0, c, 0, w, c, 0, w));
    }
    loops.put("Tile6.row", () -> Tile6.row(depth, a, 0, b, 0, c, 0, w, c, 0, w));
    loops.put("Tile6.column", () -> Tile6.column(depth, a, 0, b, 0, c, 0, w, c, 0, w));
    loops.put("Tile6.rowHalf", () -> Tile6.rowHalf(depth, a, 0, b, 0, c, 0, w, c, 0, w));
    loops.put("Tile6.columnHalf", () -> Tile6.columnHalf(depth, a, 0, b, 0, c, 0, w, c, 0, w));
    loops.forEach((name, loop) ->
        work.put(
            name,
            Integer.parseInt(name.replaceAll("\\D", ""))
                * depth
                * (name.endsWith("Half") ? Tiles.LANES : w)));
    float[] tile = new float[Thin.ROWS * Thin.WIDTH];
    loops.put("Thin.tile", () -> Thin.tile(depth, a, b, 0, 16, Thin.WIDTH, tile));
    work.put("Thin.tile", depth * Thin.ROWS * Thin.WIDTH);
    loops.put("Thin.tile, a part", () -> Thin.tile(depth, a, b, 0, 16, Tiles.LANES - 1, tile));
    work.put("Thin.tile, a part", depth * Thin.ROWS * (Tiles.LANES - 1));
    float[] dots = new float[Dots.ROWS * Dots.LINE];
    float[] sums = new float[Dots.SUMS];
    int[] rows = {0, Dots.LINE, 2 * Dots.LINE};
    loops.put("Dots.add", () -> Dots.add(1, depth, dots, 0, dots, 0, rows, 0, 0, sums, 0));
    work.put("Dots.add", depth * Dots.ROWS * Dots.COLUMNS);
    loops.put("Planes.everyNth", () -> Planes.everyNth(2, b, 0, 2 * w, depth / 2, w, a, 0, w));
    work.put("Planes.everyNth", depth / 2 * w);
    loops.put(
        "Planes.everyNth, a part",
        () -> Planes.everyNth(2, b, 0, 2 * w, depth / 2, w - 1, a, 0, w));
    work.put("Planes.everyNth, a part", depth / 2 * (w - 1));
    loops.put(
        "Planes.evenAndOdd",
        () -> Planes.evenAndOdd(b, 0, 2 * w, depth / 2, w, a, 0, depth / 2 * w, w));
    work.put("Planes.evenAndOdd", depth * w);
    loops.put("Packing.panels", () -> Packing.panels(b, 0, w, w, depth, a, 0));
    work.put("Packing.panels", depth * w);
    loops.put("Packing.columnStrip", () -> Packing.columnStrip(b, 0, 16, 6, depth, a, 0));
    work.put("Packing.columnStrip", depth * 6);
    if (Tiles.LANES >= 8) {
      loops.put(
          "Packing.transposedPanel", () -> Packing.transposedPanel(b, 0, depth, w, depth, a, 0));
      work.put("Packing.transposedPanel", depth * w);
    }
    double plain = fastest(() -> plainLoop(a, b, c), 4096, 0);
    loops.forEach((name, loop) -> {
      double speed = fastest(loop, work.get(name), 1.5 * plain);
      assertThat(speed).as("%s beside a plain loop (1)", name).isGreaterThan(1.5 * plain);
    });
  }

  private static void plainLoop(float[] a, float[] b, float[] c) {
    float sum = 0;
    for (int i = 0; i < 4096; i++) {
      sum += a[i] * b[i];
    }
    c[0] = sum;
  }

  /** Work per nanosecond in the best of many calls; goes on for a while until it is fast enough. */
  private static double fastest(Runnable loop, int work, double enough) {
    long best = Long.MAX_VALUE;
    long begin = System.nanoTime();
    long elapsed = 0;
    for (int call = 0; elapsed < TimeUnit.SECONDS.toNanos(30); call++) {
      long t = System.nanoTime();
      loop.run();
      best = Math.min(best, System.nanoTime() - t);
      elapsed = System.nanoTime() - begin;
      boolean done = enough > 0 ? work > enough * best : elapsed > 300_000_000;
      if (call > 2_000 && done) {
        break;
      }
    }
    return (double) work / best;
  }

  /**
   * Two vectors as objects a product: depending on what it inlines where, C2 keeps one alive at the
   * end of a loop. A packing buffer, or a loop whose vectors are all objects, is thousands of times
   * more.
   */
  private static final long MOST_BYTES = 400 * 2 * 96;

  @Test
  void aProductAllocatesNoBuffersInTheSteadyState() {
    int[][] shapes = {{100, 400, 400}, {100, 2, 400}, {100, 1, 200}, {2, 400, 100}, {37, 70, 30}};
    float[] a = new float[200_000];
    float[] b = new float[200_000];
    float[] c = new float[200_000];
    try (Workers workers = new Workers(2)) {
      // Vectors are objects until the inner loops are compiled.
      Runnable products =
          () -> {
            for (int i = 0; i < 20; i++) {
              for (int[] s : shapes) {
                for (int t = 0; t < 4; t++) {
                  Gemm.multiply(
                      workers,
                      (t & 1) != 0,
                      (t & 2) != 0,
                      1,
                      s[0],
                      s[1],
                      s[2],
                      a,
                      0,
                      0,
                      b,
                      0,
                      0,
                      null,
                      0,
                      0,
                      false,
                      c,
                      0,
                      0);
                }
              }
            }
          };
      assertThat(Garbage.settled(MOST_BYTES, products))
          .as("bytes for 400 products")
          .isLessThanOrEqualTo(MOST_BYTES);
    }
  }
}
