package dev.troupe.bench;

import static java.util.Comparator.comparingDouble;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.autograd.ops.Catalogue;
import dev.troupe.bench.GpuCheck.Options;
import dev.troupe.bench.GpuCheck.Stage;
import dev.troupe.experiments.run.Console;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.gpu.Blas;
import dev.troupe.kernels.gpu.Dnn;
import dev.troupe.kernels.gpu.ForwardingMachine;
import dev.troupe.kernels.gpu.Machine;
import dev.troupe.kernels.ptx.PtxMachine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All of gpu-check but the hardware: the same code on the interpreter. */
final class GpuCheckTest {
  @TempDir private Path folder;
  private final Locale before = Locale.getDefault();

  @BeforeEach
  void numbersHaveCommas() {
    Locale.setDefault(Locale.GERMANY); // but not in a report
  }

  @AfterEach
  void asBefore() {
    Locale.setDefault(before);
  }

  @Test
  void itRunsOnTheInterpreter() throws IOException {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    Console console = new Console(stream, stream, false);
    List<GpuFindings> saved = new ArrayList<>();
    GpuFindings found =
        new GpuCheck(
                PtxMachine::new,
                PtxMachine::new,
                () -> new LendingMachine(1),
                new Options(withoutPeers(), true, null, "no python"),
                console)
            .run(folder, saved::add);
    assertThat(found.failures()).isEmpty();
    assertThat(found.stages())
        .extracting(s -> s.stage() + " " + s.state())
        .containsExactly(
            "kernels done",
            "training done",
            "ops done",
            "steps done",
            "bandwidths done",
            "products done",
            "peers not asked for",
            "convolutions done",
            "peer-convolutions not asked for");
    assertThat(saved).extracting(f -> f.stages().size()).containsExactly(1, 2, 3, 4, 5, 6, 8);
    assertThat(found.kernelsLaunched().missing()).isEmpty();
    assertThat(found.kernelsLaunched().launched())
        .isEqualTo(found.kernelsLaunched().existing())
        .isGreaterThan(120);
    assertThat(found.checked())
        .hasSizeGreaterThan(50)
        .allSatisfy(c -> assertThat(c.passed()).as("%s", c).isTrue())
        .extracting(GpuFindings.Checked::precision)
        .contains("fp32", "tf32");
    assertThat(found.ops()).hasSameSizeAs(Catalogue.entries());
    assertThat(found.ops()).filteredOn(op -> !op.passed()).isEmpty();
    assertThat(found.training().passed()).as("%s", found.training()).isTrue();
    assertThat(found.passed()).isTrue();
    assertThat(found.kernels())
        .hasSize(35)
        .allSatisfy(k -> assertThat(k.seconds()).isPositive())
        .allSatisfy(k -> assertThat(k.shareOfCopy()).isPositive());
    assertThat(found.copies()).hasSize(1);
    assertThat(found.products())
        .hasSize(10)
        .allSatisfy(p -> assertThat(p.ownGflops()).isPositive())
        .allSatisfy(p -> assertThat(p.blasGflops()).isZero());
    assertThat(found.convolutions())
        .hasSize(6)
        .allSatisfy(c -> assertThat(c.ownGflops()).isPositive())
        .allSatisfy(c -> assertThat(c.blasGflops()).isZero())
        .allSatisfy(c -> assertThat(c.byDnn().gflops()).isPositive())
        .allSatisfy(c -> assertThat(c.byDnn().passed()).as("%s", c).isTrue());
    assertThat(found.blas()).isEqualTo("none");
    assertThat(found.dnn()).isEqualTo(new LendingMachine(1).description());
    assertThat(found.dnnOps())
        .extracting(GpuFindings.DnnOp::op)
        .containsExactly("Conv2d", "Conv2dInputGrad", "Conv2dWeightGrad");
    assertThat(found.dnnOps()).allSatisfy(op -> assertThat(op.passed()).as("%s", op).isTrue());
    assertThat(found.steps()).hasSize(8);
    assertThat(found.steps()).allSatisfy(s -> assertThat(s.launches()).isGreaterThan(20));
    for (GpuFindings.Step step : found.steps()) {
      assertThat(step.kernels().stream().mapToInt(GpuFindings.StepKernel::launches).sum())
          .isEqualTo(step.graph() ? 0 : step.launches());
      assertThat(step.kernels())
          .isSortedAccordingTo(comparingDouble(GpuFindings.StepKernel::microseconds).reversed())
          .allSatisfy(k -> assertThat(k.microseconds()).isPositive());
    }

    GpuReport.write(found, folder);
    JsonNode json = new ObjectMapper().readTree(folder.resolve("gpu.json").toFile());
    assertThat(json.get("device").asText()).isEqualTo(found.device());
    assertThat(json.get("steps")).hasSize(8);
    String page = Files.readString(folder.resolve("gpu.md"));
    assertThat(page)
        .startsWith("# " + found.device() + "\n")
        .contains("## Right results: yes")
        .contains("of " + found.kernelsLaunched().existing() + " kernels were launched.")
        .contains("| not measured |")
        .contains("| Copy |")
        .contains("| fold of a product |")
        .contains("| linearMaxout | 2 | 20 | 25 | 17 | fp32 |")
        .contains("| weight:2,3,4,8,4,3,1,1 | tf32 |")
        .contains("None: not asked for.", "PyTorch: none: not asked for.");
  }

