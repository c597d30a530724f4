package dev.troupe.experiments.data;

import java.util.List;
import java.util.Optional;

/**
 * A published data set: what its files are, where they come from and how to tell that they are
 * right.
 *
 * @param name as on the command line
 * @param folder of its files, in the data directory
 * @param format how to read them
 * @param frame the shape of an image
 * @param classes how many
 * @param names names of the classes; empty where they are read from {@code fine_label_names.txt}
 * @param files what is read, for each split in order; of IDX the images before the labels
 * @param archive what is downloaded and unpacked; empty where the files are downloaded themselves
 * @param addresses prefixes of the file names, each ending in a slash; tried in order
 * @param homepage its page
 * @param licence in a few words
 */
public record KnownSet(
    String name,
    String folder,
    Format format,
    Frame frame,
    int classes,
    List<String> names,
    List<KnownFile> files,
    Optional<Packed> archive,
    List<String> addresses,
    String homepage,
    String licence) {
  /** How to read the files of a set. */
  public enum Format {
    IDX,
    CIFAR_10,
    CIFAR_100,
    SVHN
  }

  /**
   * A file to be read.
   *
   * @param split whose it is
   * @param images how many it has, or how many labels
   * @param sha256 of the whole file; empty where only that of the archive is published
   */
  public record KnownFile(
      Split split, String name, int images, long bytes, Optional<String> sha256) {}

  /** An archive to be downloaded. */
  public record Packed(String name, long bytes, String sha256) {}

  /** The lists are copied. */
  public KnownSet {
    names = List.copyOf(names);
    files = List.copyOf(files);
    addresses = List.copyOf(addresses);
  }

  /** The files of one split. */
  public List<KnownFile> files(Split split) {
    return files.stream().filter(file -> file.split == split).toList();
  }

  /** N of one split, if all its files are there. */
  public int images(Split split) {
    List<KnownFile> files = files(split);
    return format == Format.IDX
        ? files.getFirst().images
        : files.stream().mapToInt(KnownFile::images).sum();
  }
}
