package dev.troupe.experiments.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.troupe.experiments.data.KnownSet.Format;
import dev.troupe.experiments.data.KnownSet.KnownFile;
import dev.troupe.experiments.data.KnownSet.Packed;
import dev.troupe.experiments.run.Console;
import dev.troupe.tensor.io.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a server on this machine, which can be told to misbehave. */
@Timeout(60)
class FetchTest {
  /** Longer than an answer takes on a busy machine; nothing here waits for it to pass. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path temp;
  private HttpServer server;
  private final Map<String, byte[]> content = new HashMap<>();

  /** What was asked for: path, and range if there was one. */
  private final List<String> requests = new ArrayList<>();

  private volatile boolean withRanges = true;

  /** After so many bytes a response breaks off; each is used once. */
  private final List<Integer> breaks = new ArrayList<>();

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String range = exchange.getRequestHeaders().getFirst("Range");
      requests.add(path + (range == null ? "" : " " + range));
      if (path.startsWith("/moved/")) {
        exchange.getResponseHeaders().set("Location", path.substring("/moved".length()));
        exchange.sendResponseHeaders(302, -1);
        return;
      }
      byte[] body = content.get(path);
      if (body == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      int from = 0;
      if (range != null && withRanges) {
        from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        if (from >= body.length) {
          exchange.getResponseHeaders().set("Content-Range", "bytes */" + body.length);
          exchange.sendResponseHeaders(416, -1);
          return;
        }
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes " + from + "-" + (body.length - 1) + "/" + body.length);
      }
      exchange.sendResponseHeaders(range != null && withRanges ? 206 : 200, body.length - from);
      int to = breaks.isEmpty() ? body.length : Math.min(body.length, from + breaks.removeFirst());
      exchange.getResponseBody().write(body, from, to - from);
      exchange.getResponseBody().flush();
    }
  }

  private URI address(String path) {
    return URI.create("http://localhost:" + server.getAddress().getPort() + path);
  }

  private static String sum(byte[] bytes) {
    return Sha256.of(bytes);
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    new SplittableRandom(1).nextBytes(bytes);
    return bytes;
  }

  private Download download(String path, byte[] expected) {
    return new Download(
        address(path),
        temp.resolve("deep/file"),
        OptionalLong.of(expected.length),
        sum(expected),
        PATIENCE);
  }

  private static void run(Download download) throws IOException {
    download.run((_, _) -> {});
  }

  private static void fails(Download download, String message) {
    assertThatThrownBy(() -> run(download))
        .isInstanceOf(IOException.class)
        .hasMessageMatching(message);
    assertThat(download.target()).doesNotExist();
  }

  @Test
  void downloadsAndTellsHowFarItIs() throws IOException {
    byte[] body = random(300_000);
    content.put("/f", body);
    List<Long> seen = new ArrayList<>();
    Download download = download("/f", body);
    download.run((done, total) -> {
      seen.add(done);
      assertThat(total).isEqualTo(300_000);
    });
    assertThat(download.target()).hasBinaryContent(body);
    assertThat(download.part()).doesNotExist();
    assertThat(seen).isSorted().endsWith(300_000L).hasSizeGreaterThan(2);
    assertThat(requests).containsExactly("/f");
  }

  @Test
  void goesOnWhereItWasInterrupted() throws IOException {
    byte[] body = random(300_000);
    content.put("/f", body);
    TestSets.write(temp.resolve("deep/file.part"), Arrays.copyOf(body, 123_456));
    Download download = download("/f", body);
    run(download);
    assertThat(download.target()).hasBinaryContent(body);
    assertThat(requests).containsExactly("/f bytes=123456-");
  }

  @Test
  void goesOnWithinOneCommandWhenTheTransferBreaks() throws IOException {
    byte[] body = random(300_000);
    content.put("/f", body);
    breaks.addAll(List.of(100_000, 50_000));
    Download download = download("/f", body);
    run(download);
    assertThat(download.target()).hasBinaryContent(body);
    assertThat(requests).containsExactly("/f", "/f bytes=100000-", "/f bytes=150000-");
  }

  @Test
  void givesUpWhenNothingMoreComesAndTheNextCommandGoesOn() throws IOException {
    byte[] body = random(300_000);
    content.put("/f", body);
    breaks.addAll(List.of(100_000, 0));
    Download download = download("/f", body);
    fails(
        download,
        "http://localhost:\\d+/f: the transfer (broke|ended) after .*; the same command goes on"
            + " from byte 100000");
    assertThat(download.part()).hasSize(100_000);
    run(download);
    assertThat(download.target()).hasBinaryContent(body);
    assertThat(requests.getLast()).isEqualTo("/f bytes=100000-");
  }

  @Test
  void beginsAnewWithAServerWithoutRanges() throws IOException {
    byte[] body = random(300_000);
    content.put("/f", body);
    withRanges = false;
    TestSets.write(temp.resolve("deep/file.part"), new byte[123_456]);
    Download download = download("/f", body);
    run(download);
    assertThat(download.target()).hasBinaryContent(body);
    assertThat(requests).containsExactly("/f bytes=123456-");
  }

  @Test
  void aPartThatIsWholeOrTooLong() throws IOException {
    byte[] body = random(1000);
    content.put("/f", body);
    TestSets.write(temp.resolve("deep/file.part"), body);
    run(download("/f", body));
    assertThat(temp.resolve("deep/file")).hasBinaryContent(body);
    assertThat(requests).isEmpty();

    TestSets.write(temp.resolve("deep/file.part"), random(2000));
    run(download("/f", body));
    assertThat(temp.resolve("deep/file")).hasBinaryContent(body);

    // of unknown size: the server says that there is no more, and it begins anew
    TestSets.write(temp.resolve("deep/file.part"), random(1000));
    Download unknown =
        new Download(
            address("/f"), temp.resolve("deep/file"), OptionalLong.empty(), sum(body), PATIENCE);
    run(unknown);
    assertThat(requests).containsExactly("/f", "/f bytes=1000-", "/f");
  }

  @Test
  void refusesAnotherChecksum() throws IOException {
    byte[] body = random(1000);
    byte[] other = body.clone();
    other[500]++;
    content.put("/f", other);
    Download download = download("/f", body);
    fails(
        download,
        "http://localhost:\\d+/f: the SHA-256 of what it sent is "
            + sum(other)
            + ", expected "
            + sum(body)
            + "; it was thrown away");
    assertThat(download.part()).doesNotExist();
  }

  @Test
  void refusesAnotherSize() {
    content.put("/f", random(1001));
    fails(
        download("/f", random(1000)),
        "http://localhost:\\d+/f: the server has 1001 bytes, expected 1000");
  }

  @Test
  void tellsWhatTheServerSays() {
    fails(
        download("/none", random(10)),
        "http://localhost:\\d+/none: the server answers 404 Not Found, expected 200 or the rest of"
            + " the file");
    server.stop(0);
    fails(
        download("/f", random(10)),
        "http://localhost:\\d+/f: the server cannot be reached \\(Connection refused\\)");
  }

  @Test
  void followsRedirections() throws IOException {
    byte[] body = random(1000);
    content.put("/f", body);
    Download download = download("/moved/moved/f", body);
    run(download);
    assertThat(download.target()).hasBinaryContent(body);
    Files.delete(download.target());
    fails(
        download("/moved".repeat(6) + "/g", body),
        "http://localhost:\\d+/moved.*: leads on more than 5 times");
  }

  @Test
  void waitsOnlySoLong() throws IOException {
    server.createContext(
        "/slow",
        exchange -> {
          exchange.sendResponseHeaders(200, 10);
          exchange.getResponseBody().write(new byte[4]);
          exchange.getResponseBody().flush(); // and no more
        });
    // On a busy machine the four bytes, too, may take longer than a little.
    Path part = temp.resolve("slow.part");
    for (int millis = 300; Files.notExists(part) || Files.size(part) == 0; millis *= 3) {
      Download slow =
          new Download(
              address("/slow"),
              temp.resolve("slow"),
              OptionalLong.of(10),
              sum(new byte[10]),
              Duration.ofMillis(millis));
      fails(slow, "(?s).*/slow: .*");
    }
    assertThat(part).hasSize(4);
  }

  @Test
  void twoAtOnceAreRefused() throws IOException {
    Path part = TestSets.write(temp.resolve("deep/file.part"), new byte[0]);
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      fails(download("/f", random(10)), ".*file.part: is being downloaded by another process");
    }
  }

  @Test
  void aFullDiskIsNamedAndNoOtherAddressIsTried() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "there is no /dev/full, which a full disk is tried with");
    byte[] train = TestSets.cifar10(1, 2);
    byte[] archive = ArchiveTest.tarGz(new ArchiveTest.Entry('0', "tiny/1.bin", train));
    content.put("/a/tiny.tar.gz", archive);
    KnownSet set = cifar(archive, train, train, "/a/", "/b/");
    Path part = Files.createDirectory(temp.resolve("data")).resolve("tiny.tar.gz.part");
    Files.createSymbolicLink(part, full);
    assertThatThrownBy(() -> fetch(set).set(set))
        .isInstanceOf(FileSystemException.class)
        .hasMessage(part + ": No space left on device");
    assertThat(requests).containsExactly("/a/tiny.tar.gz");
    Files.delete(part); // rather than by whoever clears the folder
  }

  private Fetch fetch(KnownSet... sets) {
    Console console =
        new Console(
            new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
            new PrintStream(err, true, UTF_8),
            false);
    return new Fetch(new DataDirectory(temp.resolve("data"), List.of(sets)), console, PATIENCE);
  }

  private String said() {
    return err.toString(UTF_8);
  }

  private static KnownFile known(Split split, String name, int images, byte[] bytes, boolean sum) {
    return new KnownFile(
        split, name, images, bytes.length, sum ? Optional.of(sum(bytes)) : Optional.empty());
  }

  private KnownSet cifar(byte[] archive, byte[] train, byte[] test, String... prefixes) {
    return new KnownSet(
        "tiny-10",
        "tiny",
        Format.CIFAR_10,
        Cifar.FRAME,
        10,
        TestSets.DIGITS,
        List.of(
            known(Split.TRAIN, "1.bin", 2, train, false),
            known(Split.TEST, "t.bin", 1, test, true)),
        Optional.of(new Packed("tiny.tar.gz", archive.length, sum(archive))),
        Arrays.stream(prefixes).map(prefix -> address(prefix).toString()).toList(),
        "",
        "");
  }

  @Test
  void fetchesAndUnpacksAnArchive() throws IOException {
    byte[] train = TestSets.cifar10(1, 2);
    byte[] test = TestSets.cifar10(3);
    byte[] archive =
        ArchiveTest.tarGz(
            new ArchiveTest.Entry('0', "tiny/1.bin", train),
            new ArchiveTest.Entry('0', "tiny/t.bin", test),
            ArchiveTest.Entry.file("tiny/readme.html", "hello"));
    content.put("/good/tiny.tar.gz", archive);
    KnownSet set = cifar(archive, train, test, "/bad/", "/good/");
    Fetch fetch = fetch(set);
    fetch.set(set);
    Path data = temp.resolve("data");
    assertThat(fetch.data().read("tiny-10", Split.TRAIN).labels()).containsExactly(1, 2);
    assertThat(said())
        .contains("/bad/tiny.tar.gz: the server answers 404 Not Found")
        .contains("; trying the next address\n")
        .contains("tiny.tar.gz, KiB: ")
        .contains("unpacking " + data + "/tiny.tar.gz\n");
    assertThat(Checksums.list(data))
        .containsOnlyKeys("tiny/1.bin", "tiny/t.bin", "tiny/readme.html")
        .containsEntry("tiny/1.bin", sum(train));
    try (var files = Files.list(data)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder("tiny", "SHA256SUMS");
    }

    // again: nothing is asked for; what is damaged meanwhile is replaced
    requests.clear();
    fetch.set(set);
    assertThat(requests).isEmpty();
    Files.write(data.resolve("tiny/1.bin"), TestSets.cifar10(1, 3));
    fetch.set(set);
    assertThat(requests).hasSize(2);
    assertThat(data.resolve("tiny/1.bin")).hasBinaryContent(train);
    assertThat(said()).contains("; it is fetched anew");
  }

  @Test
  void refusesAnArchiveOfOtherFiles() throws IOException {
    byte[] train = TestSets.cifar10(1);
    byte[] archive = ArchiveTest.tarGz(new ArchiveTest.Entry('0', "other/1.bin", train));
    content.put("/tiny.tar.gz", archive);
    KnownSet set = cifar(archive, train, train, "/");
    assertThatThrownBy(() -> fetch(set).set(set))
        .isInstanceOf(DataFileException.class)
        .hasMessage(temp + "/data/tiny.tar.gz: has the file other/1.bin, expected all in tiny");
    assertThat(temp.resolve("data/other")).doesNotExist();
  }

  @Test
  void fetchesSingleFiles() throws IOException {
    byte[] images = TestSets.gzip(TestSets.idxImages(2, 4, 4));
    byte[] labels = TestSets.gzip(TestSets.idxLabels(1, 2));
    content.put("/i.gz", images);
    content.put("/l.gz", labels);
    KnownSet set =
        new KnownSet(
            "tiny-mnist",
            "tiny-mnist",
            Format.IDX,
            new Frame(1, 4, 4),
            10,
            TestSets.DIGITS,
            List.of(
                known(Split.TRAIN, "i.gz", 2, images, true),
                known(Split.TRAIN, "l.gz", 2, labels, true)),
            Optional.empty(),
            List.of(address("/").toString()),
            "",
            "");
    Fetch fetch = fetch(set);
    fetch.set(set);
    assertThat(fetch.data().read("tiny-mnist", Split.TRAIN).labels()).containsExactly(1, 2);
    Files.delete(temp.resolve("data/tiny-mnist/l.gz"));
    fetch.set(set);
    assertThat(requests).containsExactly("/i.gz", "/l.gz", "/l.gz");
  }

  @Test
  void fetchesAnArchiveOfTheUsersOwn() throws IOException {
    byte[] archive =
        ArchiveTest.zip(
            ArchiveTest.Entry.file("labels.csv", "file,label\n"),
            ArchiveTest.Entry.file("x/a.png", "no image"));
    content.put("/own.zip", archive);
    Fetch fetch = fetch();
    fetch.archive("own", address("/own.zip"), sum(archive));
    assertThat(temp.resolve("data/own/x/a.png")).hasContent("no image");
    assertThatThrownBy(() -> fetch.archive("own", address("/own.zip"), sum(archive)))
        .hasMessage(temp + "/data/own: is there already, expected a new name");
    assertThat(temp.resolve("data/SHA256SUMS")).content().contains("  own/x/a.png");
  }

  @Test
  void ofAnArchiveOfAFolderTheFolderIsTheSet() throws IOException {
    fetchOwn("classes", "top/a/1.png", "top/b/2.png");
    assertThat(temp.resolve("data/classes/a/1.png")).hasContent("no image");
    assertThat(temp.resolve("data/SHA256SUMS")).content().contains("  classes/b/2.png");
    fetchOwn("listed", "top/labels.csv", "top/2.png");
    assertThat(temp.resolve("data/listed/labels.csv")).exists();
    fetchOwn("flat", "a/1.png", "a/2.png");
    assertThat(temp.resolve("data/flat/a/2.png")).exists();
    fetchOwn("split", "train/a/1.png", "train/b/2.png");
    assertThat(temp.resolve("data/split/train/b/2.png")).exists();
    try (Stream<Path> left = Files.list(temp.resolve("data"))) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("SHA256SUMS", "classes", "flat", "listed", "split");
    }
  }

  private void fetchOwn(String name, String... files) throws IOException {
    byte[] archive =
        ArchiveTest.zip(
            Arrays.stream(files)
                .map(file -> ArchiveTest.Entry.file(file, "no image"))
                .toArray(ArchiveTest.Entry[]::new));
    content.put("/own.zip", archive);
    fetch().archive(name, address("/own.zip"), sum(archive));
  }
}
