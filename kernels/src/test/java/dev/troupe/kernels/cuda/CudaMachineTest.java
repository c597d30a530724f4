package dev.troupe.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The calls into the driver, without a GPU: gcc makes a libcuda.so.1 of {@code libcuda.c}, and
 * {@link StubProgram} runs on it through JCuda's own native code.
 */
final class CudaMachineTest {
  @TempDir private static Path folder;

  private static boolean hasGcc;

  @BeforeAll
  static void buildTheStubs() throws IOException, InterruptedException {
    // JCuda's native code asks for the versions of the libraries' symbols.
    Files.createDirectories(folder.resolve("cublas"));
    Files.createDirectories(folder.resolve("cudnn"));
    Files.writeString(folder.resolve("cublas.versions"), "libcublas.so.12 { global: *; };");
    Files.writeString(folder.resolve("cudnn.versions"), "libcudnn.so.9 { global: *; };");
    hasGcc =
        build("libcuda.c", "libcuda.so.1")
            && build("libprofiler.c", "libprofiler.so", "-Wall")
            && build(
                "libcublas.c", "cublas/libcublas.so.12", "-Wl,--version-script=cublas.versions")
            && build(
                "libcudnn.c",
                "cudnn/libcudnn.so.9",
                "-Wl,--version-script=cudnn.versions",
                "libcuda.so.1");
  }

  /** Whether there is a gcc. */
  private static boolean build(String source, String result, String... options)
      throws IOException, InterruptedException {
    try (InputStream in = CudaMachineTest.class.getResourceAsStream(source)) {
      Files.copy(in, folder.resolve(source));
    }
    String soname = Path.of(result).getFileName().toString();
    List<String> command = new ArrayList<>(List.of("gcc", "-shared", "-fPIC", "-O1"));
    command.addAll(List.of("-Wl,-soname," + soname, "-o", result, source));
    command.addAll(List.of(options));
    Process gcc;
    try {
      gcc =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    } catch (IOException e) {
      return false;
    }
    String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(gcc.waitFor()).as(said).isZero();
    return true;
  }

  /** Runs a check on the stub; returns the calls that it has seen. */
  private static List<String> run(Map<String, String> stub, String... check)
      throws IOException, InterruptedException {
    return runWarning(stub, "", check);
  }

  private static List<String> runWarning(Map<String, String> stub, String warning, String... check)
      throws IOException, InterruptedException {
    assumeTrue(hasGcc, "gcc, which makes the stub of the driver");
    Path log = Files.createTempFile(folder, "calls", ".log");
    ProcessBuilder builder = java(check);
    String library =
        switch (check[0]) {
          case "products", "full products", "unclosed products" -> "cublas";
          case "convolutions", "small convolutions", "failing convolution", "full convolution" ->
              "cudnn";
          default -> "none";
        };
    builder.environment().put("LD_LIBRARY_PATH", folder + ":" + folder.resolve(library));
    builder.environment().put("STUB_LOG", log.toString());
    builder.environment().putAll(stub);
    await(builder, warning);
    return Files.readAllLines(log);
  }

