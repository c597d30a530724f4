package dev.troupe.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.run.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of what a script prints, by a Python that is a shell script. */
final class GpuPeersTest {
  @TempDir private Path folder;

  private final List<GpuFindings.Peer> found = new ArrayList<>();
  private int saves;

  /** Runs all scripts; {@code body} stands for each, where there is PyTorch but no JAX. */
  private GpuPeers run(String body, Duration limit) throws IOException {
    Path python = folder.resolve("python");
    Files.writeString(
        python,
        "#!/bin/sh\nif [ \"$1\" = -c ]; then case \"$2\" in *torch) exit 0;; *) exit 1;; esac; fi\n"
            + body
            + "\n");
    assertThat(python.toFile().setExecutable(true)).isTrue();
    Console console = new Console(System.out, System.err, false);
    GpuPeers peers =
        new GpuPeers(python.toString(), folder, true, console, () -> limit, () -> saves++);
    peers.run(found);
    return peers;
  }

  @Test
  void onlyLinesOfOursAreRead() throws IOException {
    GpuPeers peers =
        run(
            """
            echo 'UserWarning: something is deprecated' >&2
            echo '[W123] {not json'
            echo '{not json either'
            echo '{"library": "PyTorch 2 on a GPU", "backend": "cuda", "mode": "eager", "members": 1, "precision": "fp32", "milliseconds": 3.5}'
            echo '{"library": "PyTorch 2 on a GPU", "backend": "cuda", "failure": "compile, 1 members: no compiler"}'
            echo 'bye'; exit 3
            """,
            Duration.ofMinutes(1));
    GpuFindings.Peer peer = new GpuFindings.Peer("PyTorch 2 on a GPU", "eager", 1, "fp32", 3.5);
    assertThat(found).containsExactly(peer, peer); // a run for each precision
    assertThat(saves).isEqualTo(2);
    assertThat(peers.note())
        .contains("PyTorch 2 on a GPU, compile, 1 members: no compiler")
        .contains("grid2d_torch.py at fp32 ended with 3 (bye)")
        .endsWith("python has no jax");
    assertThat(folder.resolve("peers.log"))
        .content()
        .contains("UserWarning: something is deprecated", "{not json either")
        .doesNotContain("milliseconds");
  }

  @Test
  void oneThatComputesOnTheCpuIsNoRival() throws IOException {
    GpuPeers peers =
        run(
            "echo '{\"library\": \"PyTorch 2\", \"backend\": \"cpu\", \"mode\": \"eager\"}'",
            Duration.ofMinutes(1));
    assertThat(found).isEmpty();
    assertThat(peers.note()).startsWith("PyTorch 2 computes on 'cpu', not on a GPU; ");
  }

  @Test
  void oneThatHangsIsEnded() throws IOException {
    GpuPeers peers = run("sleep 100", Duration.ofSeconds(1));
    assertThat(peers.note()).contains("grid2d_torch.py at fp32 was ended after 1 seconds");
  }

  @Test
  void oneThatIsEndedInTheMiddleOfALineKeepsWhatItPrinted() throws IOException {
    GpuPeers peers = run("echo first; while :; do echo x; done", Duration.ofSeconds(1));
    assertThat(peers.note()).contains("grid2d_torch.py at fp32 was ended after 1 seconds");
    assertThat(folder.resolve("peers.log")).content().contains("\nfirst\nx\nx\n");
  }
}
