package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CpuDeviceTest {
  /** Opens the device and says what is wrong. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      try (CpuDevice device = new CpuDevice(1)) {
        System.out.println(device.name());
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  /** The first thing that goes wrong where a program of somebody's own is started. */
  @Test
  void withoutTheVectorApiTheOptionIsNamed() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                ManagementFactory.getRuntimeMXBean().getClassPath(),
                Program.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said)
        .isEqualTo(
            "cpu: Java runs without its Vector API, expected the option --add-modules"
                + " jdk.incubator.vector\n");
    assertThat(process.waitFor()).isZero();
  }
}
