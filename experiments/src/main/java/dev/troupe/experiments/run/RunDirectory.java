package dev.troupe.experiments.run;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Outcome;
import dev.troupe.experiments.UserException;
import dev.troupe.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The directory of one run: where everything it writes goes, and what a second start with the same
 * {@code --out} finds. {@code run.json} says which run it is and whether it is finished; {@code
 * .lock} keeps a second process out.
 */
public final class RunDirectory implements AutoCloseable {
  /** What opening found. */
  public enum State {
    /** Nothing yet. */
    FRESH,
    /** The same run, begun but not finished; there may or may not be a checkpoint. */
    RESUMABLE,
    /** The same run, finished: {@link #outcome()} has what it had to show. */
    FINISHED
  }

  /** The folder of TensorBoard's event files, which have the numbers of the metrics. */
  public static final String EVENTS = "tensorboard";

  private static final String RUN_FILE = "run.json";
  private static final int PROBE_BYTES = 1 << 12;

  private final Path path;
  private final RunIdentity identity;
  private final State state;
  private final RunLock lock;
  private final Instant started;
  private final Outcome outcome;

  private RunDirectory(
      Path path,
      RunIdentity identity,
      State state,
      RunLock lock,
      Instant started,
      Outcome outcome) {
    this.path = path;
    this.identity = identity;
    this.state = state;
    this.lock = lock;
    this.started = started;
    this.outcome = outcome;
  }

  /**
   * Opens or creates the directory, before anything is computed.
   *
   * @throws UserException with {@link ExitCode#FILES} if it cannot be written or its {@code
   *     run.json} is damaged, {@link ExitCode#RUN_DIRECTORY} if another live process has it, it
   *     holds a run of another identity (each difference is named), or something that is not a run
   */
  public static RunDirectory open(Path path, RunIdentity identity) {
    // A finished run is only looked at: no lock, no write permission.
    RunDirectory finished = lookAt(path, identity, null);
    if (finished != null && finished.state == State.FINISHED) {
      return finished;
    }
    RunLock lock = null;
    try {
      if (Files.isRegularFile(path)) {
        throw new UserException(ExitCode.FILES, path + ": is a file, not a directory");
      }
      Files.createDirectories(path);
      lock = RunLock.acquire(path);
      AtomicFiles.sweep(path);
      probe(path);
    } catch (IOException e) {
      release(lock);
      throw new UserException(
          ExitCode.FILES, path + ": cannot be written: " + Failures.reason(e), e);
    } catch (RuntimeException | Error e) {
      release(lock);
      throw e;
    }
    try {
      // Read again: what was seen without the lock may have changed.
      RunDirectory found = lookAt(path, identity, lock);
      if (found == null) {
        requireEmpty(path);
        found = new RunDirectory(path, identity, State.FRESH, lock, now(), null);
        found.write(null);
      }
      if (found.state == State.FINISHED) {
        lock.close();
      }
      return found;
    } catch (IOException e) {
      lock.close();
      throw new UserException(ExitCode.FILES, Failures.of(e).message(), e);
    } catch (RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  /** Null if there is no run yet. */
  private static RunDirectory lookAt(Path path, RunIdentity identity, RunLock lock) {
    Path file = path.resolve(RUN_FILE);
    Map<String, String> values = new LinkedHashMap<>();
    Instant started;
    Outcome outcome = null;
    try {
      Map<String, Object> json = Json.readObject(Files.readString(file));
      ((Map<?, ?>) json.get("run")).forEach((k, v) -> values.put((String) k, (String) v));
      started = Instant.parse((String) json.get("started"));
      if (json.get("finished") != null) {
        List<String> files = new ArrayList<>();
        ((List<?>) json.get("files")).forEach(name -> files.add((String) name));
        outcome = new Outcome((String) json.get("text"), files);
      }
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException | RuntimeException e) {
      if (Files.isRegularFile(path)) {
        throw new UserException(ExitCode.FILES, path + ": is a file, not a directory", e);
      }
      throw new UserException(
          ExitCode.FILES, file + ": cannot be read as the description of a run: " + reason(e), e);
    }
    identity.requireSame(values, path.toString());
    // Results that were deleted are made again from the last checkpoint.
    boolean whole =
        outcome != null
            && outcome.files().stream().allMatch(name -> Files.exists(path.resolve(name)));
    return new RunDirectory(
        path, identity, whole ? State.FINISHED : State.RESUMABLE, lock, started, outcome);
  }

  private static void release(RunLock lock) {
    if (lock != null) {
      lock.close();
    }
  }

  /** On a full disk empty files can still be made, so some bytes are written. */
  private static void probe(Path path) throws IOException {
    Path probe = path.resolve(".probe");
    try {
      Files.write(probe, new byte[PROBE_BYTES]);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  private static void requireEmpty(Path path) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (!name.startsWith(".")) { // the lock, and whatever a killed start left
          throw new UserException(
              ExitCode.RUN_DIRECTORY,
              path + ": holds no run but is not empty (" + name + "); choose another --out");
        }
      }
    }
  }

  private static String reason(Exception e) {
    return e instanceof IOException io ? Failures.reason(io) : "its content is not as expected";
  }

  /** The directory. */
  public Path path() {
    return path;
  }

  /** A file in the directory. */
  public Path resolve(String name) {
    return path.resolve(name);
  }

  /** What opening found. */
  public State state() {
    return state;
  }

  /** Which run it is: for the metadata of checkpoints, and to check theirs against. */
  public RunIdentity identity() {
    return identity;
  }

  /** What the finished run had to show; null unless {@link State#FINISHED}. */
  public Outcome outcome() {
    return outcome;
  }

  /**
   * After a failure: a run that has just been started and left nothing, for want of its data or of
   * memory, is no run. So the next one may be another.
   *
   * @param failure is told what goes wrong here
   */
  void forgetUnlessBegun(Throwable failure) {
    if (state != State.FRESH) {
      return;
    }
    try {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        for (Path entry : entries) {
          String name = entry.getFileName().toString();
          boolean ours = name.startsWith(".") || name.equals(RUN_FILE) || name.equals(EVENTS);
          if (!ours && !(name.equals(Runner.METRICS) && Files.size(entry) == 0)) {
            return;
          }
        }
      }
      if (Files.exists(resolve(EVENTS))) {
        try (DirectoryStream<Path> empty = Files.newDirectoryStream(resolve(EVENTS))) {
          for (Path file : empty) {
            Files.delete(file);
          }
        }
        Files.delete(resolve(EVENTS));
      }
      Files.deleteIfExists(resolve(Runner.METRICS));
      Files.delete(resolve(RUN_FILE));
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Marks the run finished, after all its files are written. */
  void finish(Outcome result) throws IOException {
    for (String name : result.files()) {
      if (!Files.exists(resolve(name))) {
        throw new IllegalStateException("run: " + name + " was announced but not written");
      }
    }
    write(result);
  }

  private void write(Outcome result) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("run", identity.values());
    json.put("started", started.toString());
    if (result != null) {
      json.put("finished", now().toString());
      json.put("files", result.files());
      json.put("text", result.text());
    }
    byte[] bytes = (Json.write(json, true) + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(resolve(RUN_FILE), bytes);
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }

  /** Lets the next process in. */
  @Override
  public void close() {
    release(lock);
  }
}
