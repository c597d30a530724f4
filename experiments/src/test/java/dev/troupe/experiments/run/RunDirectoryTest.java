package dev.troupe.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.troupe.experiments.CountingExperiment;
import dev.troupe.experiments.DeviceKind;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Outcome;
import dev.troupe.experiments.Preset;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  @TempDir Path temp;

  private static RunIdentity identity(long seed, String... assignments) {
    CountingExperiment experiment = new CountingExperiment();
    return RunIdentity.of(
        experiment,
        Settings.resolve(experiment, Preset.QUICK, List.of(assignments)),
        seed,
        DeviceChoice.of(DeviceKind.CPU, 1));
  }

  private static UserException refused(Path path, RunIdentity identity) {
    return catchThrowableOfType(
        UserException.class, () -> RunDirectory.open(path, identity).close());
  }

  @Test
  void goesFromFreshToResumableToFinished() throws IOException {
    Path path = temp.resolve("a/b");
    try (RunDirectory run = RunDirectory.open(path, identity(1))) {
      assertThat(run.state()).isEqualTo(RunDirectory.State.FRESH);
    }
    try (RunDirectory run = RunDirectory.open(path, identity(1))) {
      assertThat(run.state()).isEqualTo(RunDirectory.State.RESUMABLE);
      Files.writeString(run.resolve("table1.md"), "| x |");
      run.finish(new Outcome("| x |", List.of("table1.md")));
    }
    try (RunDirectory run = RunDirectory.open(path, identity(1))) {
      assertThat(run.state()).isEqualTo(RunDirectory.State.FINISHED);
      assertThat(run.outcome()).isEqualTo(new Outcome("| x |", List.of("table1.md")));
    }
    // A result that was deleted is made again.
    Files.delete(path.resolve("table1.md"));
    try (RunDirectory run = RunDirectory.open(path, identity(1))) {
      assertThat(run.state()).isEqualTo(RunDirectory.State.RESUMABLE);
    }
  }

  @Test
  void anAnnouncedFileMustBeThere() {
    try (RunDirectory run = RunDirectory.open(temp, identity(1))) {
      assertThatThrownBy(() -> run.finish(new Outcome("", List.of("table1.md"))))
          .hasMessage("run: table1.md was announced but not written");
    }
  }

  @Test
  void aDifferentRunIsRefusedByName() throws IOException {
    RunDirectory.open(temp, identity(1, "steps=30")).close();
    String before = Files.readString(temp.resolve("run.json"));
    UserException e = refused(temp, identity(2, "learningRate=0.5"));
    assertThat(e)
        .hasMessage(
            temp
                + ": holds a different run: seed is 1, not 2; steps is 30, not 20; learningRate is"
                + " 0.001, not 0.5 (give the same values, or another --out)");
    assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_DIRECTORY);
    assertThat(temp.resolve("run.json")).hasContent(before);

    // The same when it is finished.
    try (RunDirectory run = RunDirectory.open(temp, identity(1, "steps=30"))) {
      run.finish(new Outcome("done", List.of()));
    }
    assertThat(refused(temp, identity(3, "steps=30")))
        .hasMessageContaining("holds a different run: seed is 1, not 3");
  }

  /** As when the memory is too small for the first model, after the event file was begun. */
  @Test
  void aRunThatFailsBeforeItBeginsIsForgotten() throws IOException {
    Path events = temp.resolve("tensorboard/events.out.tfevents.1.0000");
    Path metrics = temp.resolve("metrics.jsonl");
    try (RunDirectory run = RunDirectory.open(temp, identity(1))) {
      Files.createDirectories(events.getParent());
      Files.writeString(events, "header");
      Files.writeString(metrics, "{}\n");
      run.forgetUnlessBegun(new IllegalStateException());
      assertThat(events).exists();
      assertThat(refused(temp, identity(2))).hasMessageContaining("holds a different run");
      Files.writeString(metrics, "");
      run.forgetUnlessBegun(new IllegalStateException());
    }
    assertThat(events.getParent()).doesNotExist();
    try (RunDirectory run = RunDirectory.open(temp, identity(2))) {
      assertThat(run.state()).isEqualTo(RunDirectory.State.FRESH);
    }
  }

  @Test
  void ofAnotherExperimentOnlyTheNameIsSaid() throws IOException {
    RunDirectory.open(temp, identity(1)).close();
    Path file = temp.resolve("run.json");
    String name = identity(1).values().get("experiment");
    String text = Files.readString(file).replace('"' + name + '"', "\"another\"");
    Files.writeString(file, text.replace("set.steps", "set.epochs"));
    assertThat(refused(temp, identity(2)))
        .hasMessage(
            temp
                + ": holds a different run: experiment is another, not "
                + name
                + " (give the same values, or another --out)");
  }

  @Test
  void anotherVersionIsRefused() throws IOException {
    RunDirectory.open(temp, identity(1)).close();
    Path file = temp.resolve("run.json");
    String version = identity(1).values().get("version");
    assertThat(version).matches("\\d+\\.\\d+\\.\\d+.*");
    Files.writeString(file, Files.readString(file).replace(version, "0.0.9"));
    assertThat(refused(temp, identity(1)))
        .hasMessageContaining("holds a different run: version is 0.0.9, not " + version);
  }

  @Test
  void aSettingThatThisVersionDoesNotHaveIsNamed() throws IOException {
    RunDirectory.open(temp, identity(1)).close();
    Path file = temp.resolve("run.json");
    Files.writeString(file, Files.readString(file).replace("set.interval", "set.delay"));
    assertThat(refused(temp, identity(1)))
        .hasMessageContaining("interval is absent, not 5; delay is 5, now unknown");
  }

  @Test
  void aSecondRunInThisProcessIsRefusedAndDoesNotBreakTheLock() {
    RunDirectory first = RunDirectory.open(temp, identity(1));
    for (int i = 0; i < 2; i++) {
      UserException e = refused(temp, identity(1));
      assertThat(e.getMessage())
          .matches(
              "\\Q"
                  + temp
                  + "\\E: is in use by another live run \\(pid "
                  + ProcessHandle.current().pid()
                  + ", since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\\);"
                  + " wait for it, or choose another --out");
      assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_DIRECTORY);
    }
    first.close();
    RunDirectory.open(temp, identity(1)).close();
  }

  @Test
  void aDirectoryOfSomethingElseIsLeftAlone() throws IOException {
    Files.writeString(temp.resolve("results.json"), "mine");
    UserException e = refused(temp, identity(1));
    assertThat(e)
        .hasMessage(temp + ": holds no run but is not empty (results.json); choose another --out");
    assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_DIRECTORY);
    assertThat(temp.resolve("results.json")).hasContent("mine");
    assertThat(temp.resolve("run.json")).doesNotExist();
  }

  @Test
  void aFileInThePlaceOfTheDirectoryIsRefused() throws IOException {
    Path file = Files.writeString(temp.resolve("x"), "mine");
    UserException e = refused(file, identity(1));
    assertThat(e).hasMessage(file + ": is a file, not a directory");
    assertThat(e.exitCode()).isEqualTo(ExitCode.FILES);
    assertThat(refused(file.resolve("y"), identity(1)).exitCode()).isEqualTo(ExitCode.FILES);
  }

  @Test
  void adirectoryThatCannotBeMadeIsRefused() {
    // Nobody, not even root, may create anything there.
    Path path = Path.of("/proc/troupe-test/run");
    UserException e = refused(path, identity(1));
    assertThat(e).hasMessageStartingWith(path + ": cannot be written: ");
    assertThat(e.exitCode()).isEqualTo(ExitCode.FILES);
  }

  @Test
  void aDamagedDescriptionIsRefusedAndKept() throws IOException {
    Path file = temp.resolve("run.json");
    for (String text : List.of("{\"run\": {", "", "[]", "{}", "{\"run\": {\"seed\": 1}}")) {
      Files.writeString(file, text);
      UserException e = refused(temp, identity(1));
      assertThat(e).hasMessageStartingWith(file + ": cannot be read as the description of a run: ");
      assertThat(e.getMessage()).doesNotContain("\n");
      assertThat(e.exitCode()).isEqualTo(ExitCode.FILES);
      assertThat(file).hasContent(text);
    }
  }
}