  @Test
  void aWrongResultShows() {
    GpuFindings.Op wrong = new GpuFindings.Op("exp", 3, 4.5, 4, 0);
    GpuFindings.Op unlike = new GpuFindings.Op("exp", 3, 0.5, 4, 1);
    GpuFindings.Op fine = new GpuFindings.Op("exp", 3, 0.5, 4, -1);
    GpuFindings.Training same = training("a", "a", 0, 0, 0, "n");
    assertThat(of(same, fine).passed()).isTrue();
    assertThat(of(same, fine, wrong).passed()).isFalse();
    assertThat(of(same, unlike).passed()).isFalse();
    for (GpuFindings.Training bad :
        List.of(
            training("b", "a", 0, 0, 0, "n"),
            training("a", "b", 0, 0, 0, "n"),
            training("a", "a", 4, 0, 0, "n"),
            training("a", "a", 0, 0, 1 << 25, "n"),
            training("a", "a", 0, 0, 0, "other"),
            training("a", "a", 0, 1, 0, "n"))) {
      assertThat(of(bad, fine).passed()).isFalse();
    }
    assertThat(GpuReport.text(of(same, wrong)))
        .contains("## Right results: NO", "| exp | 3 | 4.500 | 4 | 0 | **fails** |");
  }

  /** A GPU of which one kernel is wrong, another cannot be loaded, and all else is right. */
  private static Machine faulty() {
    PtxMachine inner = new PtxMachine();
    return (Machine)
        Proxy.newProxyInstance(
            GpuCheckTest.class.getClassLoader(),
            new Class<?>[] {Machine.class},
            (_, method, arguments) -> {
              Object[] given = arguments;
              if (method.getName().equals("load") && given[2].equals("sgd")) {
                throw new IllegalStateException("a stub's error");
              }
              if (method.getName().equals("load") && given[2].equals("softmax_grad_long")) {
                given = given.clone();
                String text = (String) given[1];
                int at = text.indexOf(".entry softmax_grad_long(");
                given[1] =
                    text.substring(0, at) + text.substring(at).replace("mul.rn.f32", "add.rn.f32");
              }
              try {
                return method.invoke(inner, given);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void aWrongKernelAndOneThatFailsShowAndTheRestGoesOn() {
    GpuRun run = new GpuRun(new Console(System.out, System.err, false), true, null);
    GpuDevices devices =
        new GpuDevices(GpuCheckTest::faulty, GpuCheckTest::faulty, GpuCheckTest::faulty);
    List<PrimitiveCases.Case> cases =
        PrimitiveCases.all().stream()
            .filter(c -> c.kind() == Primitive.SoftmaxGrad.class || c.kind() == Primitive.Sgd.class)
            .toList();
    List<Precision> both = List.of(Precision.FP32, Precision.TF32);
    GpuKernels kernels = new GpuKernels(run, devices, cases, both, 90, false);
    run.stage("kernels", kernels::run);
    devices.close();
    assertThat(kernels.checked())
        .singleElement()
        .satisfies(c -> assertThat(c.primitive()).isEqualTo("SoftmaxGrad softmaxGrad"))
        .satisfies(c -> assertThat(c.passed()).isFalse())
        .satisfies(c -> assertThat(c.wrong()).isNotEmpty().hasSizeLessThan(4))
        .satisfies(c -> assertThat(c.unlikePtx()).isPositive());
    assertThat(run.failures())
        .isNotEmpty()
        .allSatisfy(f -> assertThat(f.what()).startsWith("Sgd "))
        .allSatisfy(f -> assertThat(f.message()).contains("a stub's error"));
    assertThat(run.stages()).extracting(GpuFindings.Stage::state).containsExactly("failed");
    assertThat(kernels.kernels().missing())
        .contains("sgd of optimisers.ptx")
        .doesNotContain("softmax_grad_long of softmax.ptx");
    assertThat(kernels.kernels().launched()).isEqualTo(3);
  }

  @Test
  void whatThereIsNoTimeForIsNamed() {
    Console console = new Console(System.out, System.err, false);
    GpuFindings found =
        new GpuCheck(
                PtxMachine::new,
                PtxMachine::new,
                PtxMachine::new,
                new Options(EnumSet.allOf(Stage.class), true, Duration.ZERO, "no python"),
                console)
            .run(folder, f -> {});
    assertThat(found.stages()).hasSize(9).allMatch(s -> s.state().equals("no time"));
    assertThat(GpuReport.text(found))
        .contains("## Right results: not all was checked", "| steps | no time | 0.0 |");
  }

  @Test
  void aLibraryWithOtherConvolutionsShows() {
    Console console = new Console(System.out, System.err, false);
    GpuFindings lent =
        new GpuCheck(
                PtxMachine::new,
                PtxMachine::new,
                () -> new LendingMachine(1.02),
                new Options(EnumSet.of(Stage.CONVOLUTIONS), true, null, "no python"),
                console)
            .run(folder, f -> {});
    assertThat(lent.passed()).isFalse();
    List<GpuFindings.Convolution> found = lent.convolutions();
    assertThat(found).allSatisfy(c -> assertThat(c.byDnn().passed()).as("%s", c).isFalse());

    GpuFindings.Training same = training("a", "a", 0, 0, 0, "n");
    GpuFindings.ByDnn off = new GpuFindings.ByDnn(50, 4.5, 4, true);
    GpuFindings.ByDnn unsteady = new GpuFindings.ByDnn(50, 0.5, 4, false);
    GpuFindings.DnnOp idle = new GpuFindings.DnnOp("Conv2d", 3, 0, 0, List.of(), true);
    GpuFindings.DnnOp wrong = new GpuFindings.DnnOp("Conv2d", 3, 5, 4.5, List.of("y"), true);
    GpuFindings.DnnOp fine = new GpuFindings.DnnOp("Conv2d", 3, 5, 0.5, List.of(), true);
    assertThat(of(same, List.of(fine), null).passed()).isTrue();
    assertThat(of(same, List.of(fine, idle), null).passed()).isFalse();
    assertThat(of(same, List.of(wrong), null).passed()).isFalse();
    assertThat(of(same, List.of(), off).passed()).isFalse();
    assertThat(GpuReport.text(of(same, List.of(wrong), unsteady)))
        .contains("| Conv2d | 3 | 5 | 4.500 | yes | **fails** |")
        .contains("| 0.75 | 50.0 | 0.60 | 0.500 | **other bits** | 20.0 | 1.50 |");
  }

  /** The interpreter with a library of matrix products, which notes what it is asked for. */
  private static final class WithBlas extends ForwardingMachine implements Blas {
    final Set<String> asked;

    WithBlas(Set<String> asked) {
      super(new PtxMachine());
      this.asked = asked;
    }

    @Override
    public Blas blas() {
      return this;
    }

    @Override
    public void multiply(
        Precision precision,
        int batch,
        int m,
        int n,
        int k,
        boolean transA,
        boolean transB,
        boolean sharedA,
        boolean sharedB,
        long a,
        long b,
        float beta,
        long c) {
      read(a, MemorySegment.ofArray(new float[batch * m * k])); // fails beyond a's end
      read(b, MemorySegment.ofArray(new float[batch * k * n]));
      write(MemorySegment.ofArray(new float[batch * m * n]), c);
      asked.add(
          "%s %d [%d, %d]%s x [%d, %d]%s"
              .formatted(precision, batch, m, k, transA ? "t" : "", k, n, transB ? "t" : ""));
    }
  }

  @Test
  void productsAreSetBesideTheLibrarys() {
    Set<String> asked = new TreeSet<>();
    Console console = new Console(System.out, System.err, false);
    GpuFindings found =
        new GpuCheck(
                () -> new WithBlas(asked),
                PtxMachine::new,
                PtxMachine::new,
                new Options(EnumSet.of(Stage.PRODUCTS), true, null, "no python"),
                console)
            .run(folder, f -> {});
    assertThat(found.failures()).isEmpty();
    assertThat(found.products())
        .hasSize(10)
        .allSatisfy(p -> assertThat(p.blasGflops()).isPositive())
        .allSatisfy(p ->
            assertThat(p.ownOverBlas()).isCloseTo(p.ownGflops() / p.blasGflops(), within(1e-9)));
    assertThat(asked)
        .filteredOn(call -> call.startsWith("fp32"))
        .containsExactlyInAnyOrder(
            "fp32 2 [20, 17] x [17, 25]",
            "fp32 2 [20, 17] x [17, 25]t",
            "fp32 2 [20, 17]t x [17, 25]",
            "fp32 2 [20, 25] x [25, 17]t", // dx
            "fp32 2 [17, 20]t x [20, 25]"); // dweight
    assertThat(asked).hasSize(10);
  }

  /** The interpreter with libraries that are there but cannot be used. */
  private static final class Broken extends ForwardingMachine {
    Broken() {
      super(new PtxMachine());
    }

    @Override
    public Blas blas() {
      throw new IllegalStateException("cuda: cublasCreate (): CUBLAS_STATUS_NOT_INITIALIZED");
    }

    @Override
    public Dnn dnn() {
      throw new IllegalStateException("cuda: cudnnCreate (): CUDNN_STATUS_NOT_INITIALIZED");
    }
  }

  @Test
  void aLibraryThatCannotBeUsedIsAFailureAndTheRestGoesOn() {
    Console console = new Console(System.out, System.err, false);
    GpuFindings found =
        new GpuCheck(
                Broken::new,
                PtxMachine::new,
                Broken::new,
                new Options(
                    EnumSet.of(Stage.PRODUCTS, Stage.CONVOLUTIONS), true, null, "no python"),
                console)
            .run(folder, f -> {});
    assertThat(found.failures())
        .extracting(GpuFindings.Failure::message)
        .containsExactly(
            "cuda: cublasCreate (): CUBLAS_STATUS_NOT_INITIALIZED",
            "cuda: cudnnCreate (): CUDNN_STATUS_NOT_INITIALIZED");
    assertThat(found.passed()).isFalse();
    assertThat(found.products()).hasSize(10);
    assertThat(found.convolutions()).hasSize(6);
    assertThat(GpuReport.text(found))
        .contains("Library of matrix products: none that works; of convolutions: none that works.")
        .contains("| look | the library of matrix products | cuda: cublasCreate (): CUBLAS");
  }

  @Test
  void peersAreSetBesideOurStep() {
    GpuFindings found = of(training("a", "a", 0, 0, 0, "n"));
    assertThat(GpuPeers.class.getResource("peers/grid2d_torch.py")).isNotNull();
    assertThat(GpuPeers.class.getResource("peers/grid2d_jax.py")).isNotNull();
    assertThat(GpuPeers.class.getResource("peers/conv2d_torch.py")).isNotNull();
    assertThat(GpuReport.text(found))
        .contains("| PyTorch 2 | eager | 25 | fp32 | 10.0000 | 5.0 |  |")
        .contains("| PyTorch 2 | eager | 8 | fp32 | 3.0000 |  |  |")
        .contains("| PyTorch 2 | eager | 1 | fp32 | 8.0000 |  | 100.0 |")
        .contains("multiprocessors: 132.")
        .contains("| 25 | fp32 | yes | 90 | 2.0000 | 0.0800 | 13.33 |")
        .contains("Where the time of 25 members at fp32 goes")
        .contains("| matmul_64 | 2 | 30.0 | 75 % |\n| adam | 1 | 10.0 | 25 % |\n| all | 3 | 40.0 |")
        .contains("| 1 of 2 do; lowest Softmax with 80 % | missed |")
        .contains("fp32 | 1 of 1 do; lowest matmul 1 x 2 x 3 x 4 with 75 % | met |")
        .contains("50 times as fast, fp32 | 100.00 (2.0000 ms beside 200.0000 ms) | met |")
        .contains(
            "best rival's (aim 1.5): at least as fast, fp32 | 0.75 (2.0000 ms beside 1.5000 ms) | missed |")
        .contains("| 13.33 minutes, from the time of a step | missed |")
        .contains("8 times as fast, fp32 |  | not measured |")
        .contains("tf32 |  | not measured |")
        .contains(
            "| forward:1,2,3,4,5,3,1,1 | fp32 | 30.0 | 40.0 | 0.75 |  |  |  |  | 20.0 | 1.50 |")
        .contains("| forward:1,2,3,4,5,3,1,1 | tf32 | 60.0 |  |  |  |  |  |  |  |  |")
        .contains("Missing: python3 has no jax.");
  }

  private static Set<Stage> withoutPeers() {
    return EnumSet.complementOf(EnumSet.of(Stage.PEERS, Stage.PEER_CONVOLUTIONS));
  }

  private static GpuFindings.Training training(
      String again, String plain, long leaked, long grown, long lost, String narrowPtx) {
    return new GpuFindings.Training(8, "a", again, plain, leaked, grown, lost, "n", narrowPtx);
  }

  private static GpuFindings of(GpuFindings.Training training, GpuFindings.Op... ops) {
    return of(training, List.of(), null, ops);
  }

  private static GpuFindings of(
      GpuFindings.Training training,
      List<GpuFindings.DnnOp> dnnOps,
      GpuFindings.ByDnn byDnn,
      GpuFindings.Op... ops) {
    return new GpuFindings(
        "1",
        "25",
        "now",
        "a GPU",
        "none",
        "none",
        Map.of("multiprocessors", "132"),
        false,
        List.of(),
        List.of(),
        null,
        List.of(),
        List.of(ops),
        dnnOps,
        training,
        List.of(),
        List.of(
            new GpuFindings.Bandwidth("EXP", 64 << 20, 128 << 20, false, 1e-4, 1342, 0.9),
            new GpuFindings.Bandwidth("Softmax", 64 << 20, 128 << 20, false, 1e-4, 1342, 0.8),
            new GpuFindings.Bandwidth("Random", 64 << 20, 64 << 20, true, 1e-4, 671, 0.4)),
        List.of(
            new GpuFindings.Product("matmul", 1, 2, 3, 4, "fp32", 75, 100, 0.75),
            new GpuFindings.Product("linearGrad", 1, 2, 3, 4, "fp32", 50, 100, 0.5)),
        List.of(
            new GpuFindings.Convolution("forward:1,2,3,4,5,3,1,1", "fp32", 30, 40, byDnn),
            new GpuFindings.Convolution("forward:1,2,3,4,5,3,1,1", "tf32", 60, 0, null)),
        List.of(
            new GpuFindings.Step(
                25,
                "fp32",
                false,
                3,
                9,
                List.of(
                    new GpuFindings.StepKernel("matmul_64", 2, 30),
                    new GpuFindings.StepKernel("adam", 1, 10))),
            new GpuFindings.Step(25, "fp32", true, 90, 2, List.of())),
        List.of(
            new GpuFindings.Peer("PyTorch 2", "eager", 25, "fp32", 10),
            new GpuFindings.Peer("PyTorch 2", "eager", 8, "fp32", 3),
            new GpuFindings.Peer("PyTorch 2", "eager", 1, "fp32", 8),
            new GpuFindings.Peer("JAX 1", "jit + vmap", 25, "fp32", 1.5)),
        List.of(
            new GpuFindings.PeerConvolution("PyTorch 2", "forward:1,2,3,4,5,3,1,1", "fp32", 20)),
        "python3 has no jax");
  }
}
