package dev.troupe.experiments.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Outcome;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * An experiment that waits once a certain step is in its metrics, so that a test finds it there
 * however busy the machine is.
 *
 * @param hold has the step, and is looked at before each line; it waits while this file is there
 */
public record HeldExperiment(Experiment experiment, Path hold) implements Experiment {
  @Override
  public String name() {
    return experiment.name();
  }

  @Override
  public String description() {
    return experiment.description();
  }

  @Override
  public String paper() {
    return experiment.paper();
  }

  @Override
  public List<Setting<?>> settings() {
    return experiment.settings();
  }

  @Override
  public void check(Settings settings) {
    experiment.check(settings);
  }

  @Override
  public boolean readsData() {
    return experiment.readsData();
  }

  @Override
  public Outcome run(RunContext context) throws IOException {
    Path file = context.directory().resolve(Runner.METRICS);
    try (MetricsLog metrics = MetricsLog.over(file, new Held(file))) {
      return experiment.run(
          new RunContext(
              context.settings(),
              context.seed(),
              context.choice(),
              context.checkNumerics(),
              context.profile(),
              context.folders(),
              context.directory(),
              metrics,
              context.console(),
              context.stop()));
    }
  }

  private final class Held extends ForwardingChannel {
    Held(Path file) throws IOException {
      super(Files.newByteChannel(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public int write(ByteBuffer line) throws IOException {
      String text = UTF_8.decode(line.slice()).toString();
      int written = file.write(line);
      long step = (Long) Json.readObject(text).get("step");
      while (holds(step)) {
        try {
          Thread.sleep(1);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return written;
    }

    private boolean holds(long step) throws IOException {
      try {
        return step >= Long.parseLong(Files.readString(hold));
      } catch (NoSuchFileException e) {
        return false;
      }
    }
  }
}
