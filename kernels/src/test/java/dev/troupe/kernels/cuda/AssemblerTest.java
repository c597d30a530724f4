package dev.troupe.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.gpu.KernelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every committed kernel becomes machine code for every GPU from its target on, without spills. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AssemblerTest {
  private static final Path FOLDER = Path.of("src/main/cuda");
  private static final Path TABLE = Path.of("../docs/kernels.md");
  private static final String REFRESH =
      "./mvnw -q test -pl kernels -Dtest=AssemblerTest -Dtroupe.refresh=true";
  private static final Pattern TARGET = Pattern.compile("(?m)^\\s*\\.target\\s+sm_(\\d+)");
  private static final Pattern MOST_THREADS =
      Pattern.compile(
          "\\.entry\\s+(\\w+)\\s*\\([^)]*\\)\\s*\\.(?:max|req)ntid\\s+(\\d+)(?:\\s*,\\s*(\\d+))?(?:\\s*,\\s*(\\d+))?");
  private static final int USUAL_THREADS = 256;

  /** What a file's entries take on each GPU that runs it, in the file's order. */
  private final Map<String, Map<Architecture, List<Assembler.Usage>>> done = new TreeMap<>();

  private static List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(".ptx"))
          .sorted()
          .toList();
    }
  }

  private Map<Architecture, List<Assembler.Usage>> assembled(String file) throws IOException {
    Map<Architecture, List<Assembler.Usage>> usages = done.get(file);
    if (usages == null) {
      usages = new EnumMap<>(Architecture.class);
      String ptx = Files.readString(FOLDER.resolve(file));
      Matcher target = TARGET.matcher(ptx);
      assertThat(target.find()).as("%s names its .target", file).isTrue();
      for (Architecture architecture : Architecture.values()) {
        if (architecture.capability() >= Integer.parseInt(target.group(1))) {
          usages.put(architecture, Assembler.assemble(file, ptx, architecture));
        }
      }
      done.put(file, usages);
    }
    return usages;
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("files")
  void aFileAssemblesForEveryGpuFromItsTargetOn(String file) throws IOException {
    assertThat(assembled(file)).isNotEmpty();
    assembled(file)
        .forEach((architecture, usages) ->
            assertThat(usages)
                .as("%s for %s", file, architecture.label())
                .isNotEmpty()
                .allSatisfy(usage -> assertThat(usage.spills()).as(usage.entry()).isZero()));
  }

  @Test
  void theTableInTheDocumentationIsOfTheseKernels() throws IOException {
    String table = table();
    if (Boolean.getBoolean("troupe.refresh")) {
      Files.writeString(TABLE, table);
    }
    assertThat(TABLE).as("docs/kernels.md is out of date; run %s", REFRESH).hasContent(table);
  }

  private String table() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # What the GPU kernels take

        Written by a test: `%s`

        Each cell is registers of a thread, bytes of shared memory of a block, static and dynamic, and the theoretical
        occupancy in percent: the share of a multiprocessor's warps that registers and shared memory let be resident,
        for blocks of the most threads that the kernel declares (`__launch_bounds__`), or of %d where it declares none
        (marked *). No kernel spills registers, and a block of each fits; the test asserts it.
        """
            .formatted(REFRESH, USUAL_THREADS));
    for (String file : files()) {
      text.append("\n## ").append(file).append("\n\n| kernel | threads |");
      for (Architecture architecture : assembled(file).keySet()) {
        text.append(' ').append(architecture.label()).append(" |");
      }
      text.append("\n|:--|--:|").append("--:|".repeat(assembled(file).size())).append('\n');
      Map<String, Integer> threads = mostThreads(Files.readString(FOLDER.resolve(file)));
      List<String> entries =
          assembled(file).values().iterator().next().stream()
              .map(Assembler.Usage::entry)
              .sorted()
              .toList();
      for (String entry : entries) {
        Integer declared = threads.get(entry);
        text.append("| `").append(entry).append("` | ");
        text.append(declared == null ? USUAL_THREADS + "*" : declared.toString()).append(" |");
        assembled(file)
            .forEach((architecture, usages) ->
                text.append(cell(architecture, usage(usages, entry), declared)));
        text.append('\n');
      }
    }
    return text.toString();
  }

  private static String cell(
      Architecture architecture, Assembler.Usage usage, Integer declaredThreads) {
    int threads = declaredThreads == null ? USUAL_THREADS : declaredThreads;
    int shared = usage.shared() + KernelFiles.dynamicShared(usage.entry());
    int occupancy = architecture.occupancy(threads, usage.registers(), shared);
    assertThat(occupancy).as("%s on %s", usage.entry(), architecture.label()).isPositive();
    return " %d, %d, %d |".formatted(usage.registers(), shared, occupancy);
  }

  private static Assembler.Usage usage(List<Assembler.Usage> usages, String entry) {
    return usages.stream().filter(usage -> usage.entry().equals(entry)).findFirst().orElseThrow();
  }

  private static Map<String, Integer> mostThreads(String ptx) {
    Map<String, Integer> threads = new TreeMap<>();
    Matcher matcher = MOST_THREADS.matcher(ptx);
    while (matcher.find()) {
      int product = 1;
      for (int group = 2; group <= 4; group++) {
        product *= matcher.group(group) == null ? 1 : Integer.parseInt(matcher.group(group));
      }
      threads.put(matcher.group(1), product);
    }
    return threads;
  }

  @Test
  void aKernelThatSpillsIsFound() {
    List<Assembler.Usage> usages =
        Assembler.assemble("spill.ptx", manyRegisters(".maxnreg 16"), Architecture.SM_80);
    assertThat(usages).singleElement().satisfies(u -> assertThat(u.spills()).isPositive());
    assertThat(Assembler.assemble("calm.ptx", manyRegisters(""), Architecture.SM_80))
        .singleElement()
        .satisfies(u -> assertThat(u.spills()).isZero())
        .satisfies(u -> assertThat(u.registers()).isGreaterThan(48))
        .satisfies(u -> assertThat(u.entry()).isEqualTo("many"));
  }

  /** Loads 48 values, waits, and stores them: all are alive at once. */
  private static String manyRegisters(String limit) {
    List<String> lines = new ArrayList<>();
    IntStream.range(0, 48)
        .forEach(i -> lines.add("ld.volatile.global.f32 %f" + i + ", [%rd1+" + 4 * i + "];"));
    lines.add("bar.sync 0;");
    IntStream.range(0, 48)
        .forEach(
            i -> lines.add("st.volatile.global.f32 [%rd1+" + 4 * i + "], %f" + (47 - i) + ";"));
    return """
    .version 7.5
    .target sm_75
    .address_size 64
    .visible .entry many(.param .u64 p)
    %s
    {
    .reg .f32 %%f<48>;
    .reg .b64 %%rd<2>;
    ld.param.u64 %%rd1, [p];
    cvta.to.global.u64 %%rd1, %%rd1;
    %s
    ret;
    }
    """
        .formatted(limit, String.join("\n", lines));
  }

  @Test
  void whatTheAssemblerRefusesIsToldInItsWords() {
    String ptx =
        ".version 7.5\n.target sm_75\n.address_size 64\n.visible .entry f() {\nfrobnicate;\n}\n";
    assertThatThrownBy(() -> Assembler.assemble("bad.ptx", ptx, Architecture.SM_90))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("bad.ptx for sm_90: ")
        .hasMessageContaining("frobnicate");
  }

  @Test
  void occupancyIsThatOfNvidiasCalculator() {
    // A100: 2048 threads of a multiprocessor, 65,536 registers.
    assertThat(Architecture.SM_80.occupancy(256, 32, 0)).isEqualTo(100);
    assertThat(Architecture.SM_80.occupancy(256, 33, 0)).isEqualTo(75);
    assertThat(Architecture.SM_80.occupancy(256, 64, 0)).isEqualTo(50);
    assertThat(Architecture.SM_80.occupancy(256, 255, 0)).isEqualTo(13);
    assertThat(Architecture.SM_80.occupancy(256, 32, 48 << 10)).isEqualTo(38); // 3 blocks of 49 KiB
    assertThat(Architecture.SM_86.occupancy(1024, 32, 0)).isEqualTo(67); // 1536 threads
    assertThat(Architecture.SM_75.occupancy(256, 64, 0)).isEqualTo(100); // 1024 threads
    assertThat(Architecture.SM_75.occupancy(32, 32, 0)).isEqualTo(50); // 16 blocks of one warp
  }
}
