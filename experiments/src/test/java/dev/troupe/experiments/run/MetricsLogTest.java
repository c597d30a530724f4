package dev.troupe.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.experiments.ExitCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir Path temp;
  private Path file;

  @BeforeEach
  void name() {
    file = temp.resolve("metrics.jsonl");
  }

  private static SequencedMap<String, Object> values(String key, Object value) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put(key, value);
    return map;
  }

  private List<String> linesWithoutTime() throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> line.replaceAll("\"wall_s\":[0-9.E-]+,", ""))
        .toList();
  }

  private void write(long from, long... steps) throws IOException {
    try (MetricsLog log = MetricsLog.open(file)) {
      log.startAt(from);
      for (long step : steps) {
        log.append(step, values("loss", step * 0.5));
      }
    }
  }

  @Test
  void eachLineIsThereWhenAppendReturns() throws IOException {
    try (MetricsLog log = MetricsLog.open(file)) {
      log.startAt(0);
      SequencedMap<String, Object> line = values("loss", 0.25f);
      line.put("modes", 14);
      line.put("members", List.of(1L, 2.5, Double.NaN));
      line.put("text", "a \"b\"\n");
      log.append(10, line);
      assertThat(linesWithoutTime())
          .containsExactly(
              "{\"step\":10,\"loss\":0.25,\"modes\":14,\"members\":[1,2.5,\"NaN\"],"
                  + "\"text\":\"a \\\"b\\\"\\n\"}");
    }
  }

  @Test
  void resumingCutsWhatIsBeyondTheCheckpoint() throws IOException {
    write(0, 1, 2, 3, 4);
    write(2, 3);
    assertThat(linesWithoutTime())
        .containsExactly(
            "{\"step\":1,\"loss\":0.5}",
            "{\"step\":2,\"loss\":1.0}",
            "{\"step\":2,\"resumed_from\":2}",
            "{\"step\":3,\"loss\":1.5}");
  }

  @Test
  void anOlderCheckpointAlsoCutsTheEarlierResumption() throws IOException {
    write(0, 1, 2, 3);
    write(2, 3, 4);
    write(1, 2);
    assertThat(linesWithoutTime())
        .containsExactly(
            "{\"step\":1,\"loss\":0.5}",
            "{\"step\":1,\"resumed_from\":1}",
            "{\"step\":2,\"loss\":1.0}");
  }

  @Test
  void withoutACheckpointTheFileBeginsAnew() throws IOException {
    write(0, 1, 2, 3);
    write(0, 1);
    assertThat(linesWithoutTime()).containsExactly("{\"step\":1,\"loss\":0.5}");
  }

  @Test
  void aLineTornAtAnyByteIsCut() throws IOException {
    write(0, 1, 2, 3);
    byte[] whole = Files.readAllBytes(file);
    int second = new String(whole, java.nio.charset.StandardCharsets.UTF_8).indexOf("{\"step\":3");
    for (int length = second; length < whole.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      write(3);
      assertThat(linesWithoutTime())
          .containsExactly(
              "{\"step\":1,\"loss\":0.5}",
              "{\"step\":2,\"loss\":1.0}",
              "{\"step\":3,\"resumed_from\":3}");
    }
  }

  @Test
  void wallTimeGoesOnFromTheLastLineKept() throws IOException {
    Files.writeString(file, "{\"step\":1,\"wall_s\":100.5}\n{\"step\":2,\"wall_s\":200.5}\n");
    try (MetricsLog log = MetricsLog.open(file)) {
      log.startAt(1);
      assertThat(log.wallSeconds()).isBetween(100.5, 160.0);
    }
  }

  @Test
  void aDamagedLineInTheMiddleIsRefusedAndKept() throws IOException {
    write(0, 1, 2, 3);
    String damaged = Files.readString(file).replace("\"step\":2", "\"st\0p\":2");
    Files.writeString(file, damaged);
    assertThatThrownBy(() -> write(3))
        .hasMessage(file + ": line 2 is not a record of metrics")
        .extracting("exitCode")
        .isEqualTo(ExitCode.FILES);
    assertThat(Files.readString(file)).isEqualTo(damaged);
  }

  @Test
  void stepsNeverDecreaseAndStartComesFirst() throws IOException {
    try (MetricsLog log = MetricsLog.open(file)) {
      assertThatThrownBy(() -> log.append(1, values("a", 1)))
          .hasMessage("metrics: startAt(step) must come before the first line");
      log.startAt(0);
      log.append(5, values("a", 1));
      log.append(5, values("b", 1));
      assertThatThrownBy(() -> log.append(4, values("a", 1)))
          .hasMessage("metrics: step 4 comes after 5");
    }
  }

  @Test
  void aFullDiskIsOneSentenceAndTheNextStartRepairsTheFile() throws IOException {
    write(0, 1, 2);
    try (FullDisk disk = new FullDisk(file, 150);
        MetricsLog log = MetricsLog.over(file, disk)) {
      log.startAt(2);
      assertThatThrownBy(
              () -> {
                for (int i = 3; i < 100; i++) {
                  log.append(i, values("loss", i));
                }
              })
          .satisfies(e ->
              assertThat(Failures.of(e))
                  .isEqualTo(new Failures(ExitCode.FILES, file + ": No space left on device")));
    }
    assertThat(Files.size(file)).isEqualTo(150); // it did stop within a line
    write(2, 3);
    assertThat(linesWithoutTime())
        .containsExactly(
            "{\"step\":1,\"loss\":0.5}",
            "{\"step\":2,\"loss\":1.0}",
            "{\"step\":2,\"resumed_from\":2}",
            "{\"step\":2,\"resumed_from\":2}",
            "{\"step\":3,\"loss\":1.5}");
  }

  @Test
  void jsonComesBack() throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("a", List.of(1L, 2.5, "x", true, Map.of("b", List.of())));
    object.put("n", null);
    assertThat(Json.readObject(Json.write(object, false))).isEqualTo(object);
    assertThat(Json.readObject(Json.write(object, true))).isEqualTo(object);
    for (String text :
        List.of("", "[1]", "{", "{\"a\":", "{\"a\":1} x", "{\"a\":1", "{\"a\":[1,2")) {
      assertThatThrownBy(() -> Json.readObject(text)).isInstanceOf(IOException.class);
    }
  }

  /** A file that takes only so many bytes. */
  private static final class FullDisk extends ForwardingChannel {
    private final long capacity;

    FullDisk(Path file, long capacity) throws IOException {
      super(Files.newByteChannel(file, StandardOpenOption.WRITE));
      this.capacity = capacity;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      long room = capacity - file.position();
      if (room <= 0) {
        throw new IOException("No space left on device");
      }
      ByteBuffer part = source.slice(source.position(), (int) Math.min(room, source.remaining()));
      int written = file.write(part);
      source.position(source.position() + written);
      return written;
    }
  }
}
