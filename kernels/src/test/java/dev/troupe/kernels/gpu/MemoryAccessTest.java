package dev.troupe.kernels.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.AccessCounts;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.gpu.MemoryWorks.Buffers;
import dev.troupe.kernels.gpu.MemoryWorks.Work;
import dev.troupe.kernels.ptx.PtxMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Kernels are coalesced and free of bank conflicts, or stand in a list with a reason. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MemoryAccessTest {
  private static final Path PAGE = Path.of("../docs/kernel-memory.md");
  private static final String REFRESH =
      "./mvnw -q test -pl kernels -Dtest=MemoryAccessTest -Dtroupe.refresh=true";
  private static final int NEWEST = 90;

  /** How many sectors and wavefronts there may be for each that would do. */
  private static final Bounds USUAL = new Bounds(1.25, 1.25, 1.1);

  /** Launches that work less than this share of a kernel's hardest are not in the table. */
  private static final double WORTH_A_ROW = 0.02;

  private record Bounds(double loads, double stores, double shared) {
    boolean hold(AccessCounts counts) {
      return counts.loads().excess() <= loads
          && counts.stores().excess() <= stores
          && counts.conflicts() <= shared;
    }
  }

  /**
   * Rows that are worse.
   *
   * @param kernels whose names it is about, a pattern
   * @param works a pattern that is found in what they do
   */
  private record Exception(Pattern kernels, Pattern works, Bounds bounds, String reason) {
    boolean isAbout(Row row) {
      return kernels.matcher(row.entry()).matches() && works.matcher(row.work).find();
    }
  }

  private static final List<Exception> EXCEPTIONS =
      List.of(
          except(
              "batch_norm_.*images_small|permute",
              " 49",
              1.4,
              1.4,
              1.1,
              "planes of 49 pixels begin within a sector"),
          except(
              "permute",
              "4096, 3",
              3.1,
              1.25,
              1.1,
              "an axis of 3 is not worth a tile; what else a sector has is for other warps"),
          except(
              "batch_norm_finish",
              "256",
              3.4,
              1.25,
              1.1,
              "reads the first pixel of each channel, little beside what the other launches read"),
          except(
              "gather_rows|take_along",
              "",
              4.1,
              1.25,
              1.1,
              "elements and short rows by number lie where they lie"),
          except(
              "(sum|max|min)_(each|lanes)",
              ", 1]",
              4.1,
              1.25,
              1.1,
              "a thread or a few lanes have a short row, and find its next elements in L1"),
          except(
              "softmax_(grad_)?lanes",
              "rows of 10",
              4.1,
              4.1,
              1.1,
              "two lanes have a short row; they find its next elements in L1, and stores meet in L2"),
          except(
              "sum_pool_grad_apart",
              "7 x 7",
              1.25,
              2.2,
              1.1,
              "a thread has four pixels of a column; rows of 7 begin within a sector, and stores meet in L2"),
          except(
              "(max|sum)_pool",
              "",
              8.1,
              1.25,
              1.1,
              "a thread has a window, and finds its next pixels in L1"),
          except(
              "maxout_input_grad_naive",
              "",
              5.7,
              1.25,
              1.1,
              "for more than 64 pieces: the kernel to be read"),
          except(
              "maxout_(input_)?grad_wide",
              "",
              1.25,
              1.25,
              1.16,
              "a warp puts weights of 32 lines into a column of shared memory, which is read by lines"),
          except(
              "maxout_(weight_grad|grad_narrow)",
              "",
              1.25,
              1.5,
              1.1,
              "8 of 100 units at a time, which begin within a sector"),
          except(
              "linear_maxout_(32|64)",
              "",
              1.5,
              2.2,
              1.1,
              "a tile has 6 or 12 units, rows of 24 or 48 bytes"),
          except(
              "conv.*",
              "",
              3.7,
              2.1,
              1.15,
              "pixels looked up beside padding, by strides and by taps, which neighbours find in L1; those"
                  + " of a phase are stored as far apart as the stride"),
          except(
              "matmul_naive",
              "transposed",
              7,
              1.25,
              1.1,
              "a lane has a row of up to 16, and finds its next elements in L1"),
          except(
              "matmul_dot",
              ", 3]",
              2.1,
              1.25,
              1.1,
              "the warps of neighbouring columns read the same sectors"));

  private static Exception except(
      String kernels, String works, double loads, double stores, double shared, String reason) {
    return new Exception(
        Pattern.compile(kernels),
        Pattern.compile(works),
        new Bounds(loads, stores, shared),
        reason);
  }

  /**
   * What a kernel did in all its launches for one primitive.
   *
   * @param kernel as {@link KernelFiles#name} has it
   */
  private record Row(String kernel, String work, AccessCounts counts) {
    String entry() {
      return kernel.substring(0, kernel.indexOf(' '));
    }
  }

  private final List<Row> rows = new ArrayList<>();

  @BeforeAll
  void count() {
    List<Row> counted = new ArrayList<>();
    count(Precision.FP32, MemoryWorks.all(), counted);
    count(Precision.TF32, MemoryWorks.ofTensorCores(), counted);
    Map<String, Long> most = new TreeMap<>();
    for (Row row : counted) {
      most.merge(row.kernel, row.counts.instructions(), Math::max);
    }
    counted.removeIf(row ->
        row.counts.instructions() < WORTH_A_ROW * most.get(row.kernel)
            || row.kernel.startsWith("matmul_fold") && !row.work.contains(" by "));
    counted.sort(Comparator.comparing(Row::kernel)); // which keeps the order of works
    rows.addAll(counted);
  }

  private static void count(Precision precision, List<Work> works, List<Row> into) {
    Map<String, String> names = new TreeMap<>(); // by entry
    for (String name : KernelFiles.names(NEWEST)) {
      names.put(name.substring(0, name.indexOf(' ')), name);
    }
    try (GpuDevice device = new GpuDevice(new PtxMachine(NEWEST), precision, true)) {
      for (Work work : works) {
        Buffers buffers = new Buffers(device);
        Primitive primitive = work.primitive().apply(buffers);
        Map<String, AccessCounts> ofWork = new TreeMap<>();
        for (KernelTime launch : device.profile(() -> device.run(primitive))) {
          String kernel = names.get(launch.kernel());
          ofWork.merge(kernel, launch.accesses(), AccessCounts::plus);
        }
        ofWork.forEach((kernel, counts) -> into.add(new Row(kernel, work.label(), counts)));
        buffers.release();
      }
    }
  }

  @Test
  void everyKernelIsCounted() {
    TreeSet<String> kernels = new TreeSet<>();
    rows.forEach(row -> kernels.add(row.kernel));
    assertThat(kernels).isEqualTo(KernelFiles.names(NEWEST));
  }

  @Test
  void kernelsAreCoalescedAndFreeOfBankConflicts() {
    for (Row row : rows) {
      Bounds bounds =
          EXCEPTIONS.stream()
              .filter(e -> e.isAbout(row))
              .findFirst()
              .map(Exception::bounds)
              .orElse(USUAL);
      assertThat(bounds.hold(row.counts))
          .as(
              "%s, %s: loads %.2f, stores %.2f, shared memory %.2f, expected at most %s",
              row.kernel,
              row.work,
              row.counts.loads().excess(),
              row.counts.stores().excess(),
              row.counts.conflicts(),
              bounds)
          .isTrue();
    }
  }

  @Test
  void noExceptionIsTooMany() {
    for (Exception exception : EXCEPTIONS) {
      assertThat(rows)
          .as("%s, %s", exception.kernels, exception.works)
          .anyMatch(row -> exception.isAbout(row) && !USUAL.hold(row.counts));
    }
  }

  @Test
  void thePageIsOfTheseKernels() throws IOException {
    String page = page();
    if (Boolean.getBoolean("troupe.refresh")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE).as("docs/kernel-memory.md is out of date; run %s", REFRESH).hasContent(page);
  }

  private String page() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            """
            # How the GPU kernels use memory

            Written by a test: `%s`

            Counted by the interpreter, as of sm_%d; [what the counts are](gpu.md#how-kernels-use-memory). Each row is a kernel and a
            primitive that launches it:

            - *instructions* of warps, and the share of their *lanes* that take part in them, in percent;
            - *loads* and *stores*: sectors of global memory for each that would do;
            - *reuse*: how often a byte that is read is asked for, on the average. A kernel that memory limits has 1;
            - *shared*: wavefronts of shared memory for each that would be needed without bank conflicts, or none;
            - *bytes*: distinct ones of global memory, read or written, for each instruction. By its data sheet an H100 (SXM) moves 3.6
              while its schedulers issue one: well below, memory does not limit a kernel. PTX has some instructions more than the GPU's
              code, such as loads of arguments, and others stand for several, such as divisions.

            The test fails where loads or stores are above %.2f or shared above %.2f, save for what is
            [named below](#what-is-above).
            """,
            REFRESH,
            NEWEST,
            USUAL.loads,
            USUAL.shared));
    String file = "";
    for (Row row : rows.stream().sorted(Comparator.comparing(MemoryAccessTest::file)).toList()) {
      if (!file(row).equals(file)) {
        file = file(row);
        text.append("\n## ").append(file).append("\n\n");
        text.append(
            "| kernel | of | instructions | lanes | loads | reuse | stores | shared | bytes |\n");
        text.append("|:--|:--|--:|--:|--:|--:|--:|--:|--:|\n");
      }
      AccessCounts c = row.counts;
      text.append(
          String.format(
              Locale.ROOT,
              "| `%s` | %s | %,d | %.0f | %s | %s | %s | %s | %.1f |%n",
              row.entry(),
              row.work,
              c.instructions(),
              100 * c.activeLanes(),
              ratio(c.loads().sectors(), c.loads().idealSectors()),
              ratio(c.loads().bytes(), c.bytesRead()),
              ratio(c.stores().sectors(), c.stores().idealSectors()),
              ratio(c.wavefronts(), c.idealWavefronts()),
              (double) (c.bytesRead() + c.bytesWritten()) / c.instructions()));
    }
    text.append("\n## What is above\n\n| kernels | of | why |\n|:--|:--|:--|\n");
    for (Exception exception : EXCEPTIONS) {
      TreeSet<String> kernels = new TreeSet<>();
      TreeSet<String> works = new TreeSet<>();
      for (Row row : rows) {
        if (exception.isAbout(row) && !USUAL.hold(row.counts)) {
          kernels.add("`" + row.entry() + "`");
          works.add(row.work);
        }
      }
      text.append("| ").append(String.join(", ", kernels)).append(" | ");
      text.append(works.size() > 3 ? works.size() + " works" : String.join("; ", works));
      text.append(" | ").append(exception.reason).append(" |\n");
    }
    return text.toString();
  }

  private static String file(Row row) {
    return row.kernel.substring(row.kernel.lastIndexOf(' ') + 1);
  }

  private static String ratio(long actual, long ideal) {
    return ideal == 0 ? "" : String.format(Locale.ROOT, "%.2f", (double) actual / ideal);
  }
}
