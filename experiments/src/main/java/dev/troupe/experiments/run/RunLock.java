package dev.troupe.experiments.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a run directory to one live process. The operating system holds the lock, so that it goes
 * with the process however that ends; the file's text only says who has it. The file stays:
 * deleting it could take the lock from under a process that has just opened it.
 */
final class RunLock implements AutoCloseable {
  // POSIX locks belong to the process, and closing any descriptor of the file gives them up. So a
  // second attempt within this process must not even open the file.
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path key;
  private final FileChannel channel;

  private RunLock(Path key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /**
   * Takes the lock of an existing directory.
   *
   * @throws UserException with {@link ExitCode#RUN_DIRECTORY} if a live process has it
   * @throws IOException if the file cannot be made or the file system refuses locks
   */
  static RunLock acquire(Path directory) throws IOException {
    Path file = directory.resolve(".lock");
    Path key = directory.toRealPath();
    if (!HELD_HERE.add(key)) {
      throw busy(directory, file);
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      // One byte far behind the text: where locks are mandatory, the text can still be read.
      if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) == null) {
        throw busy(directory, file);
      }
      String holder =
          "pid "
              + ProcessHandle.current().pid()
              + ", since "
              + Instant.now().truncatedTo(ChronoUnit.SECONDS)
              + "\n";
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(holder.getBytes(UTF_8)), 0);
      return new RunLock(key, channel);
    } catch (IOException | RuntimeException | Error e) {
      if (channel != null) {
        channel.close();
      }
      HELD_HERE.remove(key);
      throw e;
    }
  }

  private static UserException busy(Path directory, Path file) {
    String holder = "";
    try {
      holder = Files.readString(file).strip();
    } catch (IOException e) {
      // Only the name of the other is lost.
    }
    return new UserException(
        ExitCode.RUN_DIRECTORY,
        directory
            + ": is in use by another live run ("
            + (holder.isEmpty() ? "starting just now" : holder)
            + "); wait for it, or choose another --out");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is gone, and the lock with it.
    }
    HELD_HERE.remove(key);
  }
}
