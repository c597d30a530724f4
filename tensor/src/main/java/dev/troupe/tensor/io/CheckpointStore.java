package dev.troupe.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The numbered checkpoints of one run in one directory, {@code checkpoint-000012000.safetensors}
 * for step 12,000.
 *
 * <p>Each is an ordinary safetensors file whose {@code __metadata__} begins with {@code sha256}:
 * the SHA-256 of the whole file with the 64 digits of that field written as zeros. It comes first,
 * so that its place in the file is always the same, and it is checked before anything else is
 * believed: any bit that is flipped, lost or added is found.
 *
 * <p>Whenever the process is killed, at least one whole checkpoint remains (once there was one): a
 * new one is renamed into place when it is on the disk, and older ones are removed after that.
 *
 * <p>One store a directory at a time.
 */
public final class CheckpointStore {
  private static final String FORMAT = "troupe-checkpoint";
  private static final String VERSION = "1";
  private static final String SETTINGS = "settings.";

  /** Every checkpoint has these bytes after the 8 of the header's length, and the digest next. */
  private static final byte[] PREFIX =
      "{\"__metadata__\":{\"sha256\":\"".getBytes(StandardCharsets.US_ASCII);

  private static final int DIGEST_AT = 8 + PREFIX.length;
  private static final int DIGEST_DIGITS = 64;
  private static final String NO_DIGEST = "0".repeat(DIGEST_DIGITS);

