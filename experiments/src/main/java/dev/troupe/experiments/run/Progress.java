package dev.troupe.experiments.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * How far a loop is, with the time it will still take: a bar on a terminal, otherwise a line every
 * ten seconds. Cheap enough to be told of every step.
 */
public sealed interface Progress extends AutoCloseable {
  /** The width of a terminal that does not say. */
  int DEFAULT_WIDTH = 79;

  /** Chooses the kind that fits the console. */
  static Progress start(Console console, String task, long done, long total) {
    return console.terminal()
        ? new Bar(console.err(), terminalWidth(), task, done, total)
        : new Lines(console.err(), task, done, total, System::nanoTime);
  }

  private static int terminalWidth() {
    try {
      Process stty = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).start();
      String[] size = new String(stty.getInputStream().readAllBytes(), UTF_8).strip().split(" ");
      int columns = Integer.parseInt(size[1]);
      return columns > 0 ? columns - 1 : DEFAULT_WIDTH; // the cursor needs a place, too
    } catch (IOException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      return DEFAULT_WIDTH;
    }
  }

  /** Steps done so far, of the total. */
  void step(long done);

  /** What is shown behind the bar: losses, covered modes. */
  void message(String text);

  @Override
  void close();

  /** On a terminal. */
  final class Bar implements Progress {
    private final ProgressBar bar;

    Bar(PrintStream err, int width, String task, long done, long total) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(total)
              .startsFrom(done, Duration.ZERO)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(500)
              // Without a width it would ask JLine, which puts Ctrl-C back to ending the process.
              .setConsumer(new ConsoleProgressBarConsumer(err, width))
              .build();
    }

    @Override
    public void step(long done) {
      bar.stepTo(done);
    }

    @Override
    public void message(String text) {
      bar.setExtraMessage(text);
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  /** In a pipe or a log file. */
  final class Lines implements Progress {
    private static final long INTERVAL_NANOS = 10_000_000_000L;

    private final PrintStream err;
    private final String task;
    private final long first;
    private final long total;
    private final LongSupplier clock;
    private final long startNanos;
    private long shownNanos;
    private long done;
    private String message = "";

    Lines(PrintStream err, String task, long done, long total, LongSupplier clock) {
      this.err = err;
      this.task = task;
      this.first = done;
      this.done = done;
      this.total = total;
      this.clock = clock;
      this.startNanos = clock.getAsLong();
      this.shownNanos = startNanos;
    }

    @Override
    public void step(long now) {
      done = now;
      if (clock.getAsLong() - shownNanos >= INTERVAL_NANOS) {
        shownNanos = clock.getAsLong();
        show();
      }
    }

    @Override
    public void message(String text) {
      message = text;
    }

    @Override
    public void close() {
      show();
    }

    private void show() {
      long elapsed = (clock.getAsLong() - startNanos) / 1_000_000_000L;
      StringBuilder line = new StringBuilder();
      line.append(task).append(": ").append(done).append(" of ").append(total);
      line.append(" (").append(total == 0 ? 100 : 100 * done / total).append(" %), ");
      line.append(clockText(elapsed)).append(" elapsed");
      if (done > first && done < total) {
        // Only this session's steps tell how fast this machine is.
        long left = Math.round((double) elapsed / (done - first) * (total - done));
        line.append(", ").append(clockText(left)).append(" left");
      }
      if (!message.isEmpty()) {
        line.append(", ").append(message);
      }
      err.println(line);
    }

    private static String clockText(long seconds) {
      return seconds >= 3600
          ? String.format(
              Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
          : String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
    }
  }
}
