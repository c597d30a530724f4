package dev.troupe.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only whole processes show: locks, signals, SIGKILL, an exhausted heap. */
@Timeout(120)
class ProcessTest {
  @TempDir Path temp;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void endThoseStillThere() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  private Process start(String... args) throws IOException {
    return start(List.of(), args);
  }

  private Process start(List<String> jvmOptions, String... args) throws IOException {
    return launch(command(jvmOptions, args));
  }

  private List<String> command(List<String> jvmOptions, String... args) {
    List<String> command = new ArrayList<>(HeedingSignals.PREFIX);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(TestMain.class.getName());
    command.addAll(List.of("run", "test/counting", "--out", run().toString()));
    command.addAll(List.of(args));
    return command;
  }

  private Process launch(List<String> command) throws IOException {
    int number = processes.size() + 1;
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(temp.resolve("out" + number).toFile())
            .redirectError(temp.resolve("err" + number).toFile())
            .start();
    processes.add(process);
    return process;
  }

  private Path run() {
    return temp.resolve("run");
  }

  /** What the process last started has written so far. */
  private String last(String stream) throws IOException {
    return Files.readString(temp.resolve(stream + processes.size()));
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(end);
      Thread.sleep(5);
    }
  }

  private void awaitLines(int count) throws Exception {
    await(count + " lines of metrics", () -> lines().size() >= count);
  }

  private List<String> lines() throws IOException {
    Path metrics = run().resolve("metrics.jsonl");
    return Files.exists(metrics) ? Files.readString(metrics).lines().toList() : List.of();
  }

  private static void signal(long pid, String name) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, "" + pid).start().waitFor()).isZero();
  }

  private static int exit(Process process) throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
    return process.exitValue();
  }

  private void assertEachStepOnce(int steps) throws IOException {
    List<String> found =
        lines().stream()
            .filter(line -> !line.contains("resumed_from"))
            .map(line -> line.replaceAll(".*\"step\":(\\d+),.*", "$1"))
            .toList();
    List<String> expected = new ArrayList<>();
    for (int i = 1; i <= steps; i++) {
      expected.add(Integer.toString(i));
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void aLiveRunKeepsOthersOutAndAKilledOneDoesNot() throws Exception {
    String[] args = {"--set", "steps=1000", "--set", "pause=20", "--set", "interval=1000"};
    Process first = start(args);
    awaitLines(3);
    assertThat(exit(start(args))).isEqualTo(4);
    assertThat(last("err"))
        .containsPattern(
            "(?m)^error: \\Q"
                + run()
                + "\\E: is in use by another live run \\(pid "
                + first.pid()
                + ", since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\\); wait for it, or choose"
                + " another --out$");
    assertThat(first.isAlive()).isTrue();

    first.destroyForcibly().waitFor();
    assertThat(run().resolve(".lock")).content().startsWith("pid " + first.pid() + ",");
    Process next = start(args);
    await(
        "the next holder",
        () -> Files.readString(run().resolve(".lock")).startsWith("pid " + next.pid() + ","));
    assertThat(next.isAlive()).isTrue();
  }

  @Test
  void killedAgainAndAgainItEndsWithTheSameResult() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    String[] args = {"--set", "steps=80", "--set", "pause=30", "--set", "interval=4"};
    for (int i = 0; i < 4; i++) {
      int seen = lines().size();
      Process process = start(args);
      awaitLines(seen + 5 + random.nextInt(4));
      process.destroyForcibly().waitFor();
      assertThat(lines()).as("killed before its end").hasSizeLessThan(80);
    }
    assertThat(exit(start(args))).isZero();
    assertEachStepOnce(80);
    assertThat(lines()).anyMatch(line -> line.matches(".*\"resumed_from\":[1-9].*"));
    String resumed = last("out");

    // The same without a kill.
    Files.move(run(), temp.resolve("killed"));
    assertThat(exit(start(args))).isZero();
    assertThat(last("out")).isEqualTo(resumed);
    assertThat(run().resolve("results.json"))
        .hasSameTextualContentAs(temp.resolve("killed/results.json"));
  }

  @Test
  void ctrlCWritesACheckpointAndTheNextStartGoesOn() throws Exception {
    String[] args = {"--set", "steps=150", "--set", "pause=20", "--set", "interval=150"};
    for (String name : List.of("INT", "TERM")) {
      int seen = lines().size();
      Process process = start(args);
      awaitLines(seen + 5);
      signal(process.pid(), name);
      assertThat(exit(process)).isEqualTo(130);
      assertThat(last("err"))
          .contains("stopping at the next step, with a checkpoint; once more ends at once\n")
          .containsPattern(
              "(?m)^interrupted at step \\d+ of 150, checkpoint written; the same command goes on"
                  + " from there$")
          .doesNotContain("\tat ");
      assertThat(last("out")).isEmpty();
    }
    assertThat(exit(start(args))).isZero();
    assertEachStepOnce(150);
    assertThat(lines().stream().filter(line -> line.contains("resumed_from"))).hasSize(2);
  }

  /** The library that draws the bar can take Ctrl-C for itself. */
  @Test
  void ctrlCAlsoWritesACheckpointWhereThereIsABar() throws Exception {
    String command =
        String.join(" ", command(List.of(), "--set", "steps=1000", "--set", "pause=20"));
    Process script = launch(List.of("script", "-qec", command, "/dev/null"));
    awaitLines(60); // more than the second that the bar takes to begin
    assertThat(last("out")).containsPattern("adding +\\d+% \\[");
    String holder = Files.readString(run().resolve(".lock"));
    signal(Long.parseLong(holder.replaceAll("pid (\\d+), .*\n", "$1")), "INT");
    assertThat(exit(script)).isEqualTo(130);
    assertThat(last("out")).containsPattern("interrupted at step \\d+ of 1000, checkpoint written");
  }

  @Test
  void aSecondCtrlCEndsAtOnce() throws Exception {
    Process process = start("--set", "pause=10000");
    await("the run to begin", () -> Files.exists(run().resolve("metrics.jsonl")));
    signal(process.pid(), "INT");
    await("the first to be heard", () -> last("err").contains("stopping"));
    Thread.sleep(600); // sooner it would count as the same
    assertThat(process.isAlive()).isTrue();
    long start = System.nanoTime();
    signal(process.pid(), "INT");
    assertThat(exit(process)).isEqualTo(130);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    assertThat(last("err")).doesNotContain("interrupted at");
  }

  /** As {@code timeout} does it, which signals the process and then its group. */
  @Test
  void theSameSignalTwiceAtOnceCountsOnce() throws Exception {
    Process process = start("--set", "steps=1000", "--set", "pause=50");
    awaitLines(3);
    String pid = Long.toString(process.pid());
    assertThat(new ProcessBuilder("kill", "-INT", pid, pid, pid).start().waitFor()).isZero();
    assertThat(exit(process)).isEqualTo(130);
    assertThat(last("err")).contains("interrupted at step");
  }

  @Test
  void anExhaustedHeapIsOneSentence() throws Exception {
    assertThat(exit(start(List.of("-Xmx64m"), "--set", "fault=memory"))).isEqualTo(6);
    assertThat(last("err"))
        .containsPattern(
            "(?m)^error: out of memory: Java heap space, with a heap of at most \\d+ MiB; make the"
                + " run smaller, or the heap larger with TROUPE_JAVA_OPTS=-Xmx\\.\\.\\.$")
        .doesNotContain("\tat ");
  }
}
