package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageSetTest {
  private static ImageSet set(int bytes, int... labels) {
    return new ImageSet(
        "s",
        Split.TRAIN,
        new Frame(1, 2, 3),
        MemorySegment.ofArray(new byte[bytes]),
        labels,
        List.of("a", "b"),
        List.of());
  }

  @Test
  void divides() {
    ImageSet set = TestSets.set(7, new Frame(3, 2, 2), 3);
    assertThat(set.size()).isEqualTo(7);
    assertThat(set.byClass()).isDeepEqualTo(new int[][] {{0, 3, 6}, {1, 4}, {2, 5}});
    assertThat(set.image(5)).isEqualTo(TestSets.image(5, set.frame()));
  }

  @Test
  void checksSizesAndLabels() {
    assertThatThrownBy(() -> set(11, 0, 1))
        .hasMessage("s: 11 bytes for 2 images of [1, 2, 3], expected 12");
    assertThatThrownBy(() -> set(12, 0, 2)).hasMessage("s: label 1 is 2, expected 0 to 1");
    assertThatThrownBy(() -> new Frame(3, 0, 2))
        .hasMessage("frame: [3, 0, 2] is no shape of an image");
    assertThatThrownBy(() -> new Frame(1 << 16, 1 << 16, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Supplement B of "Ensembles of GANs". */
  @Test
  void twoClassesOfThePaper() {
    KnownSet cifar = KnownSets.all().get(2);
    Grouping two = Grouping.halves(cifar.names());
    assertThat(two.classes())
        .containsExactly("airplane, automobile, bird, cat, deer", "dog, frog, horse, ship, truck");
    assertThat(two.groupOf()).containsExactly(0, 0, 0, 0, 0, 1, 1, 1, 1, 1);
    assertThat(Grouping.halves(TestSets.DIGITS).classes())
        .containsExactly("0, 1, 2, 3, 4", "5, 6, 7, 8, 9");

    ImageSet set = TestSets.set(20, new Frame(1, 2, 2), 10);
    ImageSet grouped = set.grouped("mnist-ii", Grouping.halves(set.classes()));
    assertThat(grouped.name()).isEqualTo("mnist-ii");
    assertThat(grouped.pixels()).isSameAs(set.pixels());
    assertThat(grouped.labels())
        .containsExactly(0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1);
  }
}
