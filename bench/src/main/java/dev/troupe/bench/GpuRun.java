package dev.troupe.bench;

import dev.troupe.experiments.run.Console;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of {@code gpu-check}: what fails is noted and the rest goes on, and what there is no time
 * for is left out.
 */
final class GpuRun {
  private static final int MOST_FAILURES = 20; // of a stage

  final Console console;
  final boolean quick;
  private final long end; // by System.nanoTime
  private final List<GpuFindings.Stage> stages = new ArrayList<>();
  private final List<GpuFindings.Failure> failures = new ArrayList<>();
  private String stage = "";
  private int failed; // of this stage
  private int left;

  /**
   * Begins.
   *
   * @param limit after which nothing new is begun, or null
   */
  GpuRun(Console console, boolean quick, Duration limit) {
    this.console = console;
    this.quick = quick;
    this.end = System.nanoTime() + (limit == null ? Long.MAX_VALUE / 4 : limit.toNanos());
  }

  List<GpuFindings.Stage> stages() {
    return List.copyOf(stages);
  }

  List<GpuFindings.Failure> failures() {
    return List.copyOf(failures);
  }

  /** How long it may still take; not positive when there is no time left. */
  Duration time() {
    return Duration.ofNanos(end - System.nanoTime());
  }

  /** Notes that a stage is not run, and why. */
  void skip(String name, String why) {
    stages.add(new GpuFindings.Stage(name, why, 0));
  }

  /** Runs a stage, unless there is no time. */
  void stage(String name, Runnable body) {
    if (!time().isPositive()) {
      console.note(name + ": no time");
      skip(name, "no time");
      return;
    }
    console.note(name + " ...");
    stage = name;
    failed = 0;
    left = 0;
    long start = System.nanoTime();
    attempt("all of it", body, () -> {});
    String end = failed > 0 ? "failed" : "done";
    if (left > 0) {
      end = failed >= MOST_FAILURES ? "stopped" : failed > 0 ? "failed, no time" : "no time";
      end += ", " + left + " left out";
    }
    stages.add(new GpuFindings.Stage(name, end, (System.nanoTime() - start) * 1e-9));
  }

  /**
   * Runs a piece of a stage, unless there is no time; what it throws is noted.
   *
   * @param afterwards what to do where it has failed
   */
  void attempt(String what, Runnable piece, Runnable afterwards) {
    if (!time().isPositive() || failed >= MOST_FAILURES) {
      left++;
      return;
    }
    try {
      piece.run();
    } catch (RuntimeException | Error e) {
      failed++;
      failed(stage, what, e);
      afterwards.run();
    }
  }

  /** Notes a failure. */
  void failed(String stage, String what, Throwable e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    if (e instanceof AssertionError && e.getCause() != null) {
      message += ": " + e.getCause().getMessage();
    }
    failures.add(new GpuFindings.Failure(stage, what, message));
    console.note(stage + ", " + what + ": " + message);
  }
}
