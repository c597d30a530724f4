package dev.troupe.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WorkSpecTest {
  @Test
  void namesAreReadBack() {
    for (String name : new String[] {"sgemm:100,400,300", "grid2d", "exp", "softplus", "add"}) {
      assertThat(WorkSpec.parse(name, false).name()).isEqualTo(name);
    }
    assertThat(WorkSpec.parse("sgemm:1,2,3", true)).isEqualTo(new WorkSpec.Sgemm(1, 2, 3, true));
  }

  @Test
  void badNamesAreRefused() {
    assertThatThrownBy(() -> WorkSpec.parse("sgem", false))
        .hasMessage(
            "no work is named sgem; there are sgemm:M,N,K, grid2d, exp, tanh, sigmoid, softplus, add");
    assertThatThrownBy(() -> WorkSpec.parse("sgemm:1,2", false))
        .hasMessage("sgemm:1,2: expected sgemm:M,N,K with three whole numbers");
    assertThatThrownBy(() -> WorkSpec.parse("sgemm:1,0,2", false))
        .hasMessage("sgemm: sizes 1,0,2, expected at least 1");
    assertThatThrownBy(() -> WorkSpec.parse("grid2d", true))
        .hasMessage("grid2d: --packed-b is for sgemm only");
  }

  /** Counted layer by layer: forward, weight gradient and input gradient of each linear layer. */
  @Test
  void grid2dCountsTheProductsThatAreNeeded() {
    double g1 = 2 * 400;
    double g234 = 400 * 400;
    double g5 = 400 * 2;
    double d1 = 2 * 1000;
    double d23 = 200 * 1000;
    double d4 = 200;
    double forwardG = g1 + 3 * g234 + g5;
    double forwardD = d1 + 2 * d23 + d4;
    double updateD = forwardG + 2 * (forwardD + forwardD + 2 * d23 + d4);
    double updateG = forwardG + forwardD + (d1 + 2 * d23 + d4) + forwardG + 3 * g234 + g5;
    double expected = 2 * 100 * (updateD + updateG);
    assertThat(new WorkSpec.Grid2d().flops(1)).isEqualTo(expected);
    assertThat(new WorkSpec.Grid2d().flops(8)).isEqualTo(8 * expected);
    assertThat(expected).isCloseTo(1.03e9, within(0.01e9));
  }

  @Test
  void pointsLieOnTheGrid() {
    float[] points = new WorkSpec.Grid2d().points();
    assertThat(points).hasSize(200_000);
    double squares = 0;
    int[] counts = new int[5];
    for (float value : points) {
      long mode = Math.round(value / 2.0);
      counts[(int) mode + 2]++;
      squares += (value - 2 * mode) * (value - 2 * mode);
    }
    assertThat(Math.sqrt(squares / points.length)).isCloseTo(0.05, within(0.001));
    for (int count : counts) {
      assertThat(count).isBetween(39_000, 41_000);
    }
  }
}
