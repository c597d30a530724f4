package dev.troupe.experiments.cli;

import static dev.troupe.experiments.cli.TestProcesses.exit;
import static dev.troupe.experiments.cli.TestProcesses.signal;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only whole processes show: locks, signals, SIGKILL, an exhausted heap. */
@Timeout(300)
class ProcessTest {
  private static final List<String> QUICK_START = List.of("-XX:TieredStopAtLevel=1");

  @TempDir Path temp;
  private TestProcesses processes;

  @BeforeEach
  void noneYet() {
    processes = new TestProcesses(temp);
  }

  @AfterEach
  void endThoseStillThere() throws InterruptedException {
    processes.close();
  }

  private String[] arguments(String... args) {
    List<String> all = new ArrayList<>(List.of("run", "test/counting", "--out", run().toString()));
    all.addAll(List.of(args));
    return all.toArray(String[]::new);
  }

  private Process start(String... args) throws IOException {
    return processes.start(QUICK_START, arguments(args));
  }

  /** Starts a process that waits after a step, and waits for it to be there. */
  private Process startUntil(int step, String... args) throws Exception {
    processes.holdAt(step);
    Process process = start(args);
    awaitStep(step);
    return process;
  }

  private void awaitStep(int step) throws Exception {
    processes.await(
        "step " + step,
        () -> lines().stream().anyMatch(line -> line.startsWith("{\"step\":" + step + ",")));
  }

  private Path run() {
    return temp.resolve("run");
  }

  private List<String> lines() throws IOException {
    Path metrics = run().resolve("metrics.jsonl");
    return Files.exists(metrics) ? Files.readString(metrics).lines().toList() : List.of();
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
    Process first = startUntil(3);
    assertThat(exit(start())).isEqualTo(4);
    assertThat(processes.last("err"))
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
    Process next = start();
    processes.await(
        "the next holder",
        () -> Files.readString(run().resolve(".lock")).startsWith("pid " + next.pid() + ","));
    assertThat(next.isAlive()).isTrue();
  }

  @Test
  void killedAgainAndAgainItEndsWithTheSameResult() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    String[] args = {"--set", "steps=40", "--set", "interval=4"};
    int step = 0;
    for (int i = 0; i < 4; i++) {
      step += 5 + random.nextInt(4);
      startUntil(step, args).destroyForcibly().waitFor();
    }
    processes.release();
    assertThat(exit(start(args))).isZero();
    assertEachStepOnce(40);
    assertThat(lines()).anyMatch(line -> line.matches(".*\"resumed_from\":[1-9].*"));
    String resumed = processes.last("out");

    // The same without a kill.
    Files.move(run(), temp.resolve("killed"));
    assertThat(exit(start(args))).isZero();
    assertThat(processes.last("out")).isEqualTo(resumed);
    assertThat(run().resolve("results.json"))
        .hasSameTextualContentAs(temp.resolve("killed/results.json"));
  }

  @Test
  void ctrlCWritesACheckpointAndTheNextStartGoesOn() throws Exception {
    String[] args = {"--set", "steps=20", "--set", "interval=20"};
    int step = 0;
    for (String name : List.of("INT", "TERM")) {
      step += 5;
      Process process = startUntil(step, args);
      signal(name, process.pid());
      processes.releaseOnceHeard("err");
      assertThat(exit(process)).isEqualTo(130);
      assertThat(processes.last("err"))
          .contains("stopping at the next step, with a checkpoint; once more ends at once\n")
          .contains(
              "\ninterrupted at step "
                  + step
                  + " of 20, checkpoint written; the same command goes on from there\n")
          .doesNotContain("\tat ");
      assertThat(processes.last("out")).isEmpty();
    }
    assertThat(exit(start(args))).isZero();
    assertEachStepOnce(20);
    assertThat(lines().stream().filter(line -> line.contains("resumed_from"))).hasSize(2);
  }

  /** The library that draws the bar can take Ctrl-C for itself. */
  @Test
  void ctrlCAlsoWritesACheckpointWhereThereIsABar() throws Exception {
    processes.holdAt(3);
    String command = String.join(" ", processes.command(QUICK_START, arguments()));
    Process script = processes.launch(List.of("script", "-qec", command, "/dev/null"));
    Pattern bar = Pattern.compile("adding +\\d+% \\[");
    processes.await("the bar", () -> bar.matcher(processes.last("out")).find());
    awaitStep(3);
    String holder = Files.readString(run().resolve(".lock"));
    signal("INT", Long.parseLong(holder.replaceAll("pid (\\d+), .*\n", "$1")));
    processes.releaseOnceHeard("out");
    assertThat(exit(script)).isEqualTo(130);
    assertThat(processes.last("out")).contains("interrupted at step 3 of 20, checkpoint written");
  }

  @Test
  void aSecondCtrlCEndsAtOnce() throws Exception {
    Process process = startUntil(1);
    signal("INT", process.pid());
    processes.await("the first to be heard", () -> processes.last("err").contains("stopping"));
    Thread.sleep(600); // sooner it would count as the same
    assertThat(process.isAlive()).isTrue();
    signal("INT", process.pid());
    assertThat(exit(process)).isEqualTo(130);
    assertThat(processes.last("err")).doesNotContain("interrupted at");
  }

  /** As {@code timeout} does it, which signals the process and then its group. */
  @Test
  void theSameSignalTwiceAtOnceCountsOnce() throws Exception {
    Process process = startUntil(3);
    signal("INT", process.pid(), process.pid(), process.pid());
    processes.releaseOnceHeard("err");
    assertThat(exit(process)).isEqualTo(130);
    assertThat(processes.last("err")).contains("interrupted at step 3");
  }

  @Test
  void anExhaustedHeapIsOneSentence() throws Exception {
    assertThat(exit(processes.start(List.of("-Xmx64m"), arguments("--set", "fault=memory"))))
        .isEqualTo(6);
    assertThat(processes.last("err"))
        .containsPattern(
            "(?m)^error: out of memory: Java heap space, with a heap of at most \\d+ MiB; make the"
                + " run smaller, or the heap larger with TROUPE_JAVA_OPTS=-Xmx\\.\\.\\.$")
        .doesNotContain("\tat ");
  }
}
