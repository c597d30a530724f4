package dev.troupe.experiments.data;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Nearest;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.data.KnownSet.Format;
import dev.troupe.experiments.data.KnownSet.KnownFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the data sets are: each has a folder in it. What is read is checked against the sizes and
 * checksums of the published files, and refused where it differs.
 *
 * @param path the directory
 * @param known the published sets; any other name is a folder of images ({@link ImageFolder})
 */
public record DataDirectory(Path path, List<KnownSet> known) {
  /** The environment variable that stands in for {@code --data}. */
  public static final String VARIABLE = "TROUPE_DATA";

  /** What a two-class name ends in. */
  private static final String TWO = "-ii";

  private static final String CIFAR_NAMES = "batches.meta.txt";
  private static final String CIFAR_100_NAMES = "fine_label_names.txt";

  /**
   * The directory that the user names.
   *
   * @param option what {@code --data} says, or null
   * @throws UserException with {@link ExitCode#USAGE} if neither it nor the variable is given
   */
  public static DataDirectory of(String option) {
    String text = option == null ? System.getenv(VARIABLE) : option;
    if (text == null || text.isEmpty()) {
      throw new UserException(
          ExitCode.USAGE, "data: where is it? give --data DIR, or set " + VARIABLE);
    }
    try {
      return new DataDirectory(Path.of(text), KnownSets.all());
    } catch (InvalidPathException e) {
      throw new UserException(ExitCode.USAGE, "--data: '" + text + "' is no path", e);
    }
  }

  /** The known set of a name, {@code cifar-10} or its two-class form {@code cifar-ii}. */
  public Optional<KnownSet> find(String name) {
    return known.stream()
        .filter(set -> set.name().equals(name) || twoClassName(set).equals(Optional.of(name)))
        .findFirst();
  }

  /**
   * As {@link #find}.
   *
   * @throws UserException with {@link ExitCode#USAGE} if no published set is called so
   */
  public KnownSet named(String name) {
    return find(name)
        .orElseThrow(() -> {
          List<String> names = known.stream().map(KnownSet::name).toList();
          return new UserException(
              ExitCode.USAGE,
              "unknown data set '"
                  + name
                  + "'"
                  + Nearest.to(name, names)
                      .map(near -> "; did you mean '" + near + "'?")
                      .orElse("; 'troupe data list' shows all"));
        });
  }

  /** The name of a set's two-class form, as {@code fashion-ii}; sets of ten classes have one. */
  public static Optional<String> twoClassName(KnownSet set) {
    return set.classes() == 10
        ? Optional.of(set.name().replaceFirst("-(10|mnist)$", "") + TWO)
        : Optional.empty();
  }

  /** Where a file of a set is; of a packed IDX file also its unpacked form, if that is there. */
  public Path locate(KnownSet set, KnownFile file) {
    Path place = path.resolve(set.folder()).resolve(file.name());
    if (set.format() == Format.IDX && !Files.exists(place)) {
      Path unpacked = place.resolveSibling(file.name().replaceFirst("\\.gz$", ""));
      return Files.exists(unpacked) ? unpacked : place;
    }
    return place;
  }

  /** The files of a split that are not there. */
  public List<Path> missing(KnownSet set, Split split) {
    return set.files(split).stream()
        .map(file -> locate(set, file))
        .filter(file -> !Files.exists(file))
        .toList();
  }

  /**
   * Reads a published set, all of it, or in its two-class form.
   *
   * @throws IOException if a file is missing, or is not the published one
   * @throws UserException with {@link ExitCode#USAGE} if no published set is called so
   */
  public ImageSet read(String name, Split split) throws IOException {
    KnownSet set = named(name);
    List<Path> missing = missing(set, split);
    if (!missing.isEmpty()) {
      throw new DataFileException(
          missing.getFirst()
              + ": is missing"
              + (missing.size() > 1 ? ", and " + (missing.size() - 1) + " more files" : "")
              + "; 'troupe data fetch "
              + set.name()
              + "' gets the set");
    }
    return readPresent(name, split);
  }

