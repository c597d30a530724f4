package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.cases.DryMachine;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.gpu.GpuDevice;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What a GPU device does on the host for a primitive leaves nothing to be collected, but for the
 * records of its parts where it has some.
 */
class LaunchGarbageTest {
  private static final int RUNS = 1000;

  /** Bytes of the records of a composed primitive's parts, about those of the primitive itself. */
  private static final int PARTS = 128;

  @Test
  void launchesMakeNoGarbage() {
    Map<String, Primitive> launching = new TreeMap<>(); // the last case of each name
    Map<String, Long> garbage = new TreeMap<>();
    DryMachine machine = new DryMachine(75);
    try (Device device = new GpuDevice(machine)) {
      for (Case c : PrimitiveCases.all()) {
        if (c.kind() != Primitive.Custom.class) { // whose launches are the user's
          Primitive primitive = c.build().apply(new Inputs(device, 1)).primitive();
          long before = machine.launches();
          device.run(primitive); // loads the kernels, too
          if (machine.launches() > before) {
            launching.put(c.kind().getSimpleName() + " " + primitive.name(), primitive);
          }
        }
      }
      launching.forEach((name, primitive) -> {
        boolean composed = primitive.parts().size() > 1;
        long most = RUNS * (composed ? PARTS : 1L); // an object would be 16 bytes and more
        long bytes =
            Garbage.settled(
                most,
                Duration.ofSeconds(5),
                () -> {
                  for (int i = 0; i < RUNS; i++) {
                    device.run(primitive);
                  }
                });
        if (bytes > most) {
          garbage.put(name, bytes / RUNS);
        }
      });
    }
    System.out.printf("launches of %d primitives make no garbage%n", launching.size());
    assertThat(launching).hasSizeGreaterThan(60);
    assertThat(garbage).as("bytes for each run").isEmpty();
  }
}
