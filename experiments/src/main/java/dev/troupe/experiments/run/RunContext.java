package dev.troupe.experiments.run;

import dev.troupe.experiments.DeviceKind;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.UserException;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.gpu.GpuDevice;

/**
 * What an experiment is given to run with.
 *
 * @param settings the resolved settings
 * @param seed keys all randomness, with member, stream and step
 * @param choice what computes
 * @param checkNumerics whether to stop at the first NaN or infinity and name its op
 * @param profile whether to show how long each kernel of a training step takes
 * @param folders where data and cached trainings are
 * @param directory where every file goes; its identity belongs into each checkpoint
 * @param metrics {@code metrics.jsonl}; {@link MetricsLog#startAt} before the first line
 * @param console stderr for remarks; results are returned, not printed
 * @param stop whether the user wants the run to end
 */
public record RunContext(
    Settings settings,
    long seed,
    DeviceChoice choice,
    boolean checkNumerics,
    boolean profile,
    Folders folders,
    RunDirectory directory,
    MetricsLog metrics,
    Console console,
    StopSignal stop) {

  /** Which kernels compute. */
  public DeviceKind device() {
    return choice.kind();
  }

  /** How many threads may compute; changes no bit. */
  public int threads() {
    return choice.threads();
  }

  /** The device to compute on; the caller closes it. What a GPU is, is said once. */
  public Device openDevice() {
    Device device = choice.open();
    if (device instanceof GpuDevice gpu) {
      console.note(gpu.name() + ": " + gpu.description());
    }
    return device;
  }

  /**
   * Whether an earlier session began this run; it may have left a checkpoint, or been too short.
   */
  public boolean resuming() {
    return directory.state() == RunDirectory.State.RESUMABLE;
  }

  /** Asked between steps: on true, write a checkpoint and throw {@link #stopped}. */
  public boolean stopRequested() {
    return stop.requested();
  }

  /** The exception that ends an interrupted run, after its checkpoint is written. */
  public UserException stopped(long step, long steps) {
    return new UserException(
        ExitCode.INTERRUPTED,
        "interrupted at step "
            + step
            + " of "
            + steps
            + ", checkpoint written; the same command goes on from there");
  }

  /** The exception that ends an interrupted run where nothing is trained. */
  public UserException stopped() {
    return new UserException(
        ExitCode.INTERRUPTED,
        "interrupted between two trainings; the same command goes on from there");
  }

  /**
   * Shows how far a loop is. Close it when the loop ends.
   *
   * @param task what is being done, in a word or two
   * @param done steps done already, in an earlier session
   * @param total steps in all
   */
  public Progress progress(String task, long done, long total) {
    return Progress.start(console, task, done, total);
  }
}
