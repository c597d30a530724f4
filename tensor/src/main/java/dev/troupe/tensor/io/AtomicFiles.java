package dev.troupe.tensor.io;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Files that are either the old or the new one, whole, whatever happens: the new one is written
 * beside the old one under a temporary name, forced to the disk, and renamed over it.
 */
public final class AtomicFiles {
  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-f]{16}\\.tmp");

  private AtomicFiles() {}

  /** What fills the new file. */
  @FunctionalInterface
  public interface Writer {
    /** Writes everything; the channel is empty, at its start, and closed by the caller. */
    void write(FileChannel channel) throws IOException;
  }

  /**
   * Makes or replaces {@code target}. Where this throws, {@code target} is as it was, unless the
   * message says that only the last step, forcing the directory, failed.
   *
   * @throws IOException with a message such as {@code runs/a.json: cannot be written, No space left
   *     on device}
   */
  public static void write(Path target, Writer writer) throws IOException {
    Path directory = target.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(target + ": cannot be written, it is a directory");
    }
    String suffix = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()) + ".tmp";
    Path temporary = directory.resolve("." + target.getFileName() + "." + suffix);
    try {
      try (FileChannel channel = FileChannel.open(temporary, CREATE_NEW, WRITE)) {
        writer.write(channel);
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      remove(temporary, e);
      throw new IOException(target + ": cannot be written, " + reason(e), e);
    } catch (RuntimeException | Error e) {
      remove(temporary, e);
      throw e;
    }
    try {
      forceDirectory(directory);
    } catch (IOException e) {
      throw new IOException(
          target + ": was written, but its directory cannot be forced to disk, " + reason(e), e);
    }
  }

  /** Makes or replaces {@code target} with these bytes; see {@link #write(Path, Writer)}. */
  public static void write(Path target, byte[] bytes) throws IOException {
    write(target, channel -> ArrayOutput.writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  /**
   * Removes the temporary files that killed writers left in {@code directory}. Only for a directory
   * that nobody else is writing to.
   */
  public static void sweep(Path directory) throws IOException {
    List<Path> leftovers;
    try (Stream<Path> files = Files.list(directory)) {
      leftovers =
          files.filter(f -> TEMPORARY.matcher(f.getFileName().toString()).matches()).toList();
    }
    for (Path leftover : leftovers) {
      Files.deleteIfExists(leftover);
    }
  }

  /** Makes renames and deletions in a directory survive a power cut. */
  static void forceDirectory(Path directory) throws IOException {
    // Elsewhere (Windows) a directory cannot be opened, and needs no forcing.
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(directory, READ)) {
        channel.force(true);
      }
    }
  }

  /** Why an operation failed, without the path, which many messages of the JDK consist of. */
  static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "no such file or directory";
      case AccessDeniedException denied -> "permission denied";
      case DirectoryNotEmptyException notEmpty -> "it is a directory";
      case FileAlreadyExistsException exists -> "a file is in its place";
      case ClosedByInterruptException interrupted -> "the thread was interrupted";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }

  private static void remove(Path temporary, Throwable because) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }
}
