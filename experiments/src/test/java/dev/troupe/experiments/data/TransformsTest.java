package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransformsTest {
  private static final Frame COLOUR = new Frame(3, 7, 5);

  /** 1 2 3 / 4 5 6 / 7 8 9, in tenths. */
  private static final Frame NINE = new Frame(1, 3, 3);

  private static final float[] KEYS = {.1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f};

  private interface Change {
    void apply(float[] x, float[] y);
  }

  private static float[] random(Frame f) {
    SplittableRandom random = new SplittableRandom(3);
    float[] x = new float[f.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(256) / 255f;
    }
    return x;
  }

  private static float[] changed(float[] x, Change change) {
    float[] y = new float[x.length];
    Arrays.fill(y, Float.NaN); // all of it has to be written
    change.apply(x, y);
    return y;
  }

  /** The result for KEYS, in tenths. */
  private static int[] keys(Change change) {
    float[] y = changed(KEYS, change);
    int[] tenths = new int[y.length];
    for (int i = 0; i < y.length; i++) {
      tenths[i] = Math.round(10 * y[i]);
      assertThat(y[i]).isEqualTo(tenths[i] / 10f); // moved, not mixed
    }
    return tenths;
  }

  @ParameterizedTest
  @EnumSource
  void parametersThatChangeNothingKeepTheBits(Border border) {
    float[] x = random(COLOUR);
    Change[] identities = {
      (a, b) -> Transforms.shift(a, b, COLOUR, 0, 0, border),
      (a, b) -> Transforms.affine(a, b, COLOUR, 0, 1, 0, 0, 0, border),
      (a, b) -> Transforms.brightness(a, b, 1),
      (a, b) -> Transforms.contrast(a, b, COLOUR, 1),
      (a, b) -> Transforms.saturation(a, b, COLOUR, 1),
      (a, b) -> Transforms.hue(a, b, COLOUR, 0),
      (a, b) -> Transforms.hue(a, b, COLOUR, -1),
    };
    for (Change identity : identities) {
      assertThat(changed(x, identity)).isEqualTo(x);
    }
    float[] once = changed(x, (a, b) -> Transforms.flipHorizontal(a, b, COLOUR));
    assertThat(once).isNotEqualTo(x);
    assertThat(changed(once, (a, b) -> Transforms.flipHorizontal(a, b, COLOUR))).isEqualTo(x);
    once = changed(x, (a, b) -> Transforms.flipVertical(a, b, COLOUR));
    assertThat(changed(once, (a, b) -> Transforms.flipVertical(a, b, COLOUR))).isEqualTo(x);
  }

  @Test
  void flips() {
    assertThat(keys((x, y) -> Transforms.flipHorizontal(x, y, NINE)))
        .containsExactly(3, 2, 1, 6, 5, 4, 9, 8, 7);
    assertThat(keys((x, y) -> Transforms.flipVertical(x, y, NINE)))
        .containsExactly(7, 8, 9, 4, 5, 6, 1, 2, 3);
  }

  @Test
  void shifts() {
    assertThat(keys((x, y) -> Transforms.shift(x, y, NINE, 1, 0, Border.ZERO)))
        .containsExactly(0, 0, 0, 1, 2, 3, 4, 5, 6);
    assertThat(keys((x, y) -> Transforms.shift(x, y, NINE, -1, 2, Border.EDGE)))
        .containsExactly(4, 4, 4, 7, 7, 7, 7, 7, 7);
    assertThat(keys((x, y) -> Transforms.shift(x, y, NINE, 0, 1, Border.REFLECT)))
        .containsExactly(2, 1, 2, 5, 4, 5, 8, 7, 8);
  }

  @Test
  void reflectionsOfAnySize() {
    int[] found = new int[11];
    for (int i = -5; i < 6; i++) {
      found[i + 5] = Border.REFLECT.index(i, 3);
    }
    assertThat(found).containsExactly(1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1);
    assertThat(Border.REFLECT.index(-7, 1)).isZero();
  }

  @Test
  void affineMapsThatMovePixels() {
    // a quarter turn clockwise, and a half turn
    assertThat(keys((x, y) -> Transforms.affine(x, y, NINE, 90, 1, 0, 0, 0, Border.ZERO)))
        .containsExactly(7, 4, 1, 8, 5, 2, 9, 6, 3);
    assertThat(keys((x, y) -> Transforms.affine(x, y, NINE, 180, 1, 0, 0, 0, Border.ZERO)))
        .containsExactly(9, 8, 7, 6, 5, 4, 3, 2, 1);
    // moved
    assertThat(keys((x, y) -> Transforms.affine(x, y, NINE, 0, 1, 0, -1, 1, Border.ZERO)))
        .containsExactly(0, 4, 5, 0, 7, 8, 0, 0, 0);
    // half the size: every second pixel, about the centre
    assertThat(keys((x, y) -> Transforms.affine(x, y, NINE, 0, 0.5, 0, 0, 0, Border.EDGE)))
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
    // upright lines lean to the left: the top moves left, the bottom right
    assertThat(keys((x, y) -> Transforms.affine(x, y, NINE, 0, 1, 45, 0, 0, Border.ZERO)))
        .containsExactly(2, 3, 0, 4, 5, 6, 0, 7, 8);
  }

  @Test
  void affineMapsThatMixPixels() {
    float[] y =
        changed(KEYS, (a, b) -> Transforms.affine(a, b, NINE, 0, 1, 0, 0, 0.5, Border.ZERO));
    assertThat(y)
        .containsExactly(
            new float[] {.05f, .15f, .25f, .2f, .45f, .55f, .35f, .75f, .85f}, within(1e-6f));
  }

  @Test
  void brightness() {
    assertThat(changed(new float[] {0, .25f, .5f, 1}, (x, y) -> Transforms.brightness(x, y, 1.5f)))
        .containsExactly(0, .375f, .75f, 1);
  }

  @Test
  void contrast() {
    Frame grey = new Frame(1, 1, 4);
    float[] x = {0, .25f, .75f, 1}; // mean 0.5
    assertThat(changed(x, (a, b) -> Transforms.contrast(a, b, grey, .5f)))
        .containsExactly(.25f, .375f, .625f, .75f);
    assertThat(changed(x, (a, b) -> Transforms.contrast(a, b, grey, 2)))
        .containsExactly(0, 0, 1, 1);
    assertThat(changed(x, (a, b) -> Transforms.contrast(a, b, grey, 0))).containsOnly(.5f);
  }

  private static final Frame PIXEL = new Frame(3, 1, 1);

  @Test
  void saturation() {
    float[] red = {1, 0, 0};
    assertThat(changed(red, (x, y) -> Transforms.saturation(x, y, PIXEL, 0))).containsOnly(.299f);
    assertThat(changed(red, (x, y) -> Transforms.saturation(x, y, PIXEL, .5f)))
        .containsExactly(.6495f, .1495f, .1495f);
    float[] grey = {.5f, .5f, .5f};
    assertThat(changed(grey, (x, y) -> Transforms.saturation(x, y, PIXEL, 2)))
        .containsExactly(new float[] {.5f, .5f, .5f}, within(1e-7f));
  }

  @Test
  void hue() {
    float[] orange = {1, .5f, 0};
    assertThat(changed(orange, (x, y) -> Transforms.hue(x, y, PIXEL, 1 / 3f)))
        .containsExactly(new float[] {0, 1, .5f}, within(1e-6f));
    assertThat(changed(orange, (x, y) -> Transforms.hue(x, y, PIXEL, -1 / 3f)))
        .containsExactly(new float[] {.5f, 0, 1}, within(1e-6f));
    assertThat(changed(orange, (x, y) -> Transforms.hue(x, y, PIXEL, .5f)))
        .containsExactly(0, .5f, 1);
    float[] grey = {.25f, .25f, .25f};
    assertThat(changed(grey, (x, y) -> Transforms.hue(x, y, PIXEL, .4f))).isEqualTo(grey);
  }

  /** There and back again is where it began, for every kind of colour. */
  @Test
  void hueKeepsSaturationAndValue() {
    float[] x = random(COLOUR);
    float[] turned = changed(x, (a, b) -> Transforms.hue(a, b, COLOUR, .3f));
    assertThat(turned).isNotEqualTo(x);
    assertThat(changed(turned, (a, b) -> Transforms.hue(a, b, COLOUR, -.3f)))
        .containsExactly(x, within(2e-6f));
  }

  @Test
  void colourNeedsThreeChannels() {
    assertThatThrownBy(() -> Transforms.hue(KEYS, new float[9], NINE, .1f))
        .hasMessage("hue: the image has 1 channels, expected 3");
    assertThatThrownBy(() -> Transforms.saturation(KEYS, new float[9], NINE, .1f))
        .hasMessage("saturation: the image has 1 channels, expected 3");
  }
}
