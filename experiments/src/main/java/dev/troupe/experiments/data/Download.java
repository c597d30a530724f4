package dev.troupe.experiments.data;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.troupe.experiments.Version;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * One file over HTTP. It grows as {@code NAME.part}, goes on from there when it was interrupted,
 * and gets its name only once its size and SHA-256 are right.
 *
 * @param address http or https
 * @param target where it goes
 * @param bytes its size, where that is known
 * @param sha256 of the whole file
 * @param patience how long to wait for a server that sends nothing
 */
record Download(URI address, Path target, OptionalLong bytes, String sha256, Duration patience) {
  /** How often a broken transfer is gone on with, as long as each try brings something. */
  private static final int ATTEMPTS = 5;

  private static final int REDIRECTS = 5;
  private static final int BUFFER = 1 << 16;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  /** Is told how far the file is. */
  @FunctionalInterface
  interface Meter {
    /**
     * So many bytes are there.
     *
     * @param total of how many, or -1 where the server does not say
     */
    void at(long done, long total);
  }

  /** The transfer ended before the file did. */
  private static final class Broken extends IOException {
    private static final long serialVersionUID = 1;

    Broken(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Downloads the file.
   *
   * @throws IOException with a sentence that names the address, or the file
   */
  void run(Meter progress) throws IOException {
    Files.createDirectories(target.toAbsolutePath().getParent());
    Path part = part();
    try (FileChannel channel = FileChannel.open(part, CREATE, WRITE);
        FileLock lock = lock(channel)) {
      for (int attempt = 1; ; attempt++) {
        long before = channel.size();
        try {
          transfer(channel, progress);
          break;
        } catch (Broken e) {
          if (attempt == ATTEMPTS || channel.size() <= before) {
            throw new IOException(
                address
                    + ": "
                    + e.getMessage()
                    + "; the same command goes on from byte "
                    + channel.size(),
                e);
          }
        }
      }
      channel.force(true);
    }
    String found = Checksums.sha256(part);
    if (!found.equals(sha256)) {
      Files.delete(part);
      throw new DataFileException(
          address
              + ": the SHA-256 of what it sent is "
              + found
              + ", expected "
              + sha256
              + "; it was thrown away");
    }
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What was got so far. */
  Path part() {
    return target.resolveSibling(target.getFileName() + ".part");
  }

  private FileLock lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      // another thread of this process: the same
    }
    throw new IOException(part() + ": is being downloaded by another process");
  }

  private void transfer(FileChannel channel, Meter progress) throws IOException {
    long have = channel.size();
    if (bytes.isPresent() && have > bytes.getAsLong()) {
      channel.truncate(0);
      have = 0;
    }
    if (have > 0 && bytes.isPresent() && have == bytes.getAsLong()) {
      progress.at(have, have);
      return;
    }
    HttpURLConnection connection = open(have);
    try {
      int status = status(connection);
      if (status == RANGE_NOT_SATISFIABLE && have > 0) {
        connection.disconnect();
        channel.truncate(0);
        have = 0;
        connection = open(0);
        status = status(connection);
      }
      if (status == HttpURLConnection.HTTP_OK) {
        have = 0; // all of it, whatever was asked for
      } else if (status != HttpURLConnection.HTTP_PARTIAL || !continues(connection, have)) {
        throw new IOException(address + ": the server answers " + answer(connection, status));
      }
      long length = connection.getContentLengthLong();
      if (bytes.isPresent() && length >= 0 && have + length != bytes.getAsLong()) {
        throw new DataFileException(
            address
                + ": the server has "
                + (have + length)
                + " bytes, expected "
                + bytes.getAsLong());
      }
      channel.truncate(have);
      copy(connection, channel, have, length < 0 ? -1 : have + length, progress);
    } finally {
      connection.disconnect();
    }
  }

  private String answer(HttpURLConnection connection, int status) throws IOException {
    String message = connection.getResponseMessage();
    String range = connection.getHeaderField("Content-Range");
    return status
        + (message == null || message.isEmpty() ? "" : " " + message)
        + (range == null ? "" : ", " + range)
        + ", expected 200 or the rest of the file";
  }

  private static boolean continues(HttpURLConnection connection, long from) {
    String range = connection.getHeaderField("Content-Range");
    return from > 0 && range != null && range.startsWith("bytes " + from + "-");
  }

  private void copy(
      HttpURLConnection connection, FileChannel channel, long have, long total, Meter progress)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    long at = have;
    channel.position(at);
    try (InputStream in = connection.getInputStream()) {
      while (true) {
        int n;
        try {
          n = in.read(buffer);
        } catch (IOException e) {
          throw new Broken("the transfer broke after byte " + at + " (" + e.getMessage() + ")", e);
        }
        if (n < 0) {
          break;
        }
        if (bytes.isPresent() && at + n > bytes.getAsLong()) {
          channel.truncate(0);
          throw new DataFileException(
              address + ": sends more than the " + bytes.getAsLong() + " bytes expected");
        }
        ByteBuffer chunk = ByteBuffer.wrap(buffer, 0, n);
        try {
          while (chunk.hasRemaining()) {
            channel.write(chunk);
          }
        } catch (IOException e) {
          throw new FileSystemException(part().toString(), null, e.getMessage());
        }
        at += n;
        progress.at(at, total);
      }
    }
    if (bytes.isPresent() && at < bytes.getAsLong()) {
      throw new Broken(
          "the transfer ended after " + at + " of " + bytes.getAsLong() + " bytes", null);
    }
  }

  /** A connection that follows redirections, but never from https to http. */
  private HttpURLConnection open(long from) throws IOException {
    URL url = address.toURL();
    for (int i = 0; i <= REDIRECTS; i++) {
      HttpURLConnection connection = (HttpURLConnection) url.openConnection();
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout((int) patience.toMillis());
      connection.setReadTimeout((int) patience.toMillis());
      connection.setRequestProperty("User-Agent", "Troupe/" + Version.current());
      connection.setRequestProperty("Accept-Encoding", "identity");
      if (from > 0) {
        connection.setRequestProperty("Range", "bytes=" + from + "-");
      }
      String location =
          status(connection) / 100 == 3 ? connection.getHeaderField("Location") : null;
      if (location == null) {
        return connection;
      }
      connection.disconnect();
      try {
        URL next = url.toURI().resolve(location).toURL();
        boolean safe =
            next.getProtocol().equals("https")
                || (next.getProtocol().equals("http") && url.getProtocol().equals("http"));
        if (!safe) {
          throw new IOException(address + ": leads to " + next + ", which is not safe to follow");
        }
        url = next;
      } catch (URISyntaxException | IllegalArgumentException e) {
        throw new IOException(address + ": leads to '" + location + "', which is no address", e);
      }
    }
    throw new IOException(address + ": leads on more than " + REDIRECTS + " times");
  }

  private int status(HttpURLConnection connection) throws IOException {
    try {
      return connection.getResponseCode();
    } catch (IOException e) {
      throw new IOException(
          address
              + ": the server cannot be reached ("
              + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
              + ")",
          e);
    }
  }
}
