package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.experiments.data.Augmentation.Affine;
import dev.troupe.experiments.data.Augmentation.Brightness;
import dev.troupe.experiments.data.Augmentation.Contrast;
import dev.troupe.experiments.data.Augmentation.FlipHorizontal;
import dev.troupe.experiments.data.Augmentation.FlipVertical;
import dev.troupe.experiments.data.Augmentation.Hue;
import dev.troupe.experiments.data.Augmentation.PadCrop;
import dev.troupe.experiments.data.Augmentation.Saturation;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class AugmentationTest {
  private static final Frame FRAME = new Frame(3, 6, 8);

  static final List<Augmentation> STRONG =
      List.of(
          new FlipHorizontal(),
          new FlipVertical(),
          new PadCrop(4, Border.ZERO),
          new Affine(180, 0.5, 2, 30, 0.3, Border.REFLECT),
          new Brightness(0.8),
          new Contrast(0.8),
          new Hue(0.5),
          new Saturation(0.8));

  private static float[] image() {
    float[] x = new float[FRAME.size()];
    byte[] pixels = TestSets.image(5, FRAME);
    for (int i = 0; i < x.length; i++) {
      x[i] = Scaling.UNIT.of(pixels[i]);
    }
    return x;
  }

  private static float[] apply(Augmentation augmentation, Draw draw) {
    float[] y = new float[FRAME.size()];
    augmentation.apply(image(), y, FRAME, draw);
    return y;
  }

  @ParameterizedTest
  @FieldSource("STRONG")
  void dependsOnSeedEpochMemberAndImageAlone(Augmentation augmentation) {
    Draw draw = new Draw(3, 4, 5, 6);
    assertThat(apply(augmentation, draw)).isEqualTo(apply(augmentation, draw));
    List<IntFunction<Draw>> others =
        List.of(
            i -> new Draw(3 + i, 4, 5, 6),
            i -> new Draw(3, 4 + i, 5, 6),
            i -> new Draw(3, 4, 5 + i, 6),
            i -> new Draw(3, 4, 5, 6 + i));
    for (var other : others) {
      Set<List<Float>> seen = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        float[] y = apply(augmentation, other.apply(i));
        seen.add(IntStream.range(0, y.length).mapToObj(j -> y[j]).toList());
        for (float v : y) {
          assertThat(v).isBetween(0f, 1f);
        }
      }
      assertThat(seen).hasSizeGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void rangesOfNothingKeepTheBits() {
    for (Augmentation none :
        List.of(
            new PadCrop(0, Border.ZERO),
            new Affine(0, 1, 1, 0, 0, Border.ZERO),
            new Brightness(0),
            new Contrast(0),
            new Hue(0),
            new Saturation(0))) {
      assertThat(apply(none, new Draw(1, 2, 3, 4))).isEqualTo(image());
    }
  }

  @Test
  void flipsHalfOfTheImages() {
    int flipped = 0;
    for (int i = 0; i < 1000; i++) {
      flipped += apply(new FlipHorizontal(), new Draw(1, 0, 0, i))[0] == image()[0] ? 0 : 1;
    }
    assertThat(flipped).isBetween(440, 560);
  }

  /** Every place of the crop comes up, and each about as often. */
  @Test
  void padsAndCropsEvenly() {
    int[] counts = new int[9];
    float[] marked = new float[FRAME.size()];
    marked[2 * 8 + 3] = 1;
    for (int i = 0; i < 900; i++) {
      float[] y = new float[marked.length];
      new PadCrop(1, Border.ZERO).apply(marked, y, FRAME, new Draw(1, 0, 0, i));
      for (int at = 0; at < FRAME.plane(); at++) {
        if (y[at] == 1) {
          counts[(at / 8 - 1) * 3 + at % 8 - 2]++;
        }
      }
    }
    assertThat(Arrays.stream(counts).sum()).isEqualTo(900);
    for (int count : counts) {
      assertThat(count).isBetween(60, 140);
    }
  }

  @Test
  void refusesWrongRanges() {
    assertThatThrownBy(() -> new Brightness(1.5))
        .hasMessage("brightness: range is 1.5, expected 0 to 1");
    assertThatThrownBy(() -> new Hue(0.6)).hasMessage("hue: range is 0.6, expected 0 to 0.5");
    assertThatThrownBy(() -> new PadCrop(-1, Border.ZERO))
        .hasMessage("pad-crop: padding is -1, expected 0 to 16384");
    assertThatThrownBy(() -> new Affine(10, 0, 1, 0, 0, Border.ZERO))
        .hasMessage("affine: smallest scale is 0.0, expected more than 0");
    assertThatThrownBy(() -> new Affine(10, 1, 0.5, 0, 0, Border.ZERO))
        .hasMessage("affine: largest scale is 0.5, expected 1.0 to 100");
  }
}
