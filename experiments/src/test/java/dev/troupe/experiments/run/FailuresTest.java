package dev.troupe.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.DeviceUnavailableException;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.NumericsGuard;
import dev.troupe.kernels.OutOfMemoryException;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private static void check(Throwable thrown, ExitCode code, String message) {
    assertThat(Failures.of(thrown)).isEqualTo(new Failures(code, message));
  }

  @Test
  void filesAreNamedWithTheReason() {
    check(
        new AccessDeniedException("runs/a/run.json"),
        ExitCode.FILES,
        "runs/a/run.json: permission denied");
    check(new NoSuchFileException("x"), ExitCode.FILES, "x: no such file or directory");
    check(
        new UncheckedIOException(new NoSuchFileException("x")),
        ExitCode.FILES,
        "x: no such file or directory");
    check(new IOException("x.npy: is truncated"), ExitCode.FILES, "x.npy: is truncated");
    check(
        catchThrowable(() -> Files.createFile(Path.of("/proc/x"))),
        ExitCode.FILES,
        "/proc/x: no such file or directory");
  }

  @Test
  void theirCauseCounts() {
    check(
        new IllegalStateException("worker", new UserException(ExitCode.USAGE, "no")),
        ExitCode.USAGE,
        "no");
    check(
        new IllegalStateException("w", new OutOfMemoryException("buffer: 8 GiB asked", null)),
        ExitCode.MEMORY,
        "buffer: 8 GiB asked");
    assertThat(Failures.of(new RuntimeException(new OutOfMemoryError("Java heap space"))))
        .matches(failure -> failure.exitCode() == ExitCode.MEMORY)
        .matches(failure -> failure.message().startsWith("out of memory: Java heap space, "));
  }

  @Test
  void aMissingDeviceHasItsOwnCode() {
    check(new DeviceUnavailableException("cuda: no", null), ExitCode.DEVICE, "cuda: no");
  }

  @Test
  void aNaNHasItsOwnCode() {
    try (Device device = new NumericsGuard(new ReferenceDevice())) {
      Buffer x = device.allocate(ElementType.REAL, 1);
      Throwable thrown = catchThrowable(() -> device.run(new Primitive.Fill(Double.NaN, x)));
      check(thrown, ExitCode.NUMERICS, thrown.getMessage());
      assertThat(thrown.getMessage()).startsWith("Fill: NaN");
      device.release(x);
    }
  }

  @Test
  void everythingElseIsOurFault() {
    check(
        new NullPointerException(),
        ExitCode.INTERNAL,
        "internal error: NullPointerException (--verbose shows where)");
    check(
        new NoClassDefFoundError("a/B"),
        ExitCode.INTERNAL,
        "internal error: NoClassDefFoundError: a/B (--verbose shows where)");
  }
}
