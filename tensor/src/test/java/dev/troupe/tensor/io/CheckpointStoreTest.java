package dev.troupe.tensor.io;

import static dev.troupe.tensor.io.TestFiles.assertSame;
import static dev.troupe.tensor.io.TestFiles.latin1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {
  private static final SequencedMap<String, String> NO_SETTINGS = new TreeMap<>();

  /** After the 8 bytes of the length and the 27 that every header begins with. */
  private static final int DIGEST_AT = 35;

  @TempDir Path directory;
  private final List<String> warnings = new ArrayList<>();

  private static SequencedMap<String, HostArray> arrays(long step, int size) {
    float[] values = new float[size];
    Arrays.fill(values, (float) step);
    SequencedMap<String, HostArray> arrays = new LinkedHashMap<>();
    arrays.put("weight", HostArray.of(values, 1, size));
    arrays.put("step", HostArray.of(new long[] {step}));
    return arrays;
  }

  private Path save(long step) throws IOException {
    return new CheckpointStore(directory, 2).save(step, arrays(step, 3), NO_SETTINGS);
  }

  private Optional<CheckpointStore.Loaded> loadLatest() throws IOException {
    return new CheckpointStore(directory, 2).loadLatest(warnings::add);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void flip(Path file, int bit) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    Files.write(file, bytes);
  }

  @Test
  void loadsWhatItSaved() throws IOException {
    SequencedMap<String, String> settings = new LinkedHashMap<>();
    settings.put("members", "25");
    settings.put("step", "not the step");
    settings.put("é", "");
    CheckpointStore store = new CheckpointStore(directory, 2);
    Path file = store.save(12_000, arrays(12_000, 3), settings);
    assertThat(file).isEqualTo(directory.resolve("checkpoint-000012000.safetensors"));

    CheckpointStore.Loaded loaded = loadLatest().orElseThrow();
    assertThat(loaded.file()).isEqualTo(file);
    assertThat(loaded.step()).isEqualTo(12_000);
    assertThat(loaded.settings()).containsExactlyEntriesOf(settings);
    assertThat(loaded.arrays().keySet()).containsExactly("weight", "step");
    arrays(12_000, 3).forEach((name, array) -> assertSame(loaded.arrays().get(name), array));
    assertThat(warnings).isEmpty();
  }

  @Test
  void isAnOrdinarySafetensorsFileWithADocumentedDigest() throws Exception {
    Path file = save(7);
    SequencedMap<String, String> metadata = SafeTensors.read(file).metadata();
    assertThat(metadata.keySet()).containsExactly("sha256", "format", "version", "step");
    assertThat(metadata).containsEntry("format", "troupe-checkpoint");
    assertThat(metadata).containsEntry("version", "1");
    assertThat(metadata).containsEntry("step", "7");
    byte[] bytes = Files.readAllBytes(file);
    assertThat(metadata).containsEntry("sha256", digest(bytes));
  }

  private static String digest(byte[] checkpoint) throws NoSuchAlgorithmException {
    byte[] zeros = checkpoint.clone();
    Arrays.fill(zeros, DIGEST_AT, DIGEST_AT + 64, (byte) '0');
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(zeros));
  }

  @Test
  void keepsTheNewest() throws IOException {
    CheckpointStore store = new CheckpointStore(directory, 3);
    for (long step : new long[] {5, 999_999_999, 1_000_000_000, 2_000_000_000}) {
      store.save(step, arrays(step, 3), NO_SETTINGS);
    }
    Files.createFile(directory.resolve("results.json"));
    Files.createFile(directory.resolve(".checkpoint-000000006.safetensors.0123456789abcdef.tmp"));
    assertThat(loadLatest().orElseThrow().step()).isEqualTo(2_000_000_000);
    store.save(3_000_000_000L, arrays(3, 3), NO_SETTINGS);
    assertThat(files())
        .containsExactly(
            "checkpoint-1000000000.safetensors",
            "checkpoint-2000000000.safetensors",
            "checkpoint-3000000000.safetensors",
            "results.json");
  }

  @Test
  void anEmptyOrMissingDirectoryHasNone() throws IOException {
    assertThat(loadLatest()).isEmpty();
    CheckpointStore store = new CheckpointStore(directory.resolve("a/b"), 1);
    assertThat(store.loadLatest(warnings::add)).isEmpty();
    store.save(0, arrays(0, 3), NO_SETTINGS);
    assertThat(store.loadLatest(warnings::add).orElseThrow().step()).isZero();
  }

  @Test
  void findsEveryFlippedBit() throws IOException {
    Path file = save(1);
    int bits = Math.toIntExact(Files.size(file)) * 8;
    assertThat(bits).isGreaterThan(2000);
    for (int bit = 0; bit < bits; bit++) {
      flip(file, bit);
      assertThatThrownBy(() -> CheckpointStore.load(file))
          .as("bit %d", bit)
          .isInstanceOf(ArrayFileException.class)
          .hasMessageStartingWith(file + ": ");
      flip(file, bit);
    }
    assertThat(CheckpointStore.load(file).step()).isEqualTo(1);
  }

  @Test
  void findsEveryTruncationAndExtension() throws IOException {
    Path file = save(1);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length <= whole.length + 100; length++) {
      if (length != whole.length) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertThatThrownBy(() -> CheckpointStore.load(file))
            .as("length %d", length)
            .isInstanceOf(ArrayFileException.class)
            .hasMessageStartingWith(file + ": ");
      }
    }
  }

  @Test
  void usesTheOneBeforeADamagedOneAndSaysSo() throws Exception {
    save(1);
    Path damaged = save(2);
    byte[] bytes = Files.readAllBytes(damaged);
    String recorded = digest(bytes);
    flip(damaged, bytes.length * 8 - 1);
    assertThat(loadLatest().orElseThrow().step()).isEqualTo(1);
    assertThat(warnings)
        .containsExactly(
            damaged
                + ": is damaged, its SHA-256 is "
                + digest(Files.readAllBytes(damaged))
                + ", expected "
                + recorded
                + "; checkpoint-000000001.safetensors of step 1 is used instead");
    assertThat(files())
        .containsExactly("checkpoint-000000001.safetensors", "checkpoint-000000002.safetensors");
  }

  @Test
  void aDamagedOneNeverCountsAsKept() throws IOException {
    save(1);
    Path damaged = save(5);
    flip(damaged, 1000);
    CheckpointStore store = new CheckpointStore(directory, 2);
    assertThat(store.loadLatest(warnings::add).orElseThrow().step()).isEqualTo(1);
    store.save(3, arrays(3, 3), NO_SETTINGS);
    assertThat(files())
        .containsExactly("checkpoint-000000001.safetensors", "checkpoint-000000003.safetensors");
  }

  @Test
  void aDamagedOneCanBeMadeAgain() throws IOException {
    save(1);
    flip(save(5), 1000);
    CheckpointStore store = new CheckpointStore(directory, 2);
    assertThat(store.loadLatest(warnings::add).orElseThrow().step()).isEqualTo(1);
    store.save(5, arrays(5, 3), NO_SETTINGS);
    store.save(6, arrays(6, 3), NO_SETTINGS);
    assertThat(files())
        .containsExactly("checkpoint-000000005.safetensors", "checkpoint-000000006.safetensors");
    warnings.clear();
    assertThat(loadLatest().orElseThrow().step()).isEqualTo(6);
    assertThat(warnings).isEmpty();
  }

  @Test
  void neverStartsAnewSilently() throws IOException {
    Path first = save(1);
    Path second = save(2);
    Files.write(first, latin1("PK"));
    Files.write(second, new byte[200]);
    assertThatThrownBy(this::loadLatest)
        .isInstanceOf(ArrayFileException.class)
        .hasMessage(
            directory
                + ": no checkpoint is whole, remove them to start anew ("
                + second
                + ": does not begin like a checkpoint, it is damaged or no checkpoint; "
                + first
                + ": is 2 bytes long, too short for a checkpoint)");
    assertThat(warnings).isEmpty();
  }

  @Test
  void refusesToHideALaterOne() throws IOException {
    save(1);
    save(5);
    assertThatThrownBy(() -> save(3))
        .isInstanceOf(IOException.class)
        .hasMessage(
            directory.resolve("checkpoint-000000003.safetensors")
                + ": cannot be written, checkpoint-000000005.safetensors of a later step is there");
    assertThat(loadLatest().orElseThrow().step()).isEqualTo(5);
  }

  @Test
  void refusesAnotherVersionInsteadOfGoingBack() throws Exception {
    save(1);
    Path file = save(2);
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    byte[] bytes = latin1(text.replace("\"version\":\"1\"", "\"version\":\"2\""));
    System.arraycopy(latin1(digest(bytes)), 0, bytes, DIGEST_AT, 64);
    Files.write(file, bytes);
    assertThatThrownBy(this::loadLatest)
        .isExactlyInstanceOf(IOException.class)
        .hasMessage(file + ": version is 2, expected 1");
  }

  @Test
  void refusesARenamedOne() throws IOException {
    Path file = save(2);
    Path renamed = directory.resolve("checkpoint-000000009.safetensors");
    Files.copy(file, renamed);
    assertThat(loadLatest().orElseThrow().step()).isEqualTo(2);
    assertThat(warnings)
        .containsExactly(
            renamed
                + ": is of step 2, expected the step in its name;"
                + " checkpoint-000000002.safetensors of step 2 is used instead");
  }

  @Test
  void refusesWrongArguments() {
    assertThatThrownBy(() -> new CheckpointStore(directory, 0))
        .hasMessage("checkpoints: keep is 0, at least 1 expected");
    assertThatThrownBy(() -> save(-1))
        .hasMessage("checkpoints: step is -1, expected 0 to 999999999999999999");
  }

  @Test
  void saysThatItsDirectoryCannotBeMade() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> new CheckpointStore(file, 2).save(1, arrays(1, 3), NO_SETTINGS))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": cannot be made, a file is in its place");
  }

  /** Runs as a program of its own: saves forever, or once with an array of the given size. */
  static final class Child {
    static final int SIZE = 50_000;

    public static void main(String[] arguments) throws IOException {
      CheckpointStore store = new CheckpointStore(Path.of(arguments[0]), 2);
      long step =
          store.loadLatest(System.out::println).map(CheckpointStore.Loaded::step).orElse(0L);
      int size = arguments.length > 1 ? Integer.parseInt(arguments[1]) : SIZE;
      try {
        do {
          step++;
          store.save(step, arrays(step, size), NO_SETTINGS);
          System.out.println(step);
        } while (arguments.length == 1);
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private Process child(String before, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "-c", before + "exec \"$0\" \"$@\""));
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-Xmx64m", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", classPath(), Child.class.getName(), directory.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String classPath() throws URISyntaxException {
    List<String> places = new ArrayList<>();
    for (Class<?> type : List.of(Child.class, CheckpointStore.class, JsonFactory.class)) {
      places.add(
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    return String.join(File.pathSeparator, places);
  }

  @Test
  void survivesBeingKilledAtAnyMoment() throws Exception {
    Random random = new Random(1);
    long last = 0;
    for (int kill = 0; kill < 10; kill++) {
      Process child = child("");
      try (BufferedReader out = child.inputReader()) {
        last = Long.parseLong(out.readLine());
        Thread.sleep(random.nextInt(60));
        child.toHandle().destroyForcibly(); // which leaves its output readable
        for (String line : out.lines().toList()) {
          last = Math.max(last, Long.parseLong(line)); // a line cut off is a smaller number
        }
        assertThat(child.waitFor()).isEqualTo(128 + 9);
      }
      CheckpointStore.Loaded loaded = loadLatest().orElseThrow();
      assertThat(warnings).isEmpty();
      assertThat(loaded.step()).isGreaterThanOrEqualTo(last);
      SequencedMap<String, HostArray> expected = arrays(loaded.step(), Child.SIZE);
      expected.forEach((name, array) -> assertSame(loaded.arrays().get(name), array));
    }
    save(1_000_000);
    assertThat(files()).hasSize(2).last().isEqualTo("checkpoint-001000000.safetensors");
  }

  /** A limit on the size of files is a full disk that needs no root. */
  @Test
  void aFullDiskLeavesTheOneBefore() throws Exception {
    save(1);
    Process child = child("ulimit -f 64; ", "100000");
    String printed;
    try (BufferedReader out = child.inputReader()) {
      printed = out.lines().collect(Collectors.joining("\n"));
    }
    assertThat(child.waitFor()).isZero();
    assertThat(printed)
        .isEqualTo(
            directory.resolve("checkpoint-000000002.safetensors")
                + ": cannot be written, File too large");
    assertThat(files()).containsExactly("checkpoint-000000001.safetensors");
    assertThat(loadLatest().orElseThrow().step()).isEqualTo(1);
  }
}
