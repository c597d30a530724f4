package dev.troupe.experiments.stage;

import dev.troupe.experiments.report.EventFile;
import dev.troupe.experiments.report.Report;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.experiments.run.RunDirectory;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The stages of a run, in order: each begins when the one before is done. */
public final class Stages {
  private static final double WARM_UP_SECONDS = 10; // what the compiler needs
  private static final double MEASURED_SECONDS = 5;

  private Stages() {}

  /**
   * Trains whatever earlier sessions have not done, in the thread's innermost scope. Begins {@code
   * metrics.jsonl} and the TensorBoard folder, or goes on with them.
   *
   * <p>Stages after the first one that is not done are trained anew: their lines in {@code
   * metrics.jsonl} come after it. There are such only where a checkpoint was damaged or removed.
   */
  public static void train(RunContext context, List<? extends Stage<?>> stages) throws IOException {
    long at = 0;
    boolean whole = true; // whether all stages so far were done in earlier sessions
    for (Stage<?> stage : stages) {
      if (whole) {
        stage.resume();
        at += stage.done();
        whole = stage.isDone();
      } else {
        stage.discard();
      }
    }
    context.metrics().startAt(at);
    Path folder = context.directory().resolve(RunDirectory.EVENTS);
    long all = steps(stages);
    long first = 0;
    try (EventFile events =
        context.resuming() ? EventFile.resume(folder, at) : EventFile.create(folder)) {
      for (Stage<?> stage : stages) {
        stage.train(first, all, events);
        first += stage.plan().steps();
      }
    }
  }

  /** Steps of all stages. */
  public static long steps(List<? extends Stage<?>> stages) {
    return stages.stream().mapToLong(stage -> stage.plan().steps()).sum();
  }

  /**
   * Says how long {@link #train} will take on this machine, measured with one untrained model of
   * each kind of stage.
   */
  public static void announce(RunContext context, List<? extends Stage<?>> stages)
      throws IOException {
    context.console().note("measuring how long this will take on this machine …");
    Map<String, Cost> costs = new HashMap<>();
    double seconds = 0;
    for (Stage<?> stage : stages) {
      if (stage.isCached()) {
        continue;
      }
      Cost cost = costs.get(stage.plan().kind());
      if (cost == null) {
        cost = measure(context, stage, costs.isEmpty() ? WARM_UP_SECONDS : MEASURED_SECONDS);
        costs.put(stage.plan().kind(), cost);
      }
      Stage.Plan plan = stage.plan();
      seconds +=
          cost.step * plan.steps() + cost.score * (1 + (plan.steps() - 1) / plan.scoreEvery());
    }
    context
        .console()
        .note(
            "this will take about "
                + Report.duration(seconds)
                + " on this machine; Ctrl-C writes a checkpoint, and the same command goes on");
  }

  /** Seconds of one step and of taking scores once. */
  private record Cost(double step, double score) {}

  private static Cost measure(RunContext context, Stage<?> stage, double warmUp)
      throws IOException {
    try (Scope throwaway = Scope.open("estimate")) {
      Training training = stage.fresh(throwaway);
      long steps = stage.plan().steps();
      try (CapturedStep one = CapturedStep.of(throwaway.device(), training::step)) {
        long done = trainFor(context, training, one, warmUp, steps);
        training.losses(done); // waits
        long start = System.nanoTime();
        long count = trainFor(context, training, one, MEASURED_SECONDS, steps);
        training.losses(done + count);
        double step = seconds(start) / count;
        start = System.nanoTime();
        training.scores(done + count);
        return new Cost(step, seconds(start));
      }
    }
  }

  /** At least one step and no more than there are; returns how many. */
  private static long trainFor(
      RunContext context, Training training, CapturedStep step, double seconds, long most) {
    long start = System.nanoTime();
    long count = 0;
    do {
      training.prepare(count);
      step.run();
      count++;
    } while (count < most && seconds(start) < seconds && !context.stopRequested());
    return count;
  }

  private static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) * 1e-9;
  }
}
