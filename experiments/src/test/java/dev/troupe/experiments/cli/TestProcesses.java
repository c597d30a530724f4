package dev.troupe.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * Processes of {@link TestMain}, which write to files. They can be held at a step, so that it is no
 * matter of luck where a test finds them.
 */
public final class TestProcesses implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path folder;
  private final List<Process> all = new ArrayList<>();

  /**
   * None yet.
   *
   * @param folder where their output goes
   */
  public TestProcesses(Path folder) {
    this.folder = folder;
  }

  /** The command of a process that heeds signals and {@link #holdAt}. */
  List<String> command(List<String> jvmOptions, String... args) {
    List<String> command = new ArrayList<>(HeedingSignals.PREFIX);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "--add-modules", "jdk.incubator.vector"));
    command.addAll(jvmOptions);
    command.add(TestMain.holding(hold()));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(TestMain.class.getName());
    command.addAll(List.of(args));
    return command;
  }

  /** Starts a process. */
  public Process start(List<String> jvmOptions, String... args) throws IOException {
    return launch(command(jvmOptions, args));
  }

  /** Starts a process that can write no file longer than so many blocks of 512 bytes. */
  public Process startWithFileLimit(int blocks, List<String> jvmOptions, String... args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("sh", "-c", "ulimit -f " + blocks + "; exec \"$0\" \"$@\""));
    command.addAll(command(jvmOptions, args));
    return launch(command);
  }

  Process launch(List<String> command) throws IOException {
    int number = all.size() + 1;
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out" + number).toFile())
            .redirectError(folder.resolve("err" + number).toFile())
            .start();
    all.add(process);
    return process;
  }

  /** What the process last started has written so far, to {@code out} or {@code err}. */
  public String last(String stream) throws IOException {
    return Files.readString(folder.resolve(stream + all.size()));
  }

  /** Has the processes started from now on wait once a step is in their metrics. */
  public void holdAt(long step) throws IOException {
    Files.writeString(hold(), Long.toString(step));
  }

  /** Lets them go on. */
  public void release() throws IOException {
    Files.delete(hold());
  }

  /** Lets the process last started go on once it has heard a signal, and says so on a stream. */
  public void releaseOnceHeard(String stream) throws Exception {
    await("the signal to be heard", () -> last(stream).contains("stopping"));
    release();
  }

  private Path hold() {
    return folder.resolve("hold");
  }

  /** Waits for something that the process last started is to bring about. */
  public void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(all.getLast().isAlive()).as("alive before " + what + ": " + last("err")).isTrue();
      assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(end);
      Thread.sleep(1);
    }
  }

  /** Sends signals, one directly after the other. */
  public static void signal(String name, long... pids) throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    for (long pid : pids) {
      command.add(Long.toString(pid));
    }
    assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
  }

  /** Waits for the end. */
  public static int exit(Process process) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
    return process.exitValue();
  }

  /** Ends those still there. */
  @Override
  public void close() throws InterruptedException {
    for (Process process : all) {
      process.destroyForcibly().waitFor();
    }
  }
}
