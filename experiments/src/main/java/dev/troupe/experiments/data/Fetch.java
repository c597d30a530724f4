package dev.troupe.experiments.data;

import dev.troupe.experiments.data.KnownSet.KnownFile;
import dev.troupe.experiments.data.KnownSet.Packed;
import dev.troupe.experiments.run.Console;
import dev.troupe.experiments.run.Progress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Gets data sets: downloads, verifies, unpacks. Whatever is there and right is left alone.
 *
 * @param data where to
 * @param console told of what happens
 * @param patience how long to wait for a server that sends nothing
 */
public record Fetch(DataDirectory data, Console console, Duration patience) {
  /** What a set's archive unpacks to, in files, at most. */
  private static final int FILES = 100;

  /** The same for archives of users, such as one patch a file. */
  private static final Archive.Limits OWN = new Archive.Limits(1L << 37, 10_000_000);

  /**
   * Gets a published set.
   *
   * @throws IOException if it cannot be had; what was downloaded stays and is gone on with
   */
  public void set(KnownSet set) throws IOException {
    boolean wanted = false;
    for (KnownFile file : set.files()) {
      if (isRight(set, file)) {
        console.note(data.locate(set, file) + ": is there, " + data.verify(set, file));
        continue;
      }
      wanted = true;
      if (set.archive().isEmpty()) {
        Path target = data.path().resolve(set.folder()).resolve(file.name());
        download(set, file.name(), target, file.bytes(), file.sha256().orElseThrow());
      }
    }
    if (wanted && set.archive().isPresent()) {
      Packed packed = set.archive().get();
      Path archive = data.path().resolve(packed.name());
      download(set, packed.name(), archive, packed.bytes(), packed.sha256());
      long limit = 2 * set.files().stream().mapToLong(KnownFile::bytes).sum() + (1 << 20);
      unpack(archive, data.path(), set.folder(), new Archive.Limits(limit, FILES));
      Files.delete(archive);
      for (KnownFile file : set.files()) {
        data.verify(set, file);
      }
    }
  }

  /**
   * Gets an archive of images of the user's own, into a folder of its own, which is there once it
   * is whole. Where the archive has one folder with all of the set in it, that is the folder.
   *
   * @param name the folder; not there yet
   * @param sha256 of the archive
   */
  public void archive(String name, URI address, String sha256) throws IOException {
    Path folder = data.path().resolve(name);
    if (Files.exists(folder)) {
      throw new DataFileException(folder + ": is there already, expected a new name");
    }
    Path archive = data.path().resolve("." + name + ".archive");
    download(address, archive, OptionalLong.empty(), sha256);
    Path beside = unpacked(archive);
    try {
      List<Path> files = Archive.unpack(archive, beside, OWN);
      Path top = top(beside);
      Map<String, String> sums = new TreeMap<>();
      for (Path file : files) {
        Path from = beside.resolve(file);
        Path to = folder.resolve(top.relativize(from));
        sums.put(data.path().relativize(to).toString(), Checksums.sha256(from));
      }
      Checksums.add(data.path(), sums);
      Files.move(top, folder, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(beside);
    }
    Files.delete(archive);
  }

  /** The folder that has the set: the one that an archive was made of, or all of the archive. */
  private static Path top(Path unpacked) throws IOException {
    List<Path> entries = entries(unpacked);
    if (entries.size() != 1 || !Files.isDirectory(entries.getFirst())) {
      return unpacked;
    }
    Path only = entries.getFirst();
    boolean split = Arrays.stream(Split.values()).anyMatch(s -> only.endsWith(s.toString()));
    boolean set = entries(only).stream().anyMatch(Files::isDirectory);
    return set && !split || Files.exists(only.resolve("labels.csv")) ? only : unpacked;
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  private boolean isRight(KnownSet set, KnownFile file) throws IOException {
    Path place = data.locate(set, file);
    if (!Files.exists(place)) {
      return false;
    }
    try {
      data.verify(set, file);
      return true;
    } catch (DataFileException e) {
      console.note(e.getMessage() + "; it is fetched anew");
      return false;
    }
  }

  /** From the first of the addresses that has it. */
  private void download(KnownSet set, String name, Path target, long bytes, String sha256)
      throws IOException {
    if (Files.exists(target) && Checksums.sha256(target).equals(sha256)) {
      return;
    }
    Files.createDirectories(target.getParent());
    List<String> addresses = set.addresses();
    for (int i = 0; i < addresses.size(); i++) {
      try {
        download(URI.create(addresses.get(i) + name), target, OptionalLong.of(bytes), sha256);
        return;
      } catch (FileSystemException e) {
        throw e; // no address helps where it cannot be written
      } catch (IOException e) {
        if (i == addresses.size() - 1) {
          throw e;
        }
        console.note(e.getMessage() + "; trying the next address");
      }
    }
  }

  private void download(URI address, Path target, OptionalLong bytes, String sha256)
      throws IOException {
    console.note("downloading " + address);
    Meter meter = new Meter(console, target.getFileName().toString());
    try {
      new Download(address, target, bytes, sha256, patience).run(meter);
    } finally {
      meter.close();
    }
    console.note(target + ": SHA-256 as expected");
  }

  /** A bar, once it is known how long it is to be. */
  private static final class Meter implements Download.Meter {
    private static final int UNIT = 1 << 10;

    private final Console console;
    private final String name;
    private Progress bar;

    Meter(Console console, String name) {
      this.console = console;
      this.name = name;
    }

    @Override
    public void at(long done, long total) {
      if (bar == null && total >= 0) {
        bar = Progress.start(console, name + ", KiB", done / UNIT, total / UNIT);
      }
      if (bar != null) {
        bar.step(done / UNIT);
      }
    }

    void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }

  /** An empty folder in which to unpack an archive. */
  private Path unpacked(Path archive) throws IOException {
    console.note("unpacking " + archive);
    Path beside = data.path().resolve(".unpacking-" + archive.getFileName());
    delete(beside); // of a process that was killed
    return Files.createDirectory(beside);
  }

  /**
   * Unpacks beside the target and moves the files there once all are out.
   *
   * @param folder what all their names have to begin with
   */
  private void unpack(Path archive, Path target, String folder, Archive.Limits limits)
      throws IOException {
    Path beside = unpacked(archive);
    try {
      List<Path> files = Archive.unpack(archive, beside, limits);
      Map<String, String> sums = new TreeMap<>();
      for (Path file : files) {
        if (!file.startsWith(folder)) {
          throw new DataFileException(
              archive + ": has the file " + file + ", expected all in " + folder);
        }
        Path to = target.resolve(file);
        sums.put(data.path().relativize(to).toString(), Checksums.sha256(beside.resolve(file)));
        Files.createDirectories(to.getParent());
        Files.move(
            beside.resolve(file),
            to,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
      Checksums.add(data.path(), sums);
    } finally {
      delete(beside);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(directory)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}
