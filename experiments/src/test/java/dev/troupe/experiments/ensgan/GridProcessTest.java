package dev.troupe.experiments.ensgan;

import static dev.troupe.experiments.TestRuns.resumedFrom;
import static dev.troupe.experiments.TestRuns.troupe;
import static dev.troupe.experiments.ensgan.GridRuns.arguments;
import static dev.troupe.experiments.ensgan.GridRuns.assertSame;
import static dev.troupe.experiments.ensgan.GridRuns.steps;
import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.TestRuns.Result;
import dev.troupe.experiments.cli.HeedingSignals;
import dev.troupe.experiments.cli.TestMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only whole processes show of the experiment: SIGKILL, Ctrl-C, a full disk, a full heap. */
@Timeout(120)
class GridProcessTest {
  private static final int INTERVAL = 8;
  private static final int STAGE = 40;
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

  private final List<Process> processes = new ArrayList<>();

  @BeforeAll
  static void runOnce() {
    whole = shared.resolve("whole");
    assertFinishes(whole);
  }

  @AfterEach
  void endThoseStillThere() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  private static void assertFinishes(Path out) {
    Result result = troupe(arguments(out, SETTINGS));
    assertThat(result.code()).as(result.err()).isZero();
  }

  private Process start(String prelude, String jvmOptions, String... args) throws IOException {
    List<String> command = new ArrayList<>(HeedingSignals.PREFIX);
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String line = prelude + "exec " + java + " --add-modules jdk.incubator.vector " + jvmOptions;
    command.addAll(List.of("sh", "-c", line + " -XX:+UseSerialGC \"$@\"", "sh"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(TestMain.class.getName());
    command.addAll(List.of(args));
    int number = processes.size() + 1;
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(temp.resolve("out" + number).toFile())
            .redirectError(temp.resolve("err" + number).toFile())
            .start();
    processes.add(process);
    return process;
  }

  private Process start(Path out) throws IOException {
    return start("", "", arguments(out, SETTINGS, "--threads", "1"));
  }

  private String lastErr() throws IOException {
    return Files.readString(temp.resolve("err" + processes.size()));
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

  private void awaitStep(Process process, Path run, long step) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (lastStep(run) < step) {
      assertThat(process.isAlive()).as("alive before step " + step + ": " + lastErr()).isTrue();
      assertThat(System.nanoTime()).as("waiting for step " + step).isLessThan(end);
      Thread.sleep(1);
    }
  }

  private static int exit(Process process) throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
    return process.exitValue();
  }

  @Test
  void killedInEveryStageItEndsWithTheSameResults() throws Exception {
    Path run = temp.resolve("run");
    SplittableRandom random = new SplittableRandom(3);
    List<Long> killedAt = new ArrayList<>();
    for (int stage = 0; stage < 4; stage++) {
      Process process = start(run);
      // The first also before its first checkpoint, if it is quick enough.
      long from = stage == 0 ? 2 : STAGE * stage + INTERVAL;
      awaitStep(process, run, from + random.nextInt(2 * INTERVAL));
      process.destroyForcibly().waitFor();
      killedAt.add(lastStep(run));
      assertThat(run.resolve("results.json")).doesNotExist();
    }
    assertThat(killedAt.getLast()).isLessThan(4 * STAGE);
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
    Process process = start(run);
    awaitStep(process, run, STAGE + 1);
    Result other = troupe(arguments(run, SETTINGS));
    assertThat(other.code()).isEqualTo(4);
    assertThat(other.err())
        .startsWith("error: " + run + ": is in use by another live run (pid " + process.pid());
    assertThat(new ProcessBuilder("kill", "-INT", "" + process.pid()).start().waitFor()).isZero();
    assertThat(exit(process)).isEqualTo(130);
    String last = lastErr().lines().toList().getLast();
    assertThat(last)
        .matches(
            "interrupted at step \\d+ of 160, checkpoint written; the same command goes on from"
                + " there");
    long step = Long.parseLong(last.replaceAll("interrupted at step (\\d+) .*", "$1"));
    assertFinishes(run);
    assertThat(resumedFrom(run)).containsExactly(step);
    assertSame(run, whole);
  }

  /** No file may be longer than 20 KiB, which a checkpoint is. */
  @Test
  void aFullDiskIsOneSentenceAndTheRunGoesOnLater() throws Exception {
    Path run = temp.resolve("run");
    Process process =
        start("ulimit -f 40; ", "-XX:-UsePerfData", arguments(run, SETTINGS, "--threads", "1"));
    assertThat(exit(process)).as(lastErr()).isEqualTo(3);
    assertThat(lastErr())
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
    assertThat(exit(start("", "-Xmx100m", args))).isEqualTo(6);
    assertThat(lastErr().lines().toList().getLast())
        .startsWith("error: cpu: no memory for ")
        .contains(" bytes; ");
    assertThat(lastErr()).doesNotContain("\tat ");
  }
}