  private static final long MAX_STEP = 999_999_999_999_999_999L;
  private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{9,18})\\.safetensors");

  private final Path directory;
  private final int keep;

  /** Checkpoints that {@link #loadLatest} found to be damaged. */
  private final Set<Path> damaged = new HashSet<>();

  /**
   * @param directory made at the first save where it does not exist
   * @param keep how many checkpoints remain after a save, at least 1
   */
  public CheckpointStore(Path directory, int keep) {
    if (keep < 1) {
      throw new IllegalArgumentException("checkpoints: keep is " + keep + ", at least 1 expected");
    }
    this.directory = directory;
    this.keep = keep;
  }

  /**
   * A checkpoint.
   *
   * @param step the number of steps done when it was made
   */
  public record Loaded(
      Path file,
      long step,
      SequencedMap<String, HostArray> arrays,
      SequencedMap<String, String> settings) {}

  /**
   * Writes a checkpoint and then removes the ones it makes superfluous. Where the write fails, the
   * checkpoints that were there remain.
   *
   * @param step the number of steps done; a checkpoint of it that is there already is replaced
   * @return the file
   * @throws IOException also if there is a checkpoint of a later step that {@link #loadLatest} has
   *     not found to be damaged: it would hide this one
   */
  public synchronized Path save(
      long step, SequencedMap<String, HostArray> arrays, SequencedMap<String, String> settings)
      throws IOException {
    if (step < 0 || step > MAX_STEP) {
      throw new IllegalArgumentException(
          "checkpoints: step is " + step + ", expected 0 to " + MAX_STEP);
    }
    Path file = directory.resolve(name(step));
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new IOException(directory + ": cannot be made, " + AtomicFiles.reason(e), e);
    }
    for (Path other : newestFirst()) {
      if (step(other) > step && !damaged.contains(other)) {
        throw new IOException(
            file + ": cannot be written, " + other.getFileName() + " of a later step is there");
      }
    }
    SequencedMap<String, String> metadata = new LinkedHashMap<>();
    metadata.put("sha256", NO_DIGEST);
    metadata.put("format", FORMAT);
    metadata.put("version", VERSION);
    metadata.put("step", Long.toString(step));
    settings.forEach((key, value) -> metadata.put(SETTINGS + key, value));
    AtomicFiles.write(
        file,
        channel -> {
          DigestingChannel digesting = new DigestingChannel(channel);
          SafeTensors.write(digesting, arrays, metadata);
          ByteBuffer digest = ByteBuffer.wrap(digesting.hex().getBytes(StandardCharsets.US_ASCII));
          ArrayOutput.writeFully(channel.position(DIGEST_AT), digest);
        });
    damaged.remove(file);
    prune(file);
    return file;
  }

  /**
   * Loads the newest checkpoint that is whole.
   *
   * @param warnings is told which checkpoints are damaged, why, and what is used instead
   * @return empty if there is no checkpoint at all
   * @throws ArrayFileException if there are checkpoints, but all are damaged
   * @throws IOException if the newest whole one is of another version of the format, or a file
   *     cannot be read
   */
  public synchronized Optional<Loaded> loadLatest(Consumer<String> warnings) throws IOException {
    List<String> reasons = new ArrayList<>();
    for (Path file : newestFirst()) {
      try {
        Loaded loaded = load(file);
        if (loaded.step != step(file)) {
          throw new ArrayFileException(
              file + ": is of step " + loaded.step + ", expected the step in its name");
        }
        for (String reason : reasons) {
          warnings.accept(
              reason + "; " + file.getFileName() + " of step " + loaded.step + " is used instead");
        }
        return Optional.of(loaded);
      } catch (ArrayFileException e) {
        damaged.add(file);
        reasons.add(e.getMessage());
      }
    }
    if (reasons.isEmpty()) {
      return Optional.empty();
    }
    throw new ArrayFileException(
        directory
            + ": no checkpoint is whole, remove them to start anew ("
            + String.join("; ", reasons)
            + ")");
  }

  /**
   * Loads one checkpoint.
   *
   * @throws ArrayFileException if the file is damaged or is no checkpoint
   * @throws IOException if it is of another version of the format or cannot be read
   */
  public static Loaded load(Path file) throws IOException {
    try (FileChannel channel = ArrayInput.openChannel(file)) {
      long size = channel.size();
      verify(new ArrayInput(file.toString(), channel, size));
      channel.position(0);
      ArrayInput in = new ArrayInput(file.toString(), channel, size);
      SafeTensors.Contents contents = SafeTensors.read(in);
      Map<String, String> metadata = contents.metadata();
      if (!FORMAT.equals(metadata.get("format"))) {
        throw in.malformed("format is " + metadata.get("format") + ", expected " + FORMAT);
      }
      if (!VERSION.equals(metadata.get("version"))) {
        throw new IOException(
            file + ": version is " + metadata.get("version") + ", expected " + VERSION);
      }
      String step = metadata.getOrDefault("step", "missing");
      if (!step.matches("\\d{1,18}")) {
        throw in.malformed("step is " + ArrayInput.quote(step) + ", expected a number");
      }
      SequencedMap<String, String> settings = new LinkedHashMap<>();
      metadata.forEach((key, value) -> {
        if (key.startsWith(SETTINGS)) {
          settings.put(key.substring(SETTINGS.length()), value);
        }
      });
      return new Loaded(
          file,
          Long.parseLong(step),
          contents.arrays(),
          Collections.unmodifiableSequencedMap(settings));
    }
  }

  private static void verify(ArrayInput in) throws IOException {
    if (in.size() < DIGEST_AT + DIGEST_DIGITS) {
      throw in.malformed("is " + in.size() + " bytes long, too short for a checkpoint");
    }
    byte[] start = in.bytes(DIGEST_AT + DIGEST_DIGITS);
    if (!Arrays.equals(start, 8, DIGEST_AT, PREFIX, 0, PREFIX.length)) {
      throw in.malformed("does not begin like a checkpoint, it is damaged or no checkpoint");
    }
    String recorded = new String(start, DIGEST_AT, DIGEST_DIGITS, StandardCharsets.ISO_8859_1);
    Arrays.fill(start, DIGEST_AT, DIGEST_AT + DIGEST_DIGITS, (byte) '0');
    MessageDigest digest = Sha256.start();
    digest.update(start);
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    while (in.remaining() > 0) {
      in.fill(buffer.clear().limit((int) Math.min(buffer.capacity(), in.remaining())));
      digest.update(buffer);
    }
    String found = Sha256.finish(digest);
    if (!found.equals(recorded)) {
      throw in.malformed(
          "is damaged, its SHA-256 is "
              + found
              + ", expected "
              + ArrayInput.printable(recorded, DIGEST_DIGITS));
    }
  }

  private void prune(Path saved) throws IOException {
    try {
      int kept = 0;
      for (Path file : newestFirst()) {
        if (damaged.remove(file) || kept == keep) {
          Files.delete(file);
        } else {
          kept++;
        }
      }
      AtomicFiles.sweep(directory);
    } catch (IOException e) {
      throw new IOException(
          saved
              + ": was written, but older checkpoints cannot be removed, "
              + AtomicFiles.reason(e),
          e);
    }
  }

  private List<Path> newestFirst() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> step(file) >= 0)
          .sorted(Comparator.comparingLong(CheckpointStore::step).reversed())
          .toList();
    } catch (IOException e) {
      throw new IOException(directory + ": cannot be read, " + AtomicFiles.reason(e), e);
    }
  }

  private static String name(long step) {
    return String.format(Locale.ROOT, "checkpoint-%09d.safetensors", step);
  }

  /** The step in the name, or -1 if it is not the name of a checkpoint. */
  private static long step(Path file) {
    String name = file.getFileName().toString();
    Matcher matcher = NAME.matcher(name);
    long step = matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    return step >= 0 && name.equals(name(step)) ? step : -1;
  }

  /** Passes bytes on and digests those that went through. */
  private static final class DigestingChannel implements WritableByteChannel {
    private final WritableByteChannel out;
    private final MessageDigest digest = Sha256.start();

    DigestingChannel(WritableByteChannel out) {
      this.out = out;
    }

    String hex() {
      return Sha256.finish(digest);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      ByteBuffer copy = bytes.duplicate();
      int written = out.write(bytes);
      digest.update(copy.limit(copy.position() + written));
      return written;
    }

    @Override
    public boolean isOpen() {
      return out.isOpen();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
