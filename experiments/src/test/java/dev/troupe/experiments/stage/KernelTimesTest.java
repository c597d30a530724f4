package dev.troupe.experiments.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.AccessCounts;
import dev.troupe.kernels.AccessCounts.Requests;
import dev.troupe.kernels.KernelTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelTimesTest {
  @Test
  void times() {
    assertThat(
            KernelTimes.table(
                List.of(
                    new KernelTime("add", "1 x 32", 0.001, null),
                    new KernelTime("sum", "1 x 32", 0.006, null),
                    new KernelTime("add", "2 x 32", 0.001, null))))
        .isEqualTo(
            """
            kernels of one step:
              sum                                  1 launches        6.000 ms   75.0 %
              add                                  2 launches        2.000 ms   25.0 %
              all                                  3 launches        8.000 ms  100.0 %\
            """);
  }

  @Test
  void accesses() {
    AccessCounts one =
        new AccessCounts(
            10, 320, new Requests(1, 5, 4, 128), Requests.NONE, Requests.NONE, 128, 0, 3, 2);
    AccessCounts two =
        new AccessCounts(
            10,
            160,
            new Requests(1, 11, 4, 128),
            new Requests(1, 8, 1, 4),
            Requests.NONE,
            128,
            4,
            1,
            2);
    assertThat(
            KernelTimes.table(
                List.of(
                    new KernelTime("add", "1 x 32", 0.002, one),
                    new KernelTime("add", "2 x 32", 0.002, two))))
        .isEqualTo(
            """
            kernels of one step; sectors loaded and stored and wavefronts of shared memory beside the fewest that would do:
              add                                  2 launches        4.000 ms  100.0 %   loads x2.00  stores x8.00  shared x1.00  lanes  75 %
              all                                  2 launches        4.000 ms  100.0 %   loads x2.00  stores x8.00  shared x1.00  lanes  75 %\
            """);
  }
}
