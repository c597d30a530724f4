package dev.troupe.experiments.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.tensor.io.AtomicFiles;
import dev.troupe.tensor.io.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

/** SHA-256 of files, and lists of them in the form that {@code sha256sum} writes and checks. */
final class Checksums {
  /** In a data directory: what was unpacked from archives that had the right checksum. */
  static final String LIST = "SHA256SUMS";

  private Checksums() {}

  /** Of a whole file, as hexadecimal digits. */
  static String sha256(Path file) throws IOException {
    MessageDigest digest = Sha256.start();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return Sha256.finish(digest);
  }

  /** The list of a directory, by path; empty if there is none. */
  static Map<String, String> list(Path directory) throws IOException {
    Map<String, String> sums = new TreeMap<>();
    Path list = directory.resolve(LIST);
    if (Files.exists(list)) {
      for (String line : new String(Files.readAllBytes(list), UTF_8).split("\n")) {
        String text = line.strip();
        if (!text.isEmpty() && !text.matches("[0-9a-f]{64} [ *].+")) {
          throw new DataFileException(list + ": '" + text + "' is no line of sha256sum");
        }
        if (!text.isEmpty()) {
          sums.put(text.substring(66), text.substring(0, 64));
        }
      }
    }
    return sums;
  }

  /** Adds to the list of a directory. */
  static void add(Path directory, Map<String, String> more) throws IOException {
    Map<String, String> sums = list(directory);
    sums.putAll(more);
    StringBuilder text = new StringBuilder();
    sums.forEach((path, sum) -> text.append(sum).append("  ").append(path).append('\n'));
    AtomicFiles.write(directory.resolve(LIST), text.toString().getBytes(UTF_8));
  }
}
