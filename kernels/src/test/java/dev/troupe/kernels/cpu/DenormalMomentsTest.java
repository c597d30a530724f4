package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Moments do not stay among the denormal numbers, where each step would take many times as long.
 */
class DenormalMomentsTest {
  private static final int SIZE = 33; // a tail behind whole vectors

  @Test
  void adamStoresZero() {
    try (CpuDevice cpu = new CpuDevice(1)) {
      Buffer w = filled(cpu, 1);
      Buffer g = filled(cpu, 0);
      Buffer m = filled(cpu, -1e-40f);
      Buffer v = filled(cpu, 1e-40f);
      Buffer step = cpu.allocate(ElementType.INT32, 1);
      cpu.write(new int[] {1000}, step);
      cpu.run(
          new Primitive.Adam(
              0.8,
              0.999,
              1e-8,
              true,
              0,
              rate(cpu),
              step,
              List.of(w),
              List.of(g),
              List.of(m),
              List.of(v)));
      assertThat(read(cpu, m)).containsOnly(0);
      assertThat(read(cpu, v)).containsOnly(0);
      assertThat(read(cpu, w)).containsOnly(1);
    }
  }

  @Test
  void momentumStoresZero() {
    try (CpuDevice cpu = new CpuDevice(1)) {
      Buffer velocity = filled(cpu, 1e-40f);
      cpu.run(
          new Primitive.Sgd(
              0.9,
              false,
              0,
              rate(cpu),
              List.of(filled(cpu, 1)),
              List.of(filled(cpu, 0)),
              List.of(velocity)));
      assertThat(read(cpu, velocity)).containsOnly(0);
    }
  }

  private static Buffer rate(CpuDevice cpu) {
    Buffer rate = cpu.allocate(ElementType.REAL, 1);
    cpu.write(new float[] {1e-3f}, rate);
    return rate;
  }

  private static Buffer filled(CpuDevice cpu, float value) {
    Buffer buffer = cpu.allocate(ElementType.REAL, SIZE);
    float[] values = new float[SIZE];
    Arrays.fill(values, value);
    cpu.write(values, buffer);
    return buffer;
  }

  private static float[] read(CpuDevice cpu, Buffer buffer) {
    float[] values = new float[SIZE];
    cpu.read(buffer, values);
    return values;
  }
}
