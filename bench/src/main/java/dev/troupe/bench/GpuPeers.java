package dev.troupe.bench;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.experiments.run.Console;
import dev.troupe.kernels.Precision;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The training step of grid2d in PyTorch and JAX, and convolutions in PyTorch, where {@code
 * python3} has them.
 */
final class GpuPeers {
  private static final String PYTHON = "python3";
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final Path folder;
  private final boolean quick;
  private final Console console;
  private final Set<String> notes = new LinkedHashSet<>();

  /**
   * Peers that have not run.
   *
   * @param folder where the scripts are put
   */
  GpuPeers(Path folder, boolean quick, Console console) {
    this.folder = folder;
    this.quick = quick;
    this.console = console;
  }

  /** Why some are missing, or an empty text. */
  String note() {
    return String.join("; ", notes);
  }

  /** Runs each library at each precision. */
  List<GpuFindings.Peer> run() {
    List<GpuFindings.Peer> found = new ArrayList<>();
    List<String> options =
        List.of("--members", quick ? "1" : "1,8,25", "--steps", quick ? "2" : "500");
    run("torch", "grid2d_torch.py", options, GpuFindings.Peer.class, found);
    run("jax", "grid2d_jax.py", options, GpuFindings.Peer.class, found);
    return found;
  }

  /** Runs the same convolutions, each at both precisions. */
  List<GpuFindings.PeerConvolution> run(List<GpuFindings.Convolution> convolutions) {
    List<GpuFindings.PeerConvolution> found = new ArrayList<>();
    String works =
        convolutions.stream()
            .map(GpuFindings.Convolution::work)
            .distinct()
            .collect(Collectors.joining(";"));
    List<String> options = List.of("--works", works, "--steps", quick ? "2" : "100");
    run("torch", "conv2d_torch.py", options, GpuFindings.PeerConvolution.class, found);
    return found;
  }

  private <T> void run(
      String module, String script, List<String> options, Class<T> type, List<T> found) {
    try {
      if (!imports(module)) {
        notes.add(PYTHON + " has no " + module);
        return;
      }
      Path file = folder.resolve(script);
      try (InputStream in = GpuPeers.class.getResourceAsStream("peers/" + script)) {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      }
      for (Precision precision : Precision.values()) {
        console.note(script + ", " + precision + " ...");
        List<String> command =
            new ArrayList<>(List.of(PYTHON, file.toString(), "--precision", precision.toString()));
        command.addAll(options);
        int status = lines(command, type, found);
        if (status != 0) {
          notes.add(script + " ended with " + status);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(script, e);
    }
  }

  private static boolean imports(String module) throws IOException {
    Process python;
    try {
      python =
          new ProcessBuilder(PYTHON, "-c", "import " + module)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.DISCARD)
              .start();
    } catch (IOException _) {
      return false; // there is no python3
    }
    return status(python) == 0;
  }

  private static <T> int lines(List<String> command, Class<T> type, List<T> found)
      throws IOException {
    Process python = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    try (BufferedReader lines = python.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        found.add(JSON.readValue(line, type));
      }
    }
    return status(python);
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
