package dev.troupe.experiments.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * {@code metrics.jsonl}: one JSON object a line, each with {@code step} (training steps done) and
 * {@code wall_s} (seconds computed so far over all sessions, lost work not counted). A line is with
 * the operating system when {@link #append} returns, so a killed process loses none.
 *
 * <p>Steps never decrease. On resume at a checkpoint's step, lines beyond it and a half-written
 * last one are cut, so that nothing is there twice.
 */
public final class MetricsLog implements AutoCloseable {
  private final Path file;
  private final SeekableByteChannel channel;
  private long startNanos = System.nanoTime();
  private double earlierSeconds;
  private long lastStep;
  private boolean started;

  private MetricsLog(Path file, SeekableByteChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Opens the file, or creates it; nothing in it is changed before {@link #startAt}. */
  public static MetricsLog open(Path file) throws IOException {
    return new MetricsLog(
        file,
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  /** For tests: writes into a channel that may fail. */
  static MetricsLog over(Path file, SeekableByteChannel channel) {
    return new MetricsLog(file, channel);
  }

  /**
   * Begins at the step of the checkpoint that was loaded, or at 0 without one. Cuts what is beyond,
   * and for a step above 0 writes the line {@code {"step":n,...,"resumed_from":n}}.
   *
   * @throws UserException with {@link ExitCode#FILES} if a line that is not the last is damaged
   */
  public void startAt(long step) throws IOException {
    channel.truncate(keep(step));
    channel.position(channel.size());
    lastStep = step;
    startNanos = System.nanoTime();
    started = true;
    if (step > 0) {
      SequencedMap<String, Object> values = new LinkedHashMap<>();
      values.put("resumed_from", step);
      append(step, values);
    }
  }

  /** How many bytes of whole lines at or before the step the file begins with. */
  private long keep(long step) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int start = 0;
    earlierSeconds = 0;
    for (int line = 1; start < bytes.length; line++) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      if (end == bytes.length) {
        return start; // half-written
      }
      try {
        Map<String, Object> object = Json.readObject(new String(bytes, start, end - start, UTF_8));
        if ((Long) object.get("step") > step) {
          return start;
        }
        earlierSeconds = ((Number) object.get("wall_s")).doubleValue();
      } catch (IOException | RuntimeException e) {
        throw new UserException(
            ExitCode.FILES, file + ": line " + line + " is not a record of metrics", e);
      }
      start = end + 1;
    }
    return bytes.length;
  }

  /**
   * Adds one line.
   *
   * @param step training steps done, at least the step of the line before
   * @param values texts, numbers, booleans, lists and maps of them, in the order to be written
   * @throws IOException if the line cannot be written, as on a full disk; the file then still ends
   *     with a whole line or with a half one that the next {@link #startAt} cuts
   */
  public void append(long step, SequencedMap<String, ?> values) throws IOException {
    if (!started) {
      throw new IllegalStateException("metrics: startAt(step) must come before the first line");
    }
    if (step < lastStep) {
      throw new IllegalArgumentException("metrics: step " + step + " comes after " + lastStep);
    }
    lastStep = step;
    SequencedMap<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("wall_s", Math.round(wallSeconds() * 1000) / 1000.0);
    line.putAll(values);
    ByteBuffer buffer = ByteBuffer.wrap((Json.write(line, false) + "\n").getBytes(UTF_8));
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw new FileSystemException(file.toString(), null, Failures.reason(e));
    }
  }

  /** All lines so far, those of earlier sessions first. */
  public List<Map<String, Object>> lines() throws IOException {
    List<Map<String, Object>> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(Json.readObject(line));
    }
    return lines;
  }

  /** Seconds computed so far, over all sessions; work that was lost and done again counts once. */
  public double wallSeconds() {
    return earlierSeconds + (System.nanoTime() - startNanos) * 1e-9;
  }

  /**
   * Brings all lines to the disk itself. Call it before a checkpoint is written: then after a power
   * cut, too, no line before the checkpoint is missing.
   */
  public void sync() throws IOException {
    if (channel instanceof FileChannel fileChannel) {
      fileChannel.force(false);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
