package dev.troupe.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  @TempDir Path folder;

  /** Fields of a protocol buffer message by number: Long, byte[] (also the fixed ones). */
  private static Map<Integer, Object> fields(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, Object> fields = new TreeMap<>();
    while (in.hasRemaining()) {
      int key = (int) varint(in);
      Object value =
          switch (key & 7) {
            case 0 -> varint(in);
            case 1 -> take(in, 8);
            case 2 -> take(in, (int) varint(in));
            case 5 -> take(in, 4);
            default -> throw new AssertionError("wire type " + (key & 7));
          };
      assertThat(fields.put(key >>> 3, value)).isNull();
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  private static byte[] take(ByteBuffer in, int n) {
    byte[] bytes = new byte[n];
    in.get(bytes);
    return bytes;
  }

  /** The checked records of a file. */
  private static List<Map<Integer, Object>> records(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Map<Integer, Object>> records = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = take(in, 8);
      assertThat(in.getInt()).isEqualTo(mask(length));
      byte[] data =
          take(in, (int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong());
      assertThat(in.getInt()).isEqualTo(mask(data));
      records.add(fields(data));
    }
    return records;
  }

  /** The rotation as TFRecord's description has it, by shifts of the unsigned value. */
  private static int mask(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    long c = crc.getValue();
    return (int) (((c >>> 15 | c << 17) & 0xFFFFFFFFL) + 0xA282EAD8L);
  }

  @Test
  void checksumIsCastagnolis() {
    // CRC-32C of "123456789" is E3069283 (RFC 3720 and others).
    int masked = EventFile.maskedCrc("123456789".getBytes(StandardCharsets.US_ASCII));
    assertThat(Integer.rotateLeft(masked - 0xA282EAD8, 15)).isEqualTo(0xE3069283);
  }

  @Test
  void scalarsComeBack() throws IOException {
    InstantSource clock = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000L, 250_000_000));
    Path path;
    try (EventFile file = EventFile.create(folder.resolve("a/b"), clock)) {
      path = file.path();
      file.scalar("loss/discriminator", 300, 1.25);
      file.scalar("modes", 5_000_000_000L, Double.NaN);
    }
    assertThat(path.getFileName()).hasToString("events.out.tfevents.1700000000.0000");
    List<Map<Integer, Object>> records = records(path);
    assertThat(records).hasSize(3);
    assertThat(records.get(0).get(3)).isEqualTo("brain.Event:2".getBytes(StandardCharsets.UTF_8));
    ByteBuffer time = ByteBuffer.wrap((byte[]) records.get(1).get(1));
    assertThat(time.order(ByteOrder.LITTLE_ENDIAN).getDouble()).isEqualTo(1_700_000_000.25);
    assertThat(records.get(1).get(2)).isEqualTo(300L);
    Map<Integer, Object> value = value(records.get(1));
    assertThat(value.get(1)).isEqualTo("loss/discriminator".getBytes(StandardCharsets.UTF_8));
    assertThat(number(value)).isEqualTo(1.25f);
    assertThat(records.get(2).get(2)).isEqualTo(5_000_000_000L);
    assertThat(number(value(records.get(2)))).isNaN();
  }

  private static Map<Integer, Object> value(Map<Integer, Object> event) {
    return fields((byte[]) fields((byte[]) event.get(5)).get(1));
  }

  private static float number(Map<Integer, Object> value) {
    return ByteBuffer.wrap((byte[]) value.get(2)).order(ByteOrder.LITTLE_ENDIAN).getFloat();
  }

  @Test
  void imagesComeBack() throws IOException {
    byte[] png = Plots.charts(List.of(Plots.Chart.of("T", "x", "y", List.of())));
    Path path;
    try (EventFile file = EventFile.create(folder)) {
      path = file.path();
      file.image("figure", 7, png);
      assertThatThrownBy(() -> file.image("figure", 7, new byte[100]))
          .hasMessage("event file: figure is not a PNG file");
    }
    Map<Integer, Object> image = fields((byte[]) value(records(path).get(1)).get(4));
    assertThat(image.get(2)).isEqualTo(1280L);
    assertThat(image.get(3)).isEqualTo(3L);
    assertThat(image.get(4)).isEqualTo(png);
  }

  @Test
  void resumedRunBeginsAFileThatDropsWhatFollowed() throws IOException {
    InstantSource clock = InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000L));
    try (EventFile first = EventFile.create(folder, clock);
        EventFile second = EventFile.create(folder, clock)) {
      assertThat(second.path()).isNotEqualTo(first.path());
      assertThat(second.path().toString()).isGreaterThan(first.path().toString());
    }
    try (EventFile resumed = EventFile.resume(folder, 1000)) {
      Map<Integer, Object> start = records(resumed.path()).get(1);
      assertThat(start.get(2)).isEqualTo(1001L);
      assertThat(fields((byte[]) start.get(7)).get(1)).isEqualTo(1L); // SessionLog.START
    }
  }
}
