package dev.troupe.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.bench.WorkSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both memory formats compute what a loop over everything does. */
class TorchConvolutionTest {
  @ParameterizedTest
  @CsvSource({"forward, false", "forward, true", "input, false", "input, true", "weight, true"})
  void computesWhatItsNameSays(String direction, boolean channelsLast) {
    WorkSpec.Convolution spec =
        (WorkSpec.Convolution) WorkSpec.parse("conv:" + direction + ":2,3,8,6,5,4,2,1", false);
    try (TorchConvolution work = new TorchConvolution(spec, 1, 1, channelsLast)) {
      work.step();
      float[] expected = plain(spec);
      float[] result = work.result();
      assertThat(result).hasSameSizeAs(expected);
      for (int i = 0; i < result.length; i++) {
        assertThat(result[i]).isCloseTo(expected[i], org.assertj.core.api.Assertions.within(1e-4f));
      }
    }
  }

  private static float[] plain(WorkSpec.Convolution s) {
    float[] x = s.images();
    float[] weight = s.weight();
    float[] dy = s.gradients();
    float[] result =
        switch (s.direction()) {
          case FORWARD -> new float[dy.length];
          case INPUT -> new float[x.length];
          case WEIGHT -> new float[weight.length];
        };
    int taps = s.kernel() * s.kernel();
    for (int y = 0; y < dy.length; y++) {
      int column = y % s.outWidth();
      int row = y / s.outWidth() % s.outHeight();
      int plane = y / (s.outWidth() * s.outHeight());
      for (int k = 0; k < s.in() * taps; k++) {
        int h = row * s.stride() - s.padding() + k % taps / s.kernel();
        int w = column * s.stride() - s.padding() + k % s.kernel();
        if (h < 0 || h >= s.height() || w < 0 || w >= s.width()) {
          continue;
        }
        int image = plane / s.out() * s.in() + k / taps;
        int i = (image * s.height() + h) * s.width() + w;
        int j = plane % s.out() * s.in() * taps + k;
        switch (s.direction()) {
          case FORWARD -> result[y] += x[i] * weight[j];
          case INPUT -> result[i] += dy[y] * weight[j];
          case WEIGHT -> result[j] += dy[y] * x[i];
        }
      }
    }
    return result;
  }
}
