package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * All outputs of this package's kernels have the same bits whatever the vector width of the JVM.
 */
final class SameBitsTest {
  @Test
  void halfWidth() throws Exception {
    assumeTrue(Lanes.COUNT == 16, "no vectors of 512 bits (AVX-512) on this machine");
    assertSameDigests("-XX:UseAVX=2", 8);
  }

  @Test
  void smallestWidth() throws Exception {
    assumeTrue(Lanes.COUNT > 4, "no vectors of more than 128 bits on this machine");
    assertSameDigests("-XX:MaxVectorSize=16", 4);
  }

  @Test
  void anyNumberOfThreads() {
    assertThat(
            BitsDigest.digests()
                .lines()
                .filter(line -> line.startsWith("convolutions"))
                .map(line -> line.substring(line.lastIndexOf(' ')))
                .distinct())
        .hasSize(1);
  }

  private static void assertSameDigests(String flag, int lanes) throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                flag,
                "-cp",
                folder(Lanes.class)
                    + System.getProperty("path.separator")
                    + folder(BitsDigest.class),
                BitsDigest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String theirs = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).isZero();
    String head = "lanes " + lanes + "\n";
    assertThat(theirs).startsWith(head);
    assertThat(theirs.substring(head.length())).isEqualTo(BitsDigest.digests());
  }

  private static String folder(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }
}
