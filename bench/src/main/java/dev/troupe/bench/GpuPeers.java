package dev.troupe.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.experiments.run.Console;
import dev.troupe.kernels.Precision;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The training step of grid2d in PyTorch and JAX, and convolutions in PyTorch, where {@code
 * python3} has them. Their scripts print a JSON object a line; what else they print goes to {@code
 * peers.log}.
 */
final class GpuPeers {
  private static final Duration IMPORT = Duration.ofMinutes(2);
  private static final Set<String> GPUS = Set.of("cuda", "gpu");
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final String python;
  private final Path folder;
  private final boolean quick;
  private final Console console;
  private final Supplier<Duration> limit;
  private final Runnable saved;
  private final Set<String> notes = new LinkedHashSet<>();

  /**
   * Peers that have not run.
   *
   * @param python the interpreter's command
   * @param folder where the scripts and their log are put
   * @param limit how long the next script may take, after which it is killed
   * @param saved called after each script, so that what it found is not lost
   */
  GpuPeers(
      String python,
      Path folder,
      boolean quick,
      Console console,
      Supplier<Duration> limit,
      Runnable saved) {
    this.python = python;
    this.folder = folder;
    this.quick = quick;
    this.console = console;
    this.limit = limit;
    this.saved = saved;
  }

  /** Why some are missing, or an empty text. */
  String note() {
    return String.join("; ", notes);
  }

  /** Runs each library at each precision. */
  void run(List<GpuFindings.Peer> found) {
    List<String> options =
        List.of("--members", quick ? "1" : "1,8,25", "--steps", quick ? "2" : "500");
    run("torch", "grid2d_torch.py", options, GpuFindings.Peer.class, found);
    run("jax", "grid2d_jax.py", options, GpuFindings.Peer.class, found);
  }

  /** Runs the same convolutions, each at both precisions. */
  void run(List<String> works, List<GpuFindings.PeerConvolution> found) {
    List<String> options =
        List.of("--works", String.join(";", works), "--steps", quick ? "2" : "100");
    run("torch", "conv2d_torch.py", options, GpuFindings.PeerConvolution.class, found);
  }

  private <T> void run(
      String module, String script, List<String> options, Class<T> type, List<T> found) {
    try {
      if (!imports(module)) {
        notes.add(python + " has no " + module);
        return;
      }
      Path file = folder.resolve(script);
      try (InputStream in = GpuPeers.class.getResourceAsStream("peers/" + script)) {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      }
      for (Precision precision : Precision.values()) {
        console.note(script + ", " + precision + " ...");
        List<String> command =
            new ArrayList<>(List.of(python, file.toString(), "--precision", precision.toString()));
        command.addAll(options);
        run(script + " at " + precision, command, type, found);
        saved.run();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(script, e);
    }
  }

  private <T> void run(String what, List<String> command, Class<T> type, List<T> found)
      throws IOException {
    Duration most = limit.get();
    if (!most.isPositive()) {
      notes.add(what + ": no time left");
      return;
    }
    List<String> rest = new ArrayList<>();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    AtomicBoolean late = new AtomicBoolean();
    Thread watch = Thread.ofVirtual().start(() -> late.set(killed(process, most)));
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!take(line, type, found)) {
          rest.add(line);
        }
      }
    }
    int status = status(process);
    watch.interrupt();
    join(watch); // so that it has said whether it was late
    if (late.get()) {
      notes.add(what + " was ended after " + most.toSeconds() + " seconds");
    } else if (status != 0) {
      notes.add(
          what + " ended with " + status + (rest.isEmpty() ? "" : " (" + rest.getLast() + ")"));
    }
    if (!rest.isEmpty()) {
      rest.addFirst("# " + String.join(" ", command));
      Files.write(
          folder.resolve("peers.log"), rest, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  /** Whether the line is one of ours: a finding, or why there is none. */
  private <T> boolean take(String line, Class<T> type, List<T> found) {
    if (!line.startsWith("{")) {
      return false;
    }
    try {
      JsonNode row = JSON.readTree(line);
      String backend = row.path("backend").asText("");
      if (!row.hasNonNull("library")) {
        return false;
      } else if (!GPUS.contains(backend)) {
        notes.add(row.get("library").asText() + " computes on '" + backend + "', not on a GPU");
      } else if (row.hasNonNull("failure")) {
        notes.add(row.get("library").asText() + ", " + row.get("failure").asText());
      } else {
        found.add(JSON.treeToValue(row, type));
      }
      return true;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private boolean imports(String module) throws IOException {
    Process process;
    try {
      process =
          new ProcessBuilder(python, "-c", "import " + module)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException _) {
      return false; // there is no such command
    }
    Thread watch = Thread.ofVirtual().start(() -> killed(process, IMPORT));
    int status = status(process);
    watch.interrupt();
    return status == 0;
  }

  /**
   * Ends a process, and what it has started, if it is still there after so long. What it has
   * printed stays readable: {@link Process#destroyForcibly} would close it under its reader.
   */
  private static boolean killed(Process process, Duration limit) {
    try {
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return false;
      }
    } catch (InterruptedException _) {
      return false; // it has ended
    }
    List<ProcessHandle> started = process.descendants().toList();
    process.toHandle().destroyForcibly();
    started.forEach(ProcessHandle::destroyForcibly);
    return true;
  }

  private static void join(Thread watch) {
    try {
      watch.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("gpu-check: interrupted", e);
    }
  }

  private static int status(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("gpu-check: interrupted", e);
    }
  }
}
