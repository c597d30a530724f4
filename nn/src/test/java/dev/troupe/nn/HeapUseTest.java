package dev.troupe.nn;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.nn.TinyGan.Size;
import dev.troupe.tensor.Rng;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The Java heap that a training step takes, over all threads. */
class HeapUseTest {
  private static final int STEPS = 200;

  /** Rounds of {@link #STEPS} in which the JIT may compile; until then vectors are objects. */
  private static final int WARM_UP = 30;

  private static final long LIMIT = 64 << 10;

  /** As many layers as PacGAN's networks, so that a step makes as many objects. */
  private static final Size DEEP = new Size(20, 64, 16, 3, 0);

  @Test
  void aStepTakesLittle() {
    // The many members first: they warm up more in fewer steps.
    for (boolean replayed : new boolean[] {false, true}) {
      assertThat(perStep(8, 1, replayed)).isLessThan(LIMIT);
      assertThat(perStep(8, 2, replayed)).isLessThan(LIMIT);
      assertThat(perStep(1, 1, replayed)).isLessThan(LIMIT);
      assertThat(perStep(1, 2, replayed)).isLessThan(LIMIT);
    }
  }

  /** Bytes a step, averaged over the first round below the limit, or else the last one. */
  private static long perStep(int members, int threads, boolean replayed) {
    ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Device cpu = new CpuDevice(threads, replayed);
        TinyGan gan = new TinyGan(cpu, DEEP, Rng.firstMembers(members));
        CapturedStep step = CapturedStep.of(cpu, gan::step)) {
      run(step);
      long bytes = Long.MAX_VALUE;
      for (int round = 0; round < WARM_UP && bytes >= LIMIT; round++) {
        long before = bean.getTotalThreadAllocatedBytes();
        run(step);
        bytes = (bean.getTotalThreadAllocatedBytes() - before) / STEPS;
      }
      System.out.printf(
          "heap: a %s GAN step takes %,d bytes with %d members on %d threads%n",
          replayed ? "replayed" : "plain", bytes, members, threads);
      return bytes;
    }
  }

  private static void run(CapturedStep step) {
    for (int i = 0; i < STEPS; i++) {
      step.run();
    }
  }
}
