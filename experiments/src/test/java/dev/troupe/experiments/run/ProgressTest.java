package dev.troupe.experiments.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, UTF_8);
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void aPipeGetsALineEveryTenSeconds() {
    try (Progress progress = new Progress.Lines(err, "training", 0, 1000, nanos::get)) {
      for (int step = 1; step <= 250; step++) {
        nanos.addAndGet(100_000_000);
        progress.step(step);
        progress.message("D 1.25, modes 14 of 25");
      }
    }
    assertThat(bytes.toString(UTF_8))
        .isEqualTo(
            """
            training: 100 of 1000 (10 %), 0:10 elapsed, 1:30 left, D 1.25, modes 14 of 25
            training: 200 of 1000 (20 %), 0:20 elapsed, 1:20 left, D 1.25, modes 14 of 25
            training: 250 of 1000 (25 %), 0:25 elapsed, 1:15 left, D 1.25, modes 14 of 25
            """);
  }

  @Test
  void theTimeLeftIsOfThisSessionsSpeed() {
    try (Progress progress = new Progress.Lines(err, "training", 900_000, 1_000_000, nanos::get)) {
      nanos.addAndGet(20_000_000_000L);
      progress.step(900_100);
      nanos.addAndGet(3_600_000_000_000L);
    }
    assertThat(bytes.toString(UTF_8).lines().findFirst())
        .contains("training: 900100 of 1000000 (90 %), 0:20 elapsed, 5:33:00 left");
  }

  @Test
  void aTerminalGetsABarWithTimeAndMessage() {
    Console console = new Console(err, err, true);
    try (Progress progress = Progress.start(console, "training", 5, 10)) {
      progress.message("modes 14");
      progress.step(10);
    }
    assertThat(bytes.toString(UTF_8)).contains("training").contains("10/10").contains("modes 14");
  }
}
