package dev.troupe.experiments.ensgan;

import static dev.troupe.experiments.TestRuns.resumedFrom;
import static dev.troupe.experiments.TestRuns.troupe;
import static dev.troupe.experiments.cli.TestProcesses.exit;
import static dev.troupe.experiments.cli.TestProcesses.signal;
import static dev.troupe.experiments.ensgan.GridRuns.arguments;
import static dev.troupe.experiments.ensgan.GridRuns.assertSame;
import static dev.troupe.experiments.ensgan.GridRuns.steps;
import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.TestRuns.Result;
import dev.troupe.experiments.cli.TestProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only whole processes show of the experiment: SIGKILL, Ctrl-C, a full disk, a full heap. */
@Timeout(300)
class GridProcessTest {
  private static final int INTERVAL = 8;
  private static final long STAGE = 40;
  private static final List<String> SETTINGS =
      List.of(
          "points=500",
          "batchSize=50",
          "epochs=4",
          "evaluated=50",
          "generated=100",
          "checkpointEvery=" + INTERVAL);

  @TempDir static Path shared;
  @TempDir Path temp;

  private static Path whole; // a run that nothing happened to

  private TestProcesses processes;

  @BeforeAll
  static void runOnce() {
    whole = shared.resolve("whole");
    assertFinishes(whole);
  }

  @BeforeEach
  void noneYet() {
    processes = new TestProcesses(temp);
  }

  @AfterEach
  void endThoseStillThere() throws InterruptedException {
    processes.close();
  }

  private static void assertFinishes(Path out) {
    Result result = troupe(arguments(out, SETTINGS));
    assertThat(result.code()).as(result.err()).isZero();
  }

  private Process start(Path out) throws IOException {
    return processes.start(List.of(), arguments(out, SETTINGS, "--threads", "1"));
  }

  private static long lastStep(Path run) throws IOException {
    if (!Files.exists(run.resolve("metrics.jsonl"))) {
      return 0;
    }
    // The last line may be half-written, or be that of a resume.
    String text = Files.readString(run.resolve("metrics.jsonl"));
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    return lines.isEmpty()
        ? 0
        : Long.parseLong(lines.getLast().replaceAll("\\{\"step\":(\\d+),.*", "$1"));
  }

  private void awaitStep(Path run, long step) throws Exception {
    processes.await("step " + step, () -> lastStep(run) >= step);
  }

  @Test
  void killedInEveryStageItEndsWithTheSameResults() throws Exception {
    Path run = temp.resolve("run");
    SplittableRandom random = new SplittableRandom(3);
    List<Long> killedAt = new ArrayList<>();
    for (int stage = 0; stage < 4; stage++) {
      long last = STAGE * (stage + 1) - 1;
      processes.holdAt(last); // if it is too quick to be killed before
      Process process = start(run);
      // The first also before its first checkpoint, if it is quick enough.
      long from = stage == 0 ? 2 : STAGE * stage + INTERVAL;
      awaitStep(run, from + random.nextInt(2 * INTERVAL));
      process.destroyForcibly().waitFor();
      killedAt.add(lastStep(run));
      assertThat(killedAt.getLast()).isBetween(from, last);
    }
    assertFinishes(run);
    assertSame(run, whole);
    assertThat(steps(run)).isEqualTo(LongStream.rangeClosed(1, 4 * STAGE).boxed().toList());
    List<Long> resumed = resumedFrom(run);
    assertThat(resumed).isNotEmpty().allMatch(step -> step > 0);
    int killed = killedAt.size() - resumed.size(); // those resumed from 0 say nothing
    for (long from : resumed) {
      assertThat(killedAt.get(killed++) - from).isBetween(0L, (long) INTERVAL);
    }
  }

  @Test
  void aLiveRunKeepsOthersOutAndCtrlCWritesACheckpoint() throws Exception {
    Path run = temp.resolve("run");
    long step = STAGE + 1;
    processes.holdAt(step);
    Process process = start(run);
    awaitStep(run, step);
    Result other = troupe(arguments(run, SETTINGS));
    assertThat(other.code()).isEqualTo(4);
    assertThat(other.err())
        .startsWith("error: " + run + ": is in use by another live run (pid " + process.pid());
    signal("INT", process.pid());
    processes.releaseOnceHeard("err");
    assertThat(exit(process)).isEqualTo(130);
    assertThat(processes.last("err").lines().toList().getLast())
        .isEqualTo(
            "interrupted at step "
                + step
                + " of 160, checkpoint written; the same command goes on from there");
    assertFinishes(run);
    assertThat(resumedFrom(run)).containsExactly(step);
    assertSame(run, whole);
  }

  /** No file may be longer than 20 KiB, which a checkpoint is. */
  @Test
  void aFullDiskIsOneSentenceAndTheRunGoesOnLater() throws Exception {
    Path run = temp.resolve("run");
    Process process =
        processes.startWithFileLimit(
            40, List.of("-XX:-UsePerfData"), arguments(run, SETTINGS, "--threads", "1"));
    assertThat(exit(process)).as(processes.last("err")).isEqualTo(3);
    assertThat(processes.last("err"))
        .endsWith(
            "error: "
                + run.resolve("checkpoints/gan/checkpoint-000000008.safetensors")
                + ": cannot be written, File too large\n")
        .doesNotContain("\tat ");
    assertThat(run.resolve("checkpoints/gan")).isEmptyDirectory();
    assertFinishes(run);
    assertSame(run, whole);
  }

  @Test
  void tooLittleMemoryIsOneSentence() throws Exception {
    Path run = temp.resolve("run");
    String[] args = arguments(run, List.of("widthG=2000", "packedMembers=0"), "--threads", "1");
    assertThat(exit(processes.start(List.of("-Xmx100m"), args))).isEqualTo(6);
    assertThat(processes.last("err").lines().toList().getLast())
        .startsWith("error: cpu: no memory for ")
        .contains(" bytes; ");
    assertThat(processes.last("err")).doesNotContain("\tat ");
  }
}
