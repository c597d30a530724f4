package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.cases.CaseRun;
import dev.troupe.kernels.cases.CaseRun.Results;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.cpu.CpuDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every primitive, cut by members where that can be done, has the bits that it has whole. */
class CpuReplayTest {
  private static final int SHOWN = 20;

  @ParameterizedTest
  @CsvSource({"1, 2", "2, 3"})
  void sharesOfMembersHaveTheBitsOfTheWhole(int threads, int members) {
    List<String> wrong = new ArrayList<>();
    try (Device plain = new CpuDevice(threads, false);
        Device replayed = new CpuDevice(threads)) {
      for (Case c : PrimitiveCases.ofHosts()) {
        Results expected = run(c, plain, members);
        if (!run(c, replayed, members).sameBits(expected)) {
          wrong.add(CaseRun.what(c));
        }
      }
    }
    assertThat(wrong.stream().limit(SHOWN)).as("%d wrong", wrong.size()).isEmpty();
  }

  /** Twice, since one primitive alone is never cut, beside one that has so many members. */
  private static Results run(Case c, Device device, int members) {
    Inputs inputs = new Inputs(device, c.label().hashCode());
    Buffer member = inputs.int32(new int[members]);
    Buffer step = inputs.int32(7);
    Buffer drawn = inputs.out(members);
    Primitive draw = new Primitive.Random(Distribution.UNIFORM, 0, 1, 5, 1, step, member, 1, drawn);
    return CaseRun.run(
        c,
        device,
        inputs,
        primitive -> {
          Runnable twice =
              () -> {
                device.run(primitive);
                device.run(primitive);
                device.run(draw);
              };
          try (CapturedStep captured = device.capture(twice)) {
            captured.run();
          }
        });
  }
}
