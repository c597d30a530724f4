package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.data.DataDirectory;
import dev.troupe.experiments.data.DataFileException;
import dev.troupe.experiments.data.Frame;
import dev.troupe.experiments.data.Grouping;
import dev.troupe.experiments.data.ImageSet;
import dev.troupe.experiments.data.KnownSet;
import dev.troupe.experiments.data.KnownSet.Format;
import dev.troupe.experiments.data.Scaling;
import dev.troupe.experiments.data.SourceFile;
import dev.troupe.experiments.data.Split;
import dev.troupe.gan.image.ImageTable;
import dev.troupe.tensor.Scope;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The real images of a run.
 *
 * @param name of the data set
 * @param train [N, C, H, W], bytes
 * @param test [M, C, H, W], bytes
 * @param ten the ten classes
 * @param told the classes that are told apart: the ten, or two of five each
 * @param sources the files, with their checksums
 */
record ImageData(
    String name,
    Frame frame,
    byte[] train,
    byte[] test,
    Partition ten,
    Partition told,
    List<SourceFile> sources) {

  /**
   * Reads what the settings name.
   *
   * @throws IOException if a file is missing, or is not the published one
   */
  static ImageData read(DataDirectory directory, Settings s) throws IOException {
    String name = s.get(ImageSettings.DATASET);
    ImageSet train = readTrain(directory, name, s.get(ImageSettings.INCOMPLETE));
    ImageSet test = directory.read(name, Split.TEST);
    int[] chosen = choose(train, s.get(ImageSettings.IMAGES), "images");
    int[] tested = choose(test, s.get(ImageSettings.TEST_IMAGES), "testImages");
    Partition ten = new Partition(train.classes(), labels(train, chosen), labels(test, tested));
    Partition told = s.get(ImageSettings.CLASSES).equals("2") ? halves(ten) : ten;
    ImageData data =
        new ImageData(
            name,
            train.frame(),
            pixels(train, chosen),
            pixels(test, tested),
            ten,
            told,
            Stream.of(train, test).flatMap(set -> set.sources().stream()).toList());
    data.checkBatch(told, s);
    if (ImageSettings.withTenClassGans(s)) {
      data.checkBatch(ten, s);
    }
    data.checkClassifiers(s);
    return data;
  }

  private static ImageSet readTrain(DataDirectory directory, String name, boolean incomplete)
      throws IOException {
    if (incomplete) {
      return directory.readPresent(name, Split.TRAIN);
    }
    try {
      return directory.read(name, Split.TRAIN);
    } catch (DataFileException e) {
      KnownSet set = directory.named(name);
      int missing = directory.missing(set, Split.TRAIN).size();
      if (missing == 0 || missing == set.files(Split.TRAIN).size() || set.format() == Format.IDX) {
        throw e; // where a file of images or of labels is missing, there are none
      }
      throw new DataFileException(
          e.getMessage() + ", and --set incomplete=true takes the files that are there", e);
    }
  }

  private void checkClassifiers(Settings s) {
    atMost(s, ImageSettings.CLASSIFIER_BATCH, told.total(), "the real images, which are ");
    if (!s.get(ImageSettings.ENSEMBLE).equals("independent")) {
      int least = IntStream.range(0, told.size()).map(told::count).min().orElseThrow();
      atMost(
          s,
          ImageSettings.BOOST_BATCH,
          2 * least,
          "twice the images of the smallest class, which are ");
    }
  }

  private static void atMost(Settings s, Setting<Integer> setting, int most, String what) {
    if (s.get(setting) > most) {
      throw new UserException(
          ExitCode.USAGE,
          "setting "
              + setting.name()
              + " is "
              + s.get(setting)
              + ", expected at most "
              + what
              + most);
    }
  }

  private void checkBatch(Partition classes, Settings s) {
    int batch = s.get(ImageSettings.BATCH);
    for (int k = 0; k < classes.size(); k++) {
      if (classes.count(k) < batch) {
        throw new UserException(
            ExitCode.USAGE,
            name
                + ": class '"
                + classes.names().get(k)
                + "' has "
                + classes.count(k)
                + " images, expected at least batchSize, which is "
                + batch);
      }
    }
  }

  private static Partition halves(Partition ten) {
    Grouping grouping = Grouping.halves(ten.names());
    return new Partition(
        grouping.classes(),
        Arrays.stream(ten.labels()).map(grouping::of).toArray(),
        Arrays.stream(ten.tested()).map(grouping::of).toArray());
  }

  /** The first images of each class, in their order in the file. */
  private static int[] choose(ImageSet set, int wanted, String setting) {
    int[][] byClass = set.byClass();
    if (wanted == 0) {
      return Arrays.stream(byClass).flatMapToInt(Arrays::stream).sorted().toArray();
    }
    int each = wanted / byClass.length;
    for (int c = 0; c < byClass.length; c++) {
      if (byClass[c].length < each) {
        throw new UserException(
            ExitCode.USAGE,
            "setting "
                + setting
                + " is "
                + wanted
                + ", which is "
                + each
                + " of each class; class '"
                + set.classes().get(c)
                + "' of "
                + set.name()
                + " has "
                + byClass[c].length);
      }
    }
    return Arrays.stream(byClass)
        .flatMapToInt(indices -> Arrays.stream(indices).limit(each))
        .sorted()
        .toArray();
  }

  private static int[] labels(ImageSet set, int[] indices) {
    return Arrays.stream(indices).map(i -> set.labels()[i]).toArray();
  }

  private static byte[] pixels(ImageSet set, int[] indices) {
    int size = set.frame().size();
    byte[] pixels = new byte[Math.multiplyExact(indices.length, size)];
    byte[] one = new byte[size];
    for (int i = 0; i < indices.length; i++) {
      set.copyImage(indices[i], one);
      System.arraycopy(one, 0, pixels, i * size, size);
    }
    return pixels;
  }

  /** What tells these files from others: their checksums, with blanks between them. */
  String checksums() {
    return String.join(" ", sources.stream().map(SourceFile::sha256).toList());
  }

  /** Images [M, C, H, W] on the device, in [-1, 1]. */
  ImageTable table(Scope scope, byte[] pixels) {
    return ImageTable.of(scope, frame.channels(), frame.height(), frame.width(), scaled(pixels));
  }

  private static float[] scaled(byte[] pixels) {
    float[] out = new float[pixels.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = Scaling.SIGNED.of(pixels[i]);
    }
    return out;
  }

  /** One image of many. */
  byte[] image(byte[] pixels, int i) {
    return Arrays.copyOfRange(pixels, i * frame.size(), (i + 1) * frame.size());
  }

  /** Some images of many. */
  byte[] images(byte[] pixels, int[] indices) {
    int size = frame.size();
    byte[] out = new byte[indices.length * size];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(pixels, indices[i] * size, out, i * size, size);
    }
    return out;
  }
}
