package dev.troupe.experiments.ensgan.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.ensgan.images.Groups.Choice;
import dev.troupe.experiments.ensgan.images.Groups.Need;
import dev.troupe.experiments.ensgan.images.Groups.Room;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GroupsTest {
  private static final long MIB = 1 << 20;
  private static final Need NEED = new Need(10 * MIB, 5 * MIB, 1000);

  private static List<Integer> sizes(int all, int most) {
    List<List<Integer>> parts = Groups.divide(IntStream.range(0, all).boxed().toList(), most);
    assertThat(parts.stream().flatMap(List::stream).toList())
        .isEqualTo(IntStream.range(0, all).boxed().toList());
    return parts.stream().map(List::size).toList();
  }

  @Test
  void groupsAreFewAndEven() {
    assertThat(sizes(14, 14)).containsExactly(14);
    assertThat(sizes(14, 100)).containsExactly(14);
    assertThat(sizes(14, 13)).containsExactly(7, 7);
    assertThat(sizes(10, 4)).containsExactly(3, 3, 4);
    assertThat(sizes(3, 1)).containsExactly(1, 1, 1);
  }

  @Test
  void aHeapThatIsTheDevicesMemoryHoldsBoth() {
    assertThat(new Room(150 * MIB, 0, true).members(NEED)).isEqualTo(10);
    assertThat(new Room(149 * MIB, 0, true).members(NEED)).isEqualTo(9);
    assertThat(new Room(-1, 0, true).members(NEED)).isZero();
  }

  @Test
  void ofAGpuAndTheHeapTheFullerOneDecides() {
    assertThat(new Room(150 * MIB, 1000 * MIB, false).members(NEED)).isEqualTo(15);
    assertThat(new Room(150 * MIB, 40 * MIB, false).members(NEED)).isEqualTo(8);
  }

  @Test
  void aBufferHasNoMoreElementsThanAnArray() {
    Need wide = new Need(MIB, 0, 1 << 28);
    assertThat(new Room(1e15, 0, true).members(wide)).isEqualTo(7);
  }

  private static Choice choose(int all, int asked, double mib) {
    return Groups.choose("GANs", all, asked, NEED, new Room(mib * MIB, 0, true), "cpu");
  }

  @Test
  void asManyAsFitAreChosen() {
    assertThat(choose(14, 0, 1000))
        .isEqualTo(
            new Choice(
                14, "GANs: 14 side by side, of 14; each takes 15.0 MiB, and cpu has room for 66"));
    assertThat(choose(14, 0, 200))
        .isEqualTo(
            new Choice(
                13, "GANs: 7 side by side, of 14; each takes 15.0 MiB, and cpu has room for 13"));
    assertThat(choose(14, 0, 5))
        .isEqualTo(
            new Choice(
                1,
                "GANs: 1 side by side, of 14; each takes 15.0 MiB, and cpu has room for 0, one is tried"));
  }

  @Test
  void whatIsAskedForIsTakenWhereItFits() {
    assertThat(choose(14, 3, 200).most()).isEqualTo(3);
    assertThat(choose(14, 1000, 1000).most()).isEqualTo(14);
    assertThatThrownBy(() -> choose(14, 1000, 200))
        .isInstanceOfSatisfying(
            UserException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.MEMORY))
        .hasMessage(
            "setting group is 1000, expected at most 13: each of the GANs takes 15.0 MiB, and cpu"
                + " has room for 13");
  }
}