  private static ProcessBuilder java(String... check) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Xmx256m");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-cp");
    command.add(ManagementFactory.getRuntimeMXBean().getClassPath());
    command.add(StubProgram.class.getName());
    command.addAll(List.of(check));
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  /** Runs it to its end; it says {@code warning} and that it passed. */
  private static void await(ProcessBuilder builder, String warning)
      throws IOException, InterruptedException {
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(said).isEqualTo(warning + "passed\n");
  }

  @Test
  void copiesGoThroughPinnedMemory() throws Exception {
    List<String> calls = run(Map.of(), "copies");
    assertThat(calls).filteredOn(c -> c.startsWith("pinned")).hasSize(2);
    assertThat(calls)
        .filteredOn(c -> c.startsWith("copy in"))
        .endsWith("copy in 4194304", "copy in 4194304", "copy in 3611392");
    assertThat(calls)
        .contains("unpinned", "destroy stream", "free 12000000")
        .endsWith("release context");
  }

  @Test
  void launchesPackTheirArgumentsWithoutGarbage() throws Exception {
    List<String> calls = run(Map.of(), "launches");
    assertThat(calls)
        .containsSubsequence(
            "load module",
            "launch increment (3 2 1) of (8 4 2), 0 shared, 12 bytes: 5",
            "attribute 8 of increment: 65536",
            "launch increment (1 1 1) of (64 1 1), 65536 shared, 12 bytes: 4",
            "unload module");
    assertThat(calls).filteredOn("load module"::equals).hasSize(1);
    assertThat(calls).filteredOn("current context"::equals).hasSize(1);
  }

  @Test
  void aCapturedStepIsAGraph() throws Exception {
    List<String> calls = run(Map.of(), "graphs");
    assertThat(calls).filteredOn("graph of 2"::equals).hasSize(51);
    assertThat(calls)
        .filteredOn(c -> c.startsWith("capture increment"))
        .hasSize(4); // two steps of two
    assertThat(calls).filteredOn("destroy graph"::equals).hasSize(3);
    assertThat(calls).contains("begin capture, mode 2");
  }

  @Test
  void aFullGpuEmptiesThePoolOnceAndTellsWhatThereIs() throws Exception {
    List<String> calls = run(Map.of("STUB_MEMORY", "1000000"), "memory");
    assertThat(calls)
        .containsSubsequence("no room for 600000", "free 800000", "allocate 600000")
        .containsSubsequence("no room for 400004", "no room for 400004");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cuInit | cuda: the driver finds no GPU that it can use: CUDA_ERROR_ILLEGAL_ADDRESS",
        "cuMemcpyHtoDAsync_v2 | cuda: cuMemcpyHtoDAsync (16 bytes): CUDA_ERROR_ILLEGAL_ADDRESS,"
            + " a stub's error",
        "cuLaunchKernel | cuda: cuLaunchKernel (increment of state.ptx, (1, 1, 1) of (256, 1, 1),"
            + " 0 bytes of shared memory, 12 bytes of arguments): CUDA_ERROR",
        "cuGraphInstantiateWithFlags | cuda: cuGraphInstantiate (a step of 1 nodes): CUDA_ERROR",
        "cuGraphLaunch | cuda: cuGraphLaunch (a step of 1 nodes): CUDA_ERROR_ILLEGAL_ADDRESS",
        "cuStreamSynchronize | cuda: cuStreamSynchronize (a step of 1 nodes): CUDA_ERROR",
      })
  void aFailingCallIsNamedWithItsSizes(String call, String message) throws Exception {
    run(Map.of("STUB_FAIL", call), "failures", call, message);
  }

  @Test
  void cublasMultipliesRowMajorMatrices() throws Exception {
    List<String> calls = run(Map.of(), "products");
    assertThat(calls)
        .filteredOn(c -> c.startsWith("gemm"))
        .hasSize(16)
        .startsWith("gemm of 2, math mode 0")
        .endsWith("gemm of 2, math mode 3");
    assertThat(calls).filteredOn("allocate 33554432"::equals).hasSize(1);
  }

  @Test
  void cublasOnAFullGpuIsAnErrorAndNoReasonToDoWithoutIt() throws Exception {
    List<String> calls = run(Map.of("STUB_MEMORY", "35000000"), "full products");
    assertThat(calls)
        .containsSubsequence(
            "no room for 33554432",
            "no room for 33554432",
            "no room for 33554432",
            "free 1000000",
            "allocate 33554432",
            "gemm of 1, math mode 0");
  }

  @ParameterizedTest
  @CsvSource({"cublasDestroy_v2, unclosed products", "cuEventDestroy_v2, untimed"})
  void whatCannotBeDestroyedIsTold(String call, String check) throws Exception {
    assertThat(run(Map.of("STUB_FAIL", call), check)).contains("release context");
  }

  @Test
  void anOldDriverIsRefused() throws Exception {
    run(Map.of("STUB_VERSION", "11040"), "old driver");
    run(Map.of("STUB_VERSION", "11050"), "profile");
  }

  @Test
  void whatFailsInAReplayIsLaidToIt() throws Exception {
    run(Map.of("STUB_FAIL", "cuStreamSynchronize"), "failing replay");
  }

  @Test
  void afterAFaultTheNextMachineHasAnotherContext() throws Exception {
    assertThat(run(Map.of("STUB_SPOIL", "increment"), "spoilt context"))
        .containsOnlyOnce("reset context")
        .filteredOn("release context"::equals)
        .hasSize(3);
    assertThat(run(Map.of("STUB_FAIL", "cuEventDestroy_v2"), "untimed"))
        .doesNotContain("reset context");
  }

  @Test
  void whatFailsWhileItIsProfiledIsToldAsEverywhere() throws Exception {
    run(Map.of("STUB_REFUSE", "copy", "STUB_SPOIL", "fill"), "failing profile");
  }

  @Test
  void launchesAreTimedOnceTheHostIsAhead() throws Exception {
    assertThat(run(Map.of(), "profile"))
        .filteredOn(c -> c.startsWith("launch"))
        .startsWith("launch wait_for (1 1 1) of (1 1 1), 0 shared, 8 bytes:")
        .hasSize(5);
    assertThat(Assembler.assemble("wait", CudaMachine.WAIT, Architecture.SM_75)).hasSize(1);
  }

  @Test
  void aProfilerGetsARangeForEachPrimitive() throws Exception {
    assertThat(run(profiler(""), "ranges"))
        .filteredOn(c -> c.matches("(push|pop|profiler|launch|capture|begin|graph).*"))
        .map(c -> c.replaceFirst("^(launch|capture) (\\w+) \\(.*", "$1 $2"))
        .containsExactly(
            "profiler attached",
            "push Increment 3 -> 3",
            "launch increment",
            "pop",
            "begin capture, mode 2",
            "push capture of a step",
            "push Increment 3 -> 3",
            "capture increment",
            "pop",
            "push Fill -> 3",
            "capture fill",
            "pop",
            "pop",
            "push replay of 2 launches",
            "graph of 2",
            "pop",
            "push replay of 2 launches",
            "graph of 2",
            "pop");
  }

  @ParameterizedTest
  @CsvSource({"cuLaunchKernel, Increment 3 -> 3", "cuGraphLaunch, replay of 1 launches"})
  void aRangeEndsWhereALaunchFails(String call, String range) throws Exception {
    Map<String, String> stub = new HashMap<>(profiler(""));
    stub.put("STUB_FAIL", call);
    assertThat(run(stub, "failing ranges", call))
        .filteredOn(c -> c.startsWith("p"))
        .containsSubsequence("push " + range, "pop", "push after", "pop")
        .satisfies(calls -> {
          long pushes = calls.stream().filter(c -> c.startsWith("push ")).count();
          assertThat(calls).filteredOn("pop"::equals).hasSize((int) pushes);
        });
  }

  private static Map<String, String> profiler(String how) {
    return Map.of("STUB_PROFILER", how, Nvtx.VARIABLE, folder.resolve("libprofiler.so").toString());
  }

  @Test
  void aProfilerNeedNotWantRanges() throws Exception {
    assertThat(run(profiler("no ranges"), "graphs"))
        .contains("profiler attached")
        .noneMatch(c -> c.startsWith("push "));
  }

  @Test
  void aProfilerThatCannotBeUsedIsNamedAndTheRunGoesOn() throws Exception {
    String absent = folder.resolve("absent.so").toString();
    String stub = folder.resolve("libcuda.so.1").toString();
    String refusing = folder.resolve("libprofiler.so").toString();
    String line = "cuda: no NVTX ranges: NVTX_INJECTION64_PATH=";
    assertThat(
            runWarning(
                Map.of(Nvtx.VARIABLE, absent),
                line
                    + absent
                    + ": "
                    + absent
                    + ": cannot open shared object file: No such file or directory\n",
                "graphs"))
        .contains("graph of 2");
    runWarning(
        Map.of(Nvtx.VARIABLE, stub),
        line + stub + ": " + stub + ": undefined symbol: InitializeInjectionNvtx2\n",
        "graphs");
    runWarning(
        profiler("refuses"),
        line + refusing + ": InitializeInjectionNvtx2 gives 0, expected 1\n",
        "graphs");
  }

  @Test
  void cudnnConvolvesMemberByMember() throws Exception {
    List<String> calls = run(Map.of(), "convolutions");
    // Shapes of 3, 1 and 2 members; where something is added, 3 without and with it; 3 timed, 3
    // captured.
    assertThat(calls)
        .filteredOn(c -> c.startsWith("cudnnConvolutionForward"))
        .hasSize(6 + 12)
        .startsWith("cudnnConvolutionForward, math type 3, beta 0, workspace 1001");
    assertThat(calls)
        .filteredOn(c -> c.startsWith("cudnnConvolutionBackwardData"))
        .hasSize(6 + 6)
        .startsWith("cudnnConvolutionBackwardData, math type 3, beta 0, workspace 0");
    assertThat(calls)
        .filteredOn(c -> c.startsWith("cudnnConvolutionBackwardFilter"))
        .hasSize(6)
        .startsWith("cudnnConvolutionBackwardFilter, math type 3, beta 0, workspace 1001");
    assertThat(calls).filteredOn(c -> c.contains("beta 1")).hasSize(6);
    assertThat(calls).as("working memory of all shapes").containsOnlyOnce("allocate 1048576");
    assertThat(calls).contains("destroy cudnn");
  }

  @Test
  void whatCudnnDoesNotTakeOurOwnKernelsDo() throws Exception {
    assertThat(run(Map.of(), "small convolutions"))
        .filteredOn(c -> c.startsWith("cudnn") || c.startsWith("launch"))
        .map(c -> c.replaceFirst("^(launch \\w+) .*", "$1"))
        .containsExactly(
            "launch conv_32", // unequal padding
            "launch conv_32", // members at odd addresses
            "launch conv_32", // refused by cuDNN
            "launch conv_tf32_32", // small
            "cudnnConvolutionForward, math type 0, beta 0, workspace 1001"); // TF32
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cudnnCreate | cuda: cudnnCreate (cuDNN 9.5.1): CUDNN_STATUS_EXECUTION_FAILED",
        "cudnnConvolutionForward | cuda: cudnnConvolutionForward (FORWARD of 2 images, 2 to 4"
            + " channels, 5x6 by 3x2, stride 2x1, padding 1x0, to 3x5, member 0 of 3):"
            + " CUDNN_STATUS_EXECUTION_FAILED",
        "cudnnDestroy | cuda: cudnnDestroy (): CUDNN_STATUS_EXECUTION_FAILED",
        "cuStreamSynchronize | cuda: cuStreamSynchronize (the last launch was"
            + " cudnnConvolutionForward): CUDA_ERROR_ILLEGAL_ADDRESS, a stub's error",
      })
  void aFailingConvolutionIsNamedWithItsSizes(String call, String message) throws Exception {
    run(Map.of("STUB_FAIL", call), "failing convolution", message);
  }

  @Test
  void cudnnOnAFullGpuIsAnErrorAndNoReasonToDoWithoutIt() throws Exception {
    assertThat(run(Map.of("STUB_MEMORY", "2000000"), "full convolution"))
        .containsSubsequence(
            "no room for cudnn",
            "free 1800000",
            "cudnnConvolutionForward, math type 3, beta 0, workspace 1001");
  }

  @Test
  void withoutLibrariesThereAreOurOwnKernels() throws Exception {
    assertThat(run(Map.of(), "no libraries")).contains("free 33554432");
  }

  @Test
  void withoutADriverThereIsOneSentence() throws Exception {
    ProcessBuilder builder = java("no driver");
    Path empty = Files.createDirectories(folder.resolve("empty"));
    builder.environment().put("LD_LIBRARY_PATH", empty.toString());
    assumeTrue(!hasDriver(), "no libcuda.so.1 on this machine");
    await(builder, "");
  }

  @SuppressWarnings("restricted")
  private static boolean hasDriver() {
    try (var arena = java.lang.foreign.Arena.ofConfined()) {
      java.lang.foreign.SymbolLookup.libraryLookup("libcuda.so.1", arena);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
