package dev.troupe.experiments.data;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Images with labels: one split of a data set.
 *
 * @param name such as {@code fashion-mnist}
 * @param split which part of the set
 * @param frame the shape of one image, [C, H, W]
 * @param pixels [N, C, H, W], one byte each, 0 to 255; not to be changed
 * @param labels [N], each an index into {@code classes}; not to be changed
 * @param classes names of the classes
 * @param sources the files, with their checksums
 */
public record ImageSet(
    String name,
    Split split,
    Frame frame,
    MemorySegment pixels,
    int[] labels,
    List<String> classes,
    List<SourceFile> sources) {
  /** Checks the sizes and the labels. */
  public ImageSet {
    classes = List.copyOf(classes);
    sources = List.copyOf(sources);
    if (pixels.byteSize() != (long) labels.length * frame.size()) {
      throw new IllegalArgumentException(
          name
              + ": "
              + pixels.byteSize()
              + " bytes for "
              + labels.length
              + " images of "
              + frame
              + ", expected "
              + (long) labels.length * frame.size());
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes.size()) {
        throw new IllegalArgumentException(
            name + ": label " + i + " is " + labels[i] + ", expected 0 to " + (classes.size() - 1));
      }
    }
  }

  /** Memory for the pixels of a set: on the heap, or beside it where an array cannot be so long. */
  static MemorySegment allocate(long bytes) {
    return bytes <= Integer.MAX_VALUE - 8
        ? MemorySegment.ofArray(new byte[(int) bytes])
        : Arena.ofAuto().allocate(bytes);
  }

  /** N, the number of images. */
  public int size() {
    return labels.length;
  }

  /** The bytes [C, H, W] of image {@code i}. */
  public byte[] image(int i) {
    byte[] image = new byte[frame.size()];
    copyImage(i, image);
    return image;
  }

  /** Copies the bytes [C, H, W] of image {@code i} to the start of {@code to}. */
  public void copyImage(int i, byte[] to) {
    MemorySegment.copy(pixels, JAVA_BYTE, (long) i * frame.size(), to, 0, frame.size());
  }

  /** The indices of each class's images, ascending. */
  public int[][] byClass() {
    int[] counts = new int[classes.size()];
    for (int label : labels) {
      counts[label]++;
    }
    int[][] indices = new int[counts.length][];
    for (int c = 0; c < counts.length; c++) {
      indices[c] = new int[counts[c]];
      counts[c] = 0;
    }
    for (int i = 0; i < labels.length; i++) {
      indices[labels[i]][counts[labels[i]]++] = i;
    }
    return indices;
  }

  /**
   * The same images under the labels of a grouping; the pixels are shared.
   *
   * @param groupedName the name of the result, such as {@code cifar-ii}
   */
  public ImageSet grouped(String groupedName, Grouping grouping) {
    int[] groups = new int[labels.length];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = grouping.of(labels[i]);
    }
    return new ImageSet(groupedName, split, frame, pixels, groups, grouping.classes(), sources);
  }
}