  /**
   * Reads those files of a published set that are there. With CIFAR-10 this can be a part of the
   * training images, which {@link ImageSet#sources} shows.
   *
   * @throws IOException if none is there, or one is not the published one
   * @throws UserException with {@link ExitCode#USAGE} if no published set is called so
   */
  public ImageSet readPresent(String name, Split split) throws IOException {
    KnownSet set = named(name);
    List<KnownFile> files =
        set.files(split).stream().filter(file -> Files.exists(locate(set, file))).toList();
    boolean complete = files.size() == set.files(split).size();
    if (files.isEmpty() || (set.format() == Format.IDX && !complete)) {
      throw new DataFileException(
          missing(set, split).getFirst()
              + ": is missing; 'troupe data fetch "
              + set.name()
              + "' gets the set");
    }
    List<Path> paths = files.stream().map(file -> locate(set, file)).toList();
    for (int i = 0; i < files.size(); i++) {
      checkSize(files.get(i), paths.get(i));
    }
    ImageSet images =
        switch (set.format()) {
          case IDX -> Idx.read(set.name(), split, paths.get(0), paths.get(1), set.names());
          case CIFAR_10 ->
              Cifar.read(set.name(), split, paths, Cifar.Labels.CIFAR_10, cifarNames(set));
          case CIFAR_100 ->
              Cifar.read(
                  set.name(),
                  split,
                  paths,
                  Cifar.Labels.CIFAR_100,
                  Cifar.names(path.resolve(set.folder()).resolve(CIFAR_100_NAMES), 100));
          case SVHN -> Svhn.read(set.name(), split, paths.getFirst(), set.names());
        };
    for (int i = 0; i < files.size(); i++) {
      checkSum(set, files.get(i), paths.get(i), images.sources().get(i).sha256());
    }
    int expected = complete ? set.images(split) : images.size();
    if (images.size() != expected || !images.frame().equals(set.frame())) {
      throw new DataFileException(
          paths.getFirst()
              + ": "
              + images.size()
              + " images of "
              + images.frame()
              + ", expected "
              + expected
              + " of "
              + set.frame());
    }
    return name.equals(set.name()) ? images : images.grouped(name, Grouping.halves(set.names()));
  }

  /** The names that come with the files have to be those that we know. */
  private List<String> cifarNames(KnownSet set) throws IOException {
    Path file = path.resolve(set.folder()).resolve(CIFAR_NAMES);
    if (Files.exists(file)) {
      List<String> found = Cifar.names(file, set.classes());
      if (!found.equals(set.names())) {
        throw new DataFileException(
            file + ": the class names are " + found + ", expected " + set.names());
      }
    }
    return set.names();
  }

  /**
   * Checks one file that is there, without reading images from it.
   *
   * @return what tells that it is right
   * @throws DataFileException if it is not the published one
   */
  public String verify(KnownSet set, KnownFile file) throws IOException {
    Path place = locate(set, file);
    checkSize(file, place);
    return checkSum(set, file, place, Checksums.sha256(place));
  }

  private static void checkSize(KnownFile file, Path place) throws IOException {
    if (isAsPublished(file, place) && Files.size(place) != file.bytes()) {
      throw new DataFileException(
          place + ": is " + Files.size(place) + " bytes long, expected " + file.bytes());
    }
  }

  private String checkSum(KnownSet set, KnownFile file, Path place, String found)
      throws IOException {
    Optional<String> expected =
        isAsPublished(file, place) && file.sha256().isPresent()
            ? file.sha256()
            : Optional.ofNullable(
                Checksums.list(path).get(set.folder() + "/" + place.getFileName()));
    if (expected.isEmpty()) {
      return isAsPublished(file, place)
          ? "size as expected, no checksum is known"
          : "unpacked, no checksum is known";
    }
    if (!found.equals(expected.get())) {
      throw new DataFileException(
          place + ": its SHA-256 is " + found + ", expected " + expected.get());
    }
    return "SHA-256 as expected";
  }

  private static boolean isAsPublished(KnownFile file, Path place) {
    return place.getFileName().toString().equals(file.name());
  }

  /** The known sets of which at least one file is there. */
  public List<KnownSet> present() {
    List<KnownSet> present = new ArrayList<>();
    for (KnownSet set : known) {
      if (set.files().stream().anyMatch(file -> Files.exists(locate(set, file)))) {
        present.add(set);
      }
    }
    return present;
  }
}
