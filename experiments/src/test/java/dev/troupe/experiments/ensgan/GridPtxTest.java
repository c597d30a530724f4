package dev.troupe.experiments.ensgan;

import static dev.troupe.experiments.TestRuns.metrics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.experiments.TestRuns;
import dev.troupe.experiments.TestRuns.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The experiment with narrow networks on the GPU's kernels, interpreted, and on the CPU. */
class GridPtxTest {
  @TempDir Path temp;

  private List<JsonNode> losses(String device) throws IOException {
    Path out = temp.resolve(device);
    Result result =
        TestRuns.troupe(
            GridRuns.arguments(
                out,
                List.of(
                    "packedMembers=1",
                    "members=2",
                    "epochs=1",
                    "points=400",
                    "generated=100",
                    "evaluated=50"),
                "--device",
                device));
    assertThat(result.code()).as(result.err()).isZero();
    return metrics(out).stream().filter(line -> line.has("loss_d")).toList();
  }

  @Test
  void lossesAreThoseOfTheCpu() throws IOException {
    List<JsonNode> cpu = losses("cpu");
    List<JsonNode> ptx = losses("ptx");
    assertThat(ptx).hasSameSizeAs(cpu).isNotEmpty();
    for (int i = 0; i < cpu.size(); i++) {
      JsonNode expected = cpu.get(i);
      JsonNode actual = ptx.get(i);
      assertThat(actual.get("step")).isEqualTo(expected.get("step"));
      for (String loss : List.of("loss_d", "loss_g")) {
        assertThat(actual.get(loss).size()).isEqualTo(expected.get(loss).size());
        for (int member = 0; member < expected.get(loss).size(); member++) {
          double value = expected.get(loss).get(member).asDouble();
          assertThat(actual.get(loss).get(member).asDouble())
              .as("%s of member %d at step %s", loss, member, expected.get("step"))
              .isCloseTo(value, within(1e-4 * (1 + Math.abs(value))));
        }
      }
    }
  }
}
