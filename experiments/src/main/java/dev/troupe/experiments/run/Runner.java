package dev.troupe.experiments.run;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Outcome;
import dev.troupe.experiments.Settings;
import java.io.IOException;
import java.nio.file.Path;

/**
 * One run of one experiment, from opening its directory to marking it finished.
 *
 * @param folders what else of the file system it uses
 * @param out the run directory
 */
public record Runner(
    Experiment experiment,
    Settings settings,
    long seed,
    DeviceChoice choice,
    boolean checkNumerics,
    boolean profile,
    Folders folders,
    Path out) {
  static final String METRICS = "metrics.jsonl";

  /**
   * Runs the experiment, goes on with it, or, if it is finished, only gives what it had to show.
   *
   * @throws IOException if a file cannot be read or written
   * @throws dev.troupe.experiments.UserException as {@link RunDirectory#open} and the experiment do
   */
  public Outcome run(Console console, StopSignal stop) throws IOException {
    RunIdentity identity = RunIdentity.of(experiment, settings, seed, choice);
    try (RunDirectory directory = RunDirectory.open(out, identity)) {
      if (directory.state() == RunDirectory.State.FINISHED) {
        console.note(out + ": finished already, nothing computed");
        return directory.outcome();
      }
      try (MetricsLog metrics = MetricsLog.open(directory.resolve(METRICS))) {
        RunContext context =
            new RunContext(
                settings,
                seed,
                choice,
                checkNumerics,
                profile,
                folders,
                directory,
                metrics,
                console,
                stop);
        Outcome outcome = experiment.run(context);
        metrics.sync();
        directory.finish(outcome);
        return outcome;
      } catch (IOException | RuntimeException | Error e) {
        directory.forgetUnlessBegun(e);
        throw e;
      }
    }
  }
}
