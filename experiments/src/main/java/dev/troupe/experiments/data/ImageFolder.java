package dev.troupe.experiments.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.kernels.Permutation;
import dev.troupe.kernels.Philox;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.io.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * PNG and JPEG files with labels, in one of three layouts:
 *
 * <ul>
 *   <li>{@code labels.csv} with the columns {@code file}, {@code label}, and where it matters
 *       {@code patient} or {@code slide}, and {@code split} (train or test);
 *   <li>{@code train/CLASS/*.png} and {@code test/CLASS/*.png};
 *   <li>{@code CLASS/*.png}.
 * </ul>
 *
 * <p>Where no split is given, a share of the patients or slides, or else of the images, is kept for
 * the test. No patient is in both splits: images of one patient resemble each other, and a
 * classifier that has seen some of them would be measured on what it knows.
 */
public final class ImageFolder {
  /** The file with labels. */
  public static final String LABELS = "labels.csv";

  /** Columns that name what must not be divided; the first that is there counts. */
  private static final List<String> GROUPS = List.of("patient", "slide");

  /**
   * How images become alike, and how they are divided where the folder does not say.
   *
   * @param size height and width of each image
   * @param fit what is done to images of another size
   * @param channels 3, or 1 for luminance
   * @param testShare the share that is kept for the test, where the folder has no split; in (0, 1)
   * @param seed which patients these are
   */
  public record Options(int size, Fit fit, int channels, double testShare, long seed) {
    /** Checks the numbers. */
    public Options {
      if (size < 1
          || size > 1 << 12
          || (channels != 1 && channels != 3)
          || !(testShare > 0 && testShare < 1)) {
        throw new IllegalArgumentException(
            "image folder: size "
                + size
                + ", "
                + channels
                + " channels, test share "
                + testShare
                + ", expected 1 to 4096, 1 or 3, and more than 0 but less than 1");
      }
    }
  }

  /**
   * @param group the patient or slide, or null
   * @param split null where the folder does not say
   */
  private record Entry(Path file, String label, String group, Split split) {}

  private ImageFolder() {}

  /**
   * Reads one split; files are decoded on all cores.
   *
   * @throws DataFileException if a file is no image, or what the folder says is inconsistent
   */
  public static ImageSet read(String name, Path folder, Split split, Options options)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new DataFileException(folder + ": is no directory, expected a folder of images");
    }
    Path labels = folder.resolve(LABELS);
    List<Entry> all = Files.exists(labels) ? listed(folder, labels) : inFolders(folder);
    if (all.isEmpty()) {
      throw new DataFileException(
          folder + ": has no images, expected " + LABELS + " or a folder for each class");
    }
    List<String> classes = classes(all);
    List<Entry> chosen = divided(folder, all, options).get(split);
    if (chosen.isEmpty()) {
      throw new DataFileException(folder + ": has no images to " + split + " with");
    }
    return decoded(name, folder, split, chosen, classes, options);
  }

  private static List<String> classes(List<Entry> entries) {
    Set<String> classes = new TreeSet<>();
    entries.forEach(entry -> classes.add(entry.label));
    List<String> sorted = new ArrayList<>(classes);
    if (classes.stream().allMatch(label -> label.matches("\\d+"))) {
      sorted.sort(Comparator.comparing(BigInteger::new)); // 2 before 10
    }
    return sorted;
  }

  private static List<Entry> listed(Path folder, Path file) throws IOException {
    Csv.Table table = Csv.read(file);
    int files = table.column("file");
    int labels = table.column("label");
    int splits = table.column("split");
    int groups = GROUPS.stream().mapToInt(table::column).filter(c -> c >= 0).findFirst().orElse(-1);
    if (files < 0 || labels < 0) {
      throw new DataFileException(
          file + ": the columns are " + table.header() + ", expected file and label among them");
    }
    Set<Path> seen = new HashSet<>();
    List<Entry> entries = new ArrayList<>();
    for (Csv.Row row : table.rows()) {
      String at = file + ": line " + row.line() + ": ";
      Path image = inside(folder, row.fields().get(files), at);
      if (!seen.add(image)) {
        throw new DataFileException(at + row.fields().get(files) + " is listed twice");
      }
      String label = row.fields().get(labels).strip();
      String group = groups < 0 ? null : row.fields().get(groups).strip();
      if (label.isEmpty() || (group != null && group.isEmpty())) {
        throw new DataFileException(
            at + "the " + (label.isEmpty() ? "label" : table.header().get(groups)) + " is empty");
      }
      entries.add(
          new Entry(image, label, group, splits < 0 ? null : split(row.fields().get(splits), at)));
    }
    return entries;
  }

  /** A path that may not lead out of the folder. */
  private static Path inside(Path folder, String text, String at) throws DataFileException {
    Path root = folder.toAbsolutePath().normalize();
    Path path;
    try {
      path = root.resolve(text).normalize();
    } catch (InvalidPathException e) {
      throw new DataFileException(at + "'" + text + "' is no path", e);
    }
    if (!path.startsWith(root) || path.equals(root)) {
      throw new DataFileException(at + "'" + text + "' is outside of " + folder);
    }
    return folder.resolve(root.relativize(path));
  }

  private static Split split(String text, String at) throws DataFileException {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "train" -> Split.TRAIN;
      case "test" -> Split.TEST;
      default ->
          throw new DataFileException(
              at + "the split is '" + text.strip() + "', expected train or test");
    };
  }

  private static List<Entry> inFolders(Path folder) throws IOException {
    Path train = folder.resolve("train");
    Path test = folder.resolve("test");
    if (Files.isDirectory(train) && Files.isDirectory(test)) {
      List<Entry> entries = inFolders(train, Split.TRAIN);
      entries.addAll(inFolders(test, Split.TEST));
      return entries;
    }
    return inFolders(folder, null);
  }

  private static List<Entry> inFolders(Path folder, Split split) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Path label : children(folder)) {
      if (Files.isDirectory(label)) {
        for (Path file : children(label)) {
          if (!file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(png|jpe?g)")) {
            throw new DataFileException(
                file
                    + ": is no PNG or JPEG file, expected nothing else in the folder of a class (a "
                    + LABELS
                    + " can say more)");
          }
          entries.add(new Entry(file, label.getFileName().toString(), null, split));
        }
      }
    }
    return entries;
  }

  /** What is in a folder and not hidden, in the order of the names. */
  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .sorted(Comparator.comparing(file -> file.getFileName().toString()))
          .toList();
    }
  }

  private static Map<Split, List<Entry>> divided(Path folder, List<Entry> all, Options options)
      throws DataFileException {
    Map<Split, List<Entry>> parts = new HashMap<>();
    for (Split split : Split.values()) {
      parts.put(split, new ArrayList<>());
    }
    if (all.getFirst().split != null) {
      Map<String, Entry> seen = new HashMap<>();
      for (Entry entry : all) {
        Entry first = entry.group == null ? null : seen.putIfAbsent(entry.group, entry);
        if (first != null && first.split != entry.split) {
          throw new DataFileException(
              folder.resolve(LABELS)
                  + ": '"
                  + entry.group
                  + "' is in both splits, with "
                  + first.file.getFileName()
                  + " to "
                  + first.split
                  + " and "
                  + entry.file.getFileName()
                  + " to "
                  + entry.split);
        }
        parts.get(entry.split).add(entry);
      }
      return parts;
    }
    Set<String> test = forTest(folder, all, options);
    for (Entry entry : all) {
      parts.get(test.contains(unit(entry)) ? Split.TEST : Split.TRAIN).add(entry);
    }
    return parts;
  }

  /** What is not divided: all images of a group, or the image. */
  private static String unit(Entry entry) {
    return entry.group == null ? entry.file.toString() : entry.group;
  }

  /** Groups in a keyed order, until they have the share of images that is wanted. */
  private static Set<String> forTest(Path folder, List<Entry> all, Options options)
      throws DataFileException {
    Map<String, Integer> sizes = new TreeMap<>();
    all.forEach(entry -> sizes.merge(unit(entry), 1, Integer::sum));
    List<String> units = List.copyOf(sizes.keySet());
    if (units.size() < 2) {
      throw new DataFileException(
          folder + ": has one patient, slide or image, expected two or more to divide");
    }
    Permutation order =
        new Permutation(units.size(), new Philox.Key(options.seed, 0, Rng.id("data.split"), 0));
    Set<String> test = new HashSet<>();
    double wanted = options.testShare * all.size();
    for (int i = 0, images = 0; i < units.size() - 1 && images < wanted; i++) {
      String unit = units.get(order.index(i));
      test.add(unit);
      images += sizes.get(unit);
    }
    return test;
  }

  private static ImageSet decoded(
      String name,
      Path folder,
      Split split,
      List<Entry> entries,
      List<String> classes,
      Options options)
      throws IOException {
    Frame frame = new Frame(options.channels, options.size, options.size);
    MemorySegment pixels = ImageSet.allocate((long) entries.size() * frame.size());
    Map<String, Integer> numbers = new LinkedHashMap<>();
    classes.forEach(label -> numbers.put(label, numbers.size()));
    int[] labels = new int[entries.size()];
    long[] bytes = new long[entries.size()];
    String[] sums = new String[entries.size()];
    try {
      IntStream.range(0, labels.length)
          .parallel()
          .forEach(i -> {
            Entry entry = entries.get(i);
            byte[] file = bytes(entry.file);
            byte[] image = fitted(entry.file.toString(), file, options);
            MemorySegment.copy(
                MemorySegment.ofArray(image), 0, pixels, (long) i * image.length, image.length);
            labels[i] = numbers.get(entry.label);
            bytes[i] = file.length;
            sums[i] = Sha256.of(file);
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    // One sum for all, as of the list that sha256sum would print.
    MessageDigest all = Sha256.start();
    long total = 0;
    for (int i = 0; i < sums.length; i++) {
      String line = sums[i] + "  " + folder.relativize(entries.get(i).file) + "\n";
      all.update(line.getBytes(UTF_8));
      total += bytes[i];
    }
    SourceFile source = new SourceFile(folder.toString(), total, Sha256.finish(all));
    return new ImageSet(name, split, frame, pixels, labels, classes, List.of(source));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] fitted(String name, byte[] file, Options options) {
    try {
      Picture picture = Picture.decode(name, file, options.channels);
      return options.fit.apply(picture.pixels(), picture.frame(), options.size);
    } catch (DataFileException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalArgumentException e) {
      throw new UncheckedIOException(new DataFileException(name + ": " + e.getMessage(), e));
    }
  }
}
