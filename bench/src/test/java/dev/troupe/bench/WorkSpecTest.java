package dev.troupe.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;

class WorkSpecTest {
  @Test
  void namesAreReadBack() {
    for (String name :
        new String[] {
          "sgemm:100,400,300",
          "grid2d",
          "dcgan32",
          "resnet18",
          "exp",
          "softplus",
          "add",
          "wgangp1024",
          "wgangp1024:unpenalised",
          "mixgan1024:3,2",
          "conv:forward:64,3,32,32,64,4,2,1",
          "conv:input:1,2,9,7,3,3,1,1",
          "conv:weight:1,2,9,7,3,1,1,0"
        }) {
      assertThat(WorkSpec.parse(name, false).name()).isEqualTo(name);
    }
    assertThat(WorkSpec.parse("sgemm:1,2,3", true)).isEqualTo(new WorkSpec.Sgemm(1, 2, 3, true));
  }

  @Test
  void sizesBeyondAnArrayAreRefused() {
    WorkSpec square = WorkSpec.parse("sgemm:40000,40000,1", false);
    square.requireArrays(1);
    assertThatThrownBy(() -> square.requireArrays(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "sgemm:40000,40000,1: an array of 3200000000 elements with 2 members, expected at most"
                + " 2147483639");
    assertThatThrownBy(() -> WorkSpec.parse("sgemm:1,70000,70000", false).requireArrays(1))
        .hasMessageStartingWith("sgemm:1,70000,70000: an array of 4900000000 elements");
    assertThatThrownBy(
            () -> WorkSpec.parse("conv:input:9999,9999,99,99,1,3,1,1", false).requireArrays(1))
        .hasMessageContaining("an array of 979903989801 elements");
  }

  @Test
  void badNamesAreRefused() {
    assertThatThrownBy(() -> WorkSpec.parse("sgem", false))
        .hasMessage(
            "no work is named sgem; there are sgemm:M,N,K, conv:DIRECTION:N,C,H,W,O,K,S,P, grid2d, dcgan32, resnet18, wgangp1024, mixgan1024:NG,ND,"
                + " exp, tanh, sigmoid, softplus, add");
    assertThatThrownBy(() -> WorkSpec.parse("sgemm:1,2", false))
        .hasMessage("sgemm:1,2: expected sgemm:M,N,K with three whole numbers");
    assertThatThrownBy(() -> WorkSpec.parse("sgemm:1,0,2", false))
        .hasMessage("sgemm: sizes 1,0,2, expected at least 1");
    for (String wrong :
        new String[] {"wgangp1024x", "mixgan1024", "mixgan1024:3", "mixgan1024:a,1"}) {
      assertThatThrownBy(() -> WorkSpec.parse(wrong, false))
          .hasMessage(wrong + ": expected wgangp1024, wgangp1024:unpenalised or mixgan1024:NG,ND");
    }
    for (String wrong :
        new String[] {"conv:", "conv:back:1,2,9,7,3,3,1,1", "conv:input:1,2", "conv:weight:a"}) {
      assertThatThrownBy(() -> WorkSpec.parse(wrong, false))
          .hasMessageStartingWith(wrong + ": expected conv:forward, conv:input or conv:weight");
    }
    assertThatThrownBy(() -> WorkSpec.parse("conv:input:1,2,3,7,4,5,1,0", false))
        .hasMessage(
            "conv: 1 images [2, 3, 7], 4 kernels of 5 by 5, stride 1, padding 0: expected at least"
                + " one window");
    assertThatThrownBy(() -> WorkSpec.parse("mixgan1024:0,17", false))
        .hasMessage("mixgan1024: 0 generators and 17 discriminators, expected 1 to 16 of each");
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
  void convolutionsCountAllTaps() {
    WorkSpec forward = WorkSpec.parse("conv:forward:64,3,32,32,128,4,2,1", false);
    assertThat(forward.flops(1)).isEqualTo(2.0 * 64 * 128 * 16 * 16 * 3 * 16);
    assertThat(WorkSpec.parse("conv:weight:64,3,32,32,128,4,2,1", false).flops(2))
        .isEqualTo(2 * forward.flops(1));
  }

  /** In products of 256 x 1024 x 1024, of which a layer's 1024 to 1 is a thousandth. */
  @Test
  void wgangpCountsTheProductsThatAreNeeded() {
    double product = 2.0 * 256 * 1024 * 1024;
    double updateG = 4 + 3 + 3 + 4 + 3;
    double updateD = 2 * (3 + 3 + 2);
    double penalty = 3 + 3 + 3 + 3;
    double plain = updateG + 5 * updateD + 4 * 4;
    assertThat(WorkSpec.parse("wgangp1024:unpenalised", false).flops(1))
        .isCloseTo(plain * product, withinPercentage(0.1));
    assertThat(WorkSpec.parse("wgangp1024", false).flops(1))
        .isCloseTo((plain + 5 * penalty) * product, withinPercentage(0.1));
    // Nine pairs, but three batches of real points instead of nine.
    double mixed = 9 * updateG + 5 * (9 + 3) * 8 + 9 * (5 * penalty + 4 * 4);
    assertThat(WorkSpec.parse("mixgan1024:3,3", false).flops(1))
        .isCloseTo(mixed * product, withinPercentage(0.1));
  }

  /** In millions of multiply-adds of an image, layer by layer. */
  @Test
  void imageNetworksCountTheConvolutionsThatAreNeeded() {
    double g = 0.819 + 33.554 + 33.554 + 1.573;
    double d = 0.786 + 8.389 + 8.389 + 0.004;
    double dcgan = 4 * g - 0.819 + 8 * d - 2 * 0.786;
    assertThat(WorkSpec.parse("dcgan32", false).flops(2))
        .isCloseTo(2 * 2 * 64 * dcgan * 1e6, withinPercentage(0.1));
    double resNet = 3 * (1.769 + 150.995 + 3 * 134.218 + 0.005) - 1.769;
    assertThat(WorkSpec.parse("resnet18", false).flops(1))
        .isCloseTo(2 * 128 * resNet * 1e6, withinPercentage(0.1));
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
