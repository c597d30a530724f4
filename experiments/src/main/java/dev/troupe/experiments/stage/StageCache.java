package dev.troupe.experiments.stage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.run.Failures;
import dev.troupe.experiments.run.Json;
import dev.troupe.experiments.run.RunIdentity;
import dev.troupe.tensor.io.ArrayFileException;
import dev.troupe.tensor.io.AtomicFiles;
import dev.troupe.tensor.io.CheckpointStore;
import dev.troupe.tensor.io.HostArray;
import dev.troupe.tensor.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * What stages came to, kept for other runs whose stages have the same inputs: one folder each,
 * named by the SHA-256 of all that decides the stage's bits, with a checkpoint and the stage's
 * lines of {@code metrics.jsonl}, followed by their SHA-256. A damaged entry is as good as none,
 * which is said.
 *
 * @param folder has the entries
 * @param remarks is told of entries that are damaged
 */
public record StageCache(Path folder, Consumer<String> remarks) {
  private static final String LINES = "metrics.jsonl";

  /**
   * An entry.
   *
   * @param arrays the checkpoint
   * @param lines of metrics, their {@code step} counted in the stage
   */
  public record Entry(
      Path folder, SequencedMap<String, HostArray> arrays, List<Map<String, Object>> lines) {}

  /**
   * A cache whose folder is there and can be written, which shows now and not after a training.
   *
   * @throws UserException with {@link ExitCode#FILES} if it cannot
   */
  public static StageCache open(Path folder, Consumer<String> remarks) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".probe", ""));
    } catch (IOException e) {
      throw new UserException(
          ExitCode.FILES,
          folder
              + ": cannot be written: "
              + Failures.reason(e)
              + "; give another --cache, or --no-cache",
          e);
    }
    return new StageCache(folder, remarks);
  }

  /** The name of a stage with these inputs. */
  public static String hash(RunIdentity inputs) {
    StringBuilder text = new StringBuilder();
    inputs
        .values()
        .forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    return Sha256.of(text.toString());
  }

  /** Whether there is an entry, sound or not. */
  boolean has(RunIdentity inputs) {
    return Files.exists(place(inputs).resolve(LINES));
  }

  private Path place(RunIdentity inputs) {
    return folder.resolve(hash(inputs));
  }

  /** The entry of a stage with these inputs and so many steps. */
  public Optional<Entry> find(RunIdentity inputs, long steps) throws IOException {
    Path place = place(inputs);
    if (!has(inputs)) {
      return Optional.empty();
    }
    try {
      Optional<CheckpointStore.Loaded> loaded = store(place).loadLatest(remarks);
      if (loaded.isEmpty()
          || loaded.get().step() != steps
          || !inputs.values().equals(loaded.get().settings())) {
        remarks.accept(place + ": does not hold what its name says, and is not used");
        return Optional.empty();
      }
      return Optional.of(new Entry(place, loaded.get().arrays(), lines(place.resolve(LINES))));
    } catch (ArrayFileException e) {
      remarks.accept(e.getMessage() + "; it is not used");
      return Optional.empty();
    }
  }

  private static List<Map<String, Object>> lines(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), UTF_8);
    int end = text.lastIndexOf('\n', text.length() - 2) + 1;
    String metrics = text.substring(0, end);
    if (!text.substring(end).equals(seal(metrics))) {
      throw new ArrayFileException(file + ": is damaged, its SHA-256 is not that in its last line");
    }
    List<Map<String, Object>> lines = new ArrayList<>();
    for (String line : metrics.lines().toList()) {
      lines.add(Json.readObject(line));
    }
    return lines;
  }

  /** The line that follows these. */
  private static String seal(String metrics) {
    return Json.write(Map.of("sha256", Sha256.of(metrics)), false) + "\n";
  }

  /** Keeps what a stage came to. */
  public void put(
      RunIdentity inputs,
      long steps,
      SequencedMap<String, HostArray> arrays,
      List<? extends Map<String, Object>> lines)
      throws IOException {
    Path place = place(inputs);
    store(place).save(steps, arrays, inputs.values());
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(Json.write(line, false)).append('\n'));
    text.append(seal(text.toString()));
    AtomicFiles.write(place.resolve(LINES), text.toString().getBytes(UTF_8)); // now it is there
  }

  private static CheckpointStore store(Path place) {
    return new CheckpointStore(place, 1);
  }
}
