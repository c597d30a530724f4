package dev.troupe.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.autograd.ops.Catalogue;
import dev.troupe.experiments.run.Console;
import dev.troupe.kernels.ptx.PtxMachine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All of gpu-check but the hardware: the same code on the interpreter. */
final class GpuCheckTest {
  @TempDir private Path folder;

  @Test
  void itRunsOnTheInterpreter() throws IOException {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    Console console = new Console(stream, stream, false);
    GpuFindings found =
        new GpuCheck(PtxMachine::new, PtxMachine::new, () -> LendingMachine.of(1), true, console)
            .run(folder, false);
    assertThat(found.ops()).hasSameSizeAs(Catalogue.entries());
    assertThat(found.ops()).filteredOn(op -> !op.passed()).isEmpty();
    assertThat(found.training().passed()).as("%s", found.training()).isTrue();
    assertThat(found.passed()).isTrue();
    assertThat(found.kernels()).hasSize(15).allSatisfy(k -> assertThat(k.seconds()).isPositive());
    assertThat(found.products()).hasSize(2).allSatisfy(p -> assertThat(p.blasGflops()).isZero());
    assertThat(found.convolutions())
        .hasSize(6)
        .allSatisfy(c -> assertThat(c.ownGflops()).isPositive())
        .allSatisfy(c -> assertThat(c.blasGflops()).isZero())
        .allSatisfy(c -> assertThat(c.byDnn().gflops()).isPositive())
        .allSatisfy(c -> assertThat(c.byDnn().passed()).as("%s", c).isTrue());
    assertThat(found.dnn()).isEqualTo("none");
    assertThat(found.dnnOps())
        .extracting(GpuFindings.DnnOp::op)
        .containsExactly("Conv2d", "Conv2dInputGrad", "Conv2dWeightGrad");
    assertThat(found.dnnOps()).allSatisfy(op -> assertThat(op.passed()).as("%s", op).isTrue());
    assertThat(found.steps()).hasSize(8);
    assertThat(found.steps()).allSatisfy(s -> assertThat(s.launches()).isGreaterThan(20));

    GpuReport.write(found, folder);
    JsonNode json = new ObjectMapper().readTree(folder.resolve("gpu.json").toFile());
    assertThat(json.get("device").asText()).isEqualTo(found.device());
    assertThat(json.get("steps")).hasSize(8);
    String page = Files.readString(folder.resolve("gpu.md"));
    assertThat(page)
        .startsWith("# " + found.device() + "\n")
        .contains("## Right results: yes")
        .contains("| Copy |")
        .contains("| 2 | 20 | 24 | 17 | fp32 |")
        .contains("| weight:2,3,4,8,4,3,1,1 | tf32 |")
        .contains("None: not asked for.");
  }

  @Test
  void aWrongResultShows() {
    GpuFindings.Op wrong = new GpuFindings.Op("exp", 3, 4.5, 4, 0);
    GpuFindings.Op unlike = new GpuFindings.Op("exp", 3, 0.5, 4, 1);
    GpuFindings.Op fine = new GpuFindings.Op("exp", 3, 0.5, 4, -1);
    GpuFindings.Training same = new GpuFindings.Training(8, "a", "a", "a", 0, 0);
    assertThat(of(same, fine).passed()).isTrue();
    assertThat(of(same, fine, wrong).passed()).isFalse();
    assertThat(of(same, unlike).passed()).isFalse();
    for (GpuFindings.Training bad :
        List.of(
            new GpuFindings.Training(8, "a", "b", "a", 0, 0),
            new GpuFindings.Training(8, "a", "a", "b", 0, 0),
            new GpuFindings.Training(8, "a", "a", "a", 4, 0),
            new GpuFindings.Training(8, "a", "a", "a", 0, 1))) {
      assertThat(of(bad, fine).passed()).isFalse();
    }
    assertThat(GpuReport.text(of(same, wrong)))
        .contains("## Right results: NO", "| exp | 3 | 4.500 | 4 | 0 | **fails** |");
  }

  @Test
  void aLibraryWithOtherConvolutionsShows() {
    GpuTimings timings = new GpuTimings(PtxMachine::new, PtxMachine::new, true);
    List<GpuFindings.Convolution> found =
        new GpuConvolutions(timings, () -> LendingMachine.of(1.02), true).run();
    assertThat(found).allSatisfy(c -> assertThat(c.byDnn().passed()).as("%s", c).isFalse());

    GpuFindings.Training same = new GpuFindings.Training(8, "a", "a", "a", 0, 0);
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

  @Test
  void peersAreSetBesideOurStep() {
    GpuFindings found = of(new GpuFindings.Training(8, "a", "a", "a", 0, 0));
    assertThat(GpuPeers.class.getResource("peers/grid2d_torch.py")).isNotNull();
    assertThat(GpuPeers.class.getResource("peers/grid2d_jax.py")).isNotNull();
    assertThat(GpuPeers.class.getResource("peers/conv2d_torch.py")).isNotNull();
    assertThat(GpuReport.text(found))
        .contains("| PyTorch 2 | eager | 25 | fp32 | 10.0000 | 5.0 |")
        .contains("| PyTorch 2 | eager | 8 | fp32 | 3.0000 |  |")
        .contains(
            "| forward:1,2,3,4,5,3,1,1 | fp32 | 30.0 | 40.0 | 0.75 |  |  |  |  | 20.0 | 1.50 |")
        .contains("| forward:1,2,3,4,5,3,1,1 | tf32 | 60.0 |  |  |  |  |  |  |  |  |")
        .contains("Missing: python3 has no jax.");
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
        false,
        List.of(ops),
        dnnOps,
        training,
        1,
        List.of(),
        List.of(),
        List.of(
            new GpuFindings.Convolution("forward:1,2,3,4,5,3,1,1", "fp32", 30, 40, byDnn),
            new GpuFindings.Convolution("forward:1,2,3,4,5,3,1,1", "tf32", 60, 0, null)),
        List.of(
            new GpuFindings.Step(25, "fp32", false, 90, 9),
            new GpuFindings.Step(25, "fp32", true, 90, 2)),
        List.of(
            new GpuFindings.Peer("PyTorch 2", "eager", 25, "fp32", 10),
            new GpuFindings.Peer("PyTorch 2", "eager", 8, "fp32", 3)),
        List.of(
            new GpuFindings.PeerConvolution("PyTorch 2", "forward:1,2,3,4,5,3,1,1", "fp32", 20)),
        "python3 has no jax");
  }
}
