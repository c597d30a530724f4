package dev.troupe.experiments;

import dev.troupe.experiments.run.Progress;
import dev.troupe.experiments.run.RunContext;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/**
 * The smallest experiment that has everything the framework looks at: settings of every type,
 * metrics, checkpoints at an interval, an interruptible loop and a result that depends on every
 * step. It adds seeded random numbers.
 */
public final class CountingExperiment implements Experiment {
  public static final Setting<Integer> STEPS =
      new Setting<>("steps", "numbers added", Domain.integer(1, 1_000_000), 20, 400);
  static final Setting<Long> POINTS =
      new Setting<>("points", "points drawn once", Domain.longInteger(1, Long.MAX_VALUE), 7L, 9L);
  static final Setting<Double> RATE =
      new Setting<>("learningRate", "Adam's step", Domain.numberAbove(0, 1), 1e-3, 1e-4);
  static final Setting<Boolean> SHUFFLE =
      new Setting<>("shuffle", "whether to shuffle", Domain.flag(), false, true);
  static final Setting<String> LOSS =
      new Setting<>("loss", "which loss", Domain.choice("logistic", "hinge"), "logistic", "hinge");
  static final Setting<String> FAULT =
      new Setting<>(
          "fault",
          "what goes wrong half way",
          Domain.choice("none", "memory", "bug", "disk"),
          "none",
          "none");
  static final Setting<Integer> INTERVAL =
      new Setting<>("interval", "steps between checkpoints", Domain.integer(1, 1000), 5, 50);

  private static final String CHECKPOINT = "checkpoint.txt";

  @Override
  public String name() {
    return "test/counting";
  }

  @Override
  public String description() {
    return "adds seeded random numbers";
  }

  @Override
  public String paper() {
    return "no paper";
  }

  @Override
  public List<Setting<?>> settings() {
    return List.of(STEPS, POINTS, RATE, SHUFFLE, LOSS, FAULT, INTERVAL);
  }

  @Override
  public void check(Settings settings) {
    if (settings.get(INTERVAL) > settings.get(STEPS)) {
      throw new UserException(
          ExitCode.USAGE,
          "setting interval: "
              + settings.get(INTERVAL)
              + " is above steps, which is "
              + settings.get(STEPS));
    }
  }

  @Override
  public Outcome run(RunContext context) throws IOException {
    int steps = context.settings().get(STEPS);
    int interval = context.settings().get(INTERVAL);
    Path checkpoint = context.directory().resolve(CHECKPOINT);
    long done = 0;
    long sum = 0;
    if (context.resuming() && Files.exists(checkpoint)) {
      String[] parts = Files.readString(checkpoint).split(" ");
      done = Long.parseLong(parts[0]);
      sum = Long.parseLong(parts[1]);
    }
    context.metrics().startAt(done);
    try (Progress progress = context.progress("adding", done, steps)) {
      while (done < steps) {
        if (context.stopRequested()) {
          save(context, checkpoint, done, sum);
          throw context.stopped(done, steps);
        }
        sum += new SplittableRandom(context.seed() * 1_000_003 + done).nextInt(1000);
        done++;
        if (done == steps / 2) {
          fail(context.settings().get(FAULT));
        }
        SequencedMap<String, Object> line = new LinkedHashMap<>();
        line.put("sum", sum);
        context.metrics().append(done, line);
        progress.step(done);
        progress.message("sum " + sum);
        if (done % interval == 0) {
          save(context, checkpoint, done, sum);
        }
      }
    }
    Files.writeString(context.directory().resolve("table1.md"), "| sum | " + sum + " |\n");
    Files.writeString(
        context.directory().resolve("results.json"),
        """
        {"records": [
          {"table": "table1", "row": "sum", "metric": "total", "mean": %d.0, "std": null, "n": 1},
          {"table": "table1", "row": "sum", "metric": "undefined", "mean": null, "n": 0}]}
        """
            .formatted(sum));
    return new Outcome("| sum | " + sum + " |", List.of("table1.md", "results.json"));
  }

  private static void save(RunContext context, Path checkpoint, long done, long sum)
      throws IOException {
    context.metrics().sync();
    Path temporary = context.directory().resolve(".checkpoint");
    Files.writeString(temporary, done + " " + sum);
    Files.move(temporary, checkpoint, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void fail(String fault) throws IOException {
    switch (fault) {
      case "memory" -> {
        List<long[]> hoard = new ArrayList<>();
        while (true) {
          hoard.add(new long[1 << 24]);
        }
      }
      case "bug" -> throw new IllegalStateException("matmul: inner sizes differ, [2, 3] x [4, 5]");
      case "disk" -> throw new FileSystemException("r/a.png", null, "No space left on device");
      default -> {
        // none
      }
    }
  }
}
