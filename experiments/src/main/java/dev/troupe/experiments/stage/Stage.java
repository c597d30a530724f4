package dev.troupe.experiments.stage;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.report.EventFile;
import dev.troupe.experiments.run.Progress;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.experiments.run.RunIdentity;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.NumericsGuard;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.io.CheckpointStore;
import dev.troupe.tensor.io.HostArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * One training among those of a run, with checkpoints of its own. Its model is in memory only while
 * it trains or is {@link #open}; a stage that is done keeps its last checkpoint, from which its
 * model is taken later and in later sessions.
 *
 * @param <T> what it trains
 */
public final class Stage<T extends Training> {
  private static final int CHECKPOINTS_KEPT = 2;

  /**
   * When a stage does what.
   *
   * @param name in metrics and messages, and its folder below {@code checkpoints}; unique in a run
   * @param kind stages of one kind take equally long for a step
   * @param steps how many it trains
   * @param checkpointEvery steps between checkpoints
   * @param logEvery steps between lines of losses
   * @param scoreEvery steps between lines with scores too; the last step has one in any case
   */
  public record Plan(
      String name, String kind, long steps, long checkpointEvery, long logEvery, long scoreEvery) {
    private static final int LINES = 240;
    private static final int MOST_BETWEEN_LINES = 100;

    /** How often to log so that so many steps have enough lines for a figure. */
    public static long logEvery(long steps) {
      return Math.clamp(steps / LINES, 1, MOST_BETWEEN_LINES);
    }
  }

  /** Makes a model, untrained, in the scope given. */
  @FunctionalInterface
  public interface Builder<T> {
    /** Everything that the model owns is made in {@code scope}. */
    T build(Scope scope) throws IOException;
  }

  private final RunContext context;
  private final NumericsGuard guard;
  private final Plan plan;
  private final Builder<T> builder;
  private final RunIdentity identity; // of what may go on from its checkpoints
  private final Optional<StageCache> cache;
  private final CheckpointStore checkpoints;
  private long done;
  private Path newest; // checkpoint, null at the start

  /**
   * @param guard null unless numerics are checked
   */
  public Stage(RunContext context, NumericsGuard guard, Plan plan, Builder<T> builder) {
    this(context, guard, plan, builder, context.directory().identity(), Optional.empty());
  }

  /**
   * A stage that another run with the same inputs may have trained already, and whose result other
   * runs may take.
   *
   * @param guard null unless numerics are checked
   * @param inputs all that decides its bits: settings, seed, device, version, data and the inputs
   *     of the stages before that it builds on
   */
  public Stage(
      RunContext context,
      NumericsGuard guard,
      Plan plan,
      Builder<T> builder,
      RunIdentity inputs,
      Optional<StageCache> cache) {
    this.context = context;
    this.guard = guard;
    this.plan = plan;
    this.builder = builder;
    this.identity = inputs;
    this.cache = cache;
    this.checkpoints = new CheckpointStore(checkpointFolder(), CHECKPOINTS_KEPT);
  }

  /** When it does what. */
  public Plan plan() {
    return plan;
  }

  /** Steps of it that are done. */
  long done() {
    return done;
  }

  /** Whether it is trained. */
  public boolean isDone() {
    return done == plan.steps;
  }

  /** Whether another run has left what it would come to. */
  boolean isCached() {
    return cache.isPresent() && cache.get().has(identity);
  }

  /** Finds the newest sound checkpoint, if there is one. */
  void resume() throws IOException {
    Optional<CheckpointStore.Loaded> found = checkpoints.loadLatest(context.console()::note);
    if (found.isPresent()) {
      requireOwn(found.get());
      done = found.get().step();
      newest = found.get().file();
    }
  }

  private void requireOwn(CheckpointStore.Loaded loaded) {
    identity.requireSame(loaded.settings(), loaded.file().toString());
  }

  /** Drops all checkpoints. */
  void discard() throws IOException {
    if (Files.isDirectory(checkpointFolder())) {
      try (Stream<Path> files = Files.list(checkpointFolder())) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private Path checkpointFolder() {
    return context.directory().resolve("checkpoints").resolve(plan.name);
  }

  /** The model as it stands at the newest checkpoint, in a scope of the caller's. */
  public T open(Scope scope) throws IOException {
    T training = builder.build(scope);
    if (newest != null) {
      CheckpointStore.Loaded loaded = CheckpointStore.load(newest);
      requireOwn(loaded);
      try {
        training.load(loaded.arrays());
      } catch (IllegalArgumentException e) {
        throw new UserException(ExitCode.FILES, newest + ": " + e.getMessage(), e);
      }
    }
    return training;
  }

  /** An untrained model, to measure with and throw away. */
  T fresh(Scope scope) throws IOException {
    return builder.build(scope);
  }

  /**
   * Trains to the end, or until the user stops it.
   *
   * @param first steps of the stages before
   * @param all steps of all stages
   */
  void train(long first, long all, EventFile events) throws IOException {
    if (done == 0 && cache.isPresent()) {
      Optional<StageCache.Entry> entry = cache.get().find(identity, plan.steps);
      if (entry.isPresent()) {
        take(entry.get(), first, events);
      }
    }
    boolean trains = !isDone();
    if (trains) {
      trainOn(first, all, events);
    }
    if (cache.isPresent() && (trains || !isCached())) {
      leave(cache.get(), first);
    }
  }

  /** Makes this run look as if it had trained the stage itself. */
  private void take(StageCache.Entry entry, long first, EventFile events) throws IOException {
    context.console().note(plan.name + ": taken from " + entry.folder());
    for (Map<String, Object> line : entry.lines()) {
      SequencedMap<String, Object> values = new LinkedHashMap<>(line);
      long step = ((Number) values.remove("step")).longValue();
      values.putFirst("stage", plan.name);
      append(first + step, values, events);
    }
    done = plan.steps;
    save(entry.arrays());
  }

  private void leave(StageCache to, long first) throws IOException {
    List<Map<String, Object>> lines = new ArrayList<>();
    for (Map<String, Object> line : context.metrics().lines()) {
      if (plan.name.equals(line.get("stage"))) {
        Map<String, Object> values = new LinkedHashMap<>(line);
        values.put("step", ((Number) line.get("step")).longValue() - first);
        values.remove("wall_s");
        values.remove("stage");
        lines.add(values);
      }
    }
    to.put(identity, plan.steps, CheckpointStore.load(newest).arrays(), lines);
  }

  private void trainOn(long first, long all, EventFile events) throws IOException {
    try (Scope scope = Scope.open(plan.name)) {
      T training = open(scope);
      if (guard != null) {
        guard.members(training.members());
      }
      try (CapturedStep step = CapturedStep.of(scope.device(), training::step);
          Progress progress = context.progress("train " + plan.name, done, plan.steps)) {
        boolean warm = false; // kernels are loaded
        boolean profiled = false;
        while (!isDone()) {
          if (guard != null) {
            guard.step(done);
          }
          training.prepare(done);
          if (context.profile() && !profiled && warm) {
            profiled = true;
            context.console().note(KernelTimes.table(scope.device().profile(training::step)));
          } else {
            step.run();
          }
          warm = true;
          done++;
          boolean score = done % plan.scoreEvery == 0 || isDone();
          if (score || done % plan.logEvery == 0) {
            log(training, first + done, score, events, progress);
          }
          progress.step(done);
          boolean stop = context.stopRequested();
          if (stop || done % plan.checkpointEvery == 0 || isDone()) {
            save(training.save());
          }
          if (stop) {
            throw context.stopped(first + done, all);
          }
        }
      }
    }
  }

  private void save(SequencedMap<String, HostArray> arrays) throws IOException {
    arrays.forEach(this::requireFinite);
    context.metrics().sync();
    newest = checkpoints.save(done, arrays, identity.values());
  }

  /** So that a checkpoint is always of use to go on from. */
  private void requireFinite(String tensor, HostArray array) {
    boolean finite =
        switch (array.dtype()) {
          case F32 -> allFinite(array.floats());
          case F64 -> Arrays.stream(array.doubles()).allMatch(Double::isFinite);
          default -> true;
        };
    if (!finite) {
      throw broken(tensor + " holds NaN or infinity after step " + done);
    }
  }

  private static boolean allFinite(float[] values) {
    for (float v : values) {
      if (!Float.isFinite(v)) {
        return false;
      }
    }
    return true;
  }

  private UserException broken(String what) {
    return new UserException(
        ExitCode.NUMERICS,
        plan.name + ": " + what + "; the same command with --check-numerics shows where it begins");
  }

  private void log(T training, long at, boolean scored, EventFile events, Progress progress)
      throws IOException {
    SequencedMap<String, Object> line = new LinkedHashMap<>();
    line.put("stage", plan.name);
    for (var loss : training.losses(done).entrySet()) {
      if (!Double.isFinite(loss.getValue())) {
        throw broken(training.broken(loss.getKey(), done));
      }
      line.put(loss.getKey(), loss.getValue());
    }
    training
        .series(done)
        .forEach((name, values) -> line.put(name, Arrays.stream(values).boxed().toList()));
    if (scored) {
      Training.Scores scores = training.scores(done);
      for (var score : scores.values().entrySet()) {
        if (score.getValue() instanceof Double number && !Double.isFinite(number)) {
          throw broken(training.broken(score.getKey(), done));
        }
      }
      line.putAll(scores.values());
      progress.message(scores.message());
    }
    append(at, line, events);
    events.flush();
  }

  private void append(long at, SequencedMap<String, Object> line, EventFile events)
      throws IOException {
    context.metrics().append(at, line);
    for (var value : line.entrySet()) {
      if (value.getValue() instanceof Double number) {
        events.scalar(plan.name + "/" + value.getKey(), at, number);
      }
    }
  }
}
