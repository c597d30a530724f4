package dev.troupe.experiments.run;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.kernels.DeviceUnavailableException;
import dev.troupe.kernels.NumericsException;
import dev.troupe.kernels.OutOfMemoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Turns whatever was thrown into one sentence and an exit code. */
public record Failures(ExitCode exitCode, String message) {
  /** What to tell the user of a throwable that ended a command. */
  public static Failures of(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof UserException user) {
        return new Failures(user.exitCode(), user.getMessage());
      }
      if (t instanceof NumericsException) {
        return new Failures(ExitCode.NUMERICS, t.getMessage());
      }
      if (t instanceof DeviceUnavailableException) {
        return new Failures(ExitCode.DEVICE, t.getMessage());
      }
      if (t instanceof OutOfMemoryException) {
        return new Failures(ExitCode.MEMORY, t.getMessage());
      }
      if (t instanceof OutOfMemoryError) {
        return new Failures(
            ExitCode.MEMORY,
            "out of memory: "
                + t.getMessage()
                + ", with a heap of at most "
                + Runtime.getRuntime().maxMemory() / (1 << 20)
                + " MiB; make the run smaller, or the heap larger with TROUPE_JAVA_OPTS=-Xmx...");
      }
    }
    if (thrown instanceof UncheckedIOException unchecked) {
      return of(unchecked.getCause());
    }
    if (thrown instanceof IOException io) {
      return new Failures(ExitCode.FILES, fileOf(io) + reason(io));
    }
    String message = thrown.getMessage();
    return new Failures(
        ExitCode.INTERNAL,
        "internal error: "
            + thrown.getClass().getSimpleName()
            + (message == null ? "" : ": " + message)
            + " (--verbose shows where)");
  }

  private static String fileOf(IOException e) {
    return e instanceof FileSystemException fs && fs.getFile() != null ? fs.getFile() + ": " : "";
  }

  /** Why a file operation failed, without the file's name. */
  public static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "no such file or directory";
      case FileAlreadyExistsException _ -> "exists already";
      case FileSystemException fs when fs.getReason() != null -> fs.getReason();
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
