package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  private static final ImageFolder.Options OPTIONS =
      new ImageFolder.Options(4, Fit.EXACT, 3, 0.25, 1);

  @TempDir Path temp;

  /** A file of one colour. */
  private static byte[] file(String format, int type, int height, int width, int rgb) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int i = 0; i < height * width; i++) {
      image.setRGB(i % width, i / width, rgb);
    }
    return encoded(format, image);
  }

  private static byte[] encoded(String format, BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      assertThat(ImageIO.write(image, format, out)).isTrue();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static byte[] png(int rgb) {
    return file("png", BufferedImage.TYPE_INT_RGB, 4, 4, rgb);
  }

  private void put(String path, byte[] bytes) throws IOException {
    TestSets.write(temp.resolve(path), bytes);
  }

  private ImageSet read(Split split) throws IOException {
    return ImageFolder.read("mine", temp, split, OPTIONS);
  }

  private void refuses(String message) {
    assertThatThrownBy(() -> read(Split.TRAIN))
        .isInstanceOf(DataFileException.class)
        .hasMessage(message.replace("TEMP", temp.toString()));
  }

  /** The red of the first pixel of each image, which tells the images of these tests apart. */
  private static List<Integer> reds(ImageSet set) {
    List<Integer> reds = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      reds.add(set.image(i)[0] & 0xff);
    }
    return reds;
  }

  @Test
  void readsAFolderForEachClassOfEachSplit() throws IOException {
    put("train/benign/b.png", png(0x0A1420));
    put("train/benign/a.png", png(0x0B0000));
    put("train/cancer/c.JPG", file("jpg", BufferedImage.TYPE_INT_RGB, 4, 4, 0x808080));
    put("test/cancer/d.png", png(0x0C0000));
    put("test/.DS_Store", new byte[1]);
    ImageSet train = read(Split.TRAIN);
    assertThat(train.classes()).containsExactly("benign", "cancer");
    assertThat(train.labels()).containsExactly(0, 0, 1);
    assertThat(train.frame()).isEqualTo(new Frame(3, 4, 4));
    assertThat(reds(train)).containsExactly(0x0B, 0x0A, 0x80);
    assertThat(train.image(1)).startsWith(0x0A).endsWith(0x20).contains(0x14);
    ImageSet test = read(Split.TEST);
    assertThat(test.classes()).containsExactly("benign", "cancer");
    assertThat(test.labels()).containsExactly(1);
    assertThat(test.sources()).hasSize(1);
    assertThat(test.sources().getFirst().sha256())
        .isNotEqualTo(train.sources().getFirst().sha256());
  }

  @Test
  void dividesImagesWithoutASplit() throws IOException {
    for (int i = 0; i < 40; i++) {
      put((i % 11) + "/" + (100 + i) + ".png", png((10 + i) << 16));
    }
    ImageSet train = read(Split.TRAIN);
    ImageSet test = read(Split.TEST);
    assertThat(train.classes())
        .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
    assertThat(train.size()).isEqualTo(30);
    assertThat(test.size()).isEqualTo(10);
    assertThat(reds(train)).doesNotContainAnyElementsOf(reds(test));
    ImageSet other =
        ImageFolder.read(
            "mine", temp, Split.TEST, new ImageFolder.Options(4, Fit.EXACT, 3, 0.25, 2));
    assertThat(reds(other)).isNotEqualTo(reds(test));
    assertThat(reds(read(Split.TEST))).isEqualTo(reds(test));
  }

  private void patients(String column) throws IOException {
    StringBuilder csv = new StringBuilder("label," + column + ",file\n");
    for (int i = 0; i < 60; i++) {
      String name = "patches/" + i + ".png";
      put(name, png((10 + i) << 16));
      csv.append(i % 2).append(",p").append(i % 12).append(",\"").append(name).append("\"\r\n");
    }
    put("labels.csv", TestSets.utf8(csv.toString()));
  }

  @Test
  void noPatientIsInBothSplits() throws IOException {
    for (String column : List.of("patient", "slide")) {
      patients(column);
      Set<Integer> train = new HashSet<>();
      Set<Integer> test = new HashSet<>();
      reds(read(Split.TRAIN)).forEach(red -> train.add((red - 10) % 12));
      reds(read(Split.TEST)).forEach(red -> test.add((red - 10) % 12));
      assertThat(train).hasSize(9).doesNotContainAnyElementsOf(test);
      assertThat(test).hasSize(3);
    }
  }

  @Test
  void aSplitOfTheFileIsHeldToItsPatients() throws IOException {
    put("a.png", png(1 << 16));
    put("b.png", png(2 << 16));
    put("c.png", png(3 << 16));
    put(
        "labels.csv",
        TestSets.utf8(
            "file,label,patient,split\na.png,x,7,train\nb.png,y,8,Test\nc.png,y,7,train"));
    assertThat(reds(read(Split.TRAIN))).containsExactly(1, 3);
    assertThat(reds(read(Split.TEST))).containsExactly(2);
    put(
        "labels.csv",
        TestSets.utf8("file,label,patient,split\na.png,x,7,train\nb.png,y,8,test\nc.png,y,7,test"));
    refuses("TEMP/labels.csv: '7' is in both splits, with a.png to train and c.png to test");
  }

  @Test
  void refusesAnInconsistentList() throws IOException {
    put("a.png", png(1 << 16));
    String[][] cases = {
      {"file,class\na.png,x", "the columns are [file, class], expected file and label among them"},
      {"file,label\na.png", "line 2: 1 fields, expected 2"},
      {"file,label\na.png,x\n./a.png,x", "line 3: ./a.png is listed twice"},
      {"file,label\n../a.png,x", "line 2: '../a.png' is outside of TEMP"},
      {"file,label\n/etc/passwd,x", "line 2: '/etc/passwd' is outside of TEMP"},
      {"file,label,patient\na.png,x,", "line 2: the patient is empty"},
      {"file,label\na.png, ", "line 2: the label is empty"},
      {"file,label,split\na.png,x,val", "line 2: the split is 'val', expected train or test"},
      {"file,label\n\"a.png,x", "line 2: a quote does not end"},
      {"file,label\n\"a\".png,x", "line 2: a quoted field ends before the comma"},
      {"file,file\na.png,x", "the columns are [file, file], expected a name of its own for each"},
      {"", "is empty, expected a header and rows"},
    };
    for (String[] c : cases) {
      put("labels.csv", TestSets.utf8(c[0]));
      refuses("TEMP/labels.csv: " + c[1]);
    }
    put("labels.csv", new byte[] {'f', (byte) 0xff});
    refuses("TEMP/labels.csv: is not UTF-8");
    put("labels.csv", TestSets.utf8("file,label\na.png,x"));
    refuses("TEMP: has one patient, slide or image, expected two or more to divide");
  }

  @Test
  void refusesFilesThatAreNoImages() throws IOException {
    put("x/b.png", png(1 << 16));
    put("x/c.png", png(2 << 16));
    put("x/a.png", TestSets.utf8("GIF89a"));
    assertThatThrownBy(
            () -> {
              read(Split.TRAIN);
              read(Split.TEST);
            })
        .isInstanceOf(DataFileException.class)
        .hasMessage(temp + "/x/a.png: begins neither as a PNG nor as a JPEG file");
    put("x/a.png", Arrays.copyOf(png(3), 40));
    assertThatThrownBy(
            () -> {
              read(Split.TRAIN);
              read(Split.TEST);
            })
        .isInstanceOf(DataFileException.class)
        .hasMessageStartingWith(temp + "/x/a.png: cannot be decoded as PNG (");
    Files.delete(temp.resolve("x/a.png"));
    byte[] jpeg = file("jpg", BufferedImage.TYPE_INT_RGB, 64, 64, 3 << 16);
    for (int length : new int[] {jpeg.length - 2, jpeg.length - 9}) {
      put("x/a.jpg", Arrays.copyOf(jpeg, length));
      assertThatThrownBy(
              () -> {
                read(Split.TRAIN);
                read(Split.TEST);
              })
          .as("%d of %d bytes", length, jpeg.length)
          .isInstanceOf(DataFileException.class)
          .hasMessage(
              temp + "/x/a.jpg: cannot be decoded as JPEG (Truncated File - Missing EOI marker)");
    }
    Files.delete(temp.resolve("x/a.jpg"));
    put("x/notes.txt", new byte[1]);
    refuses(
        "TEMP/x/notes.txt: is no PNG or JPEG file, expected nothing else in the folder of a class"
            + " (a labels.csv can say more)");
  }

  @Test
  void refusesEmptyFolders() throws IOException {
    refuses("TEMP: has no images, expected labels.csv or a folder for each class");
    assertThatThrownBy(() -> ImageFolder.read("m", temp.resolve("no"), Split.TEST, OPTIONS))
        .hasMessage(temp + "/no: is no directory, expected a folder of images");
  }

  @Test
  void refusesAnotherSizeUnlessToldHowToFit() throws IOException {
    put("x/a.png", file("png", BufferedImage.TYPE_INT_RGB, 8, 6, 0x102030));
    put("x/b.png", file("png", BufferedImage.TYPE_INT_RGB, 8, 6, 0x102030));
    refuses("TEMP/x/a.png: is 8 x 6 pixels, expected 4 x 4 (or the fit crop or stretch)");
    for (Fit fit : List.of(Fit.CROP, Fit.STRETCH)) {
      ImageSet set =
          ImageFolder.read("m", temp, Split.TRAIN, new ImageFolder.Options(4, fit, 3, 0.5, 1));
      assertThat(set.image(0)).hasSize(48).startsWith(0x10, 0x10).endsWith(0x30, 0x30);
    }
  }

  @Test
  void cropKeepsTheMiddleAndStretchKeepsAll() {
    Frame wide = new Frame(1, 2, 6);
    byte[] pixels = {0, 10, 20, 30, 40, 50, 0, 10, 20, 30, 40, 50};
    assertThat(Fit.CROP.apply(pixels, wide, 2)).containsExactly(20, 30, 20, 30);
    // weights 2 3 2 1 of the first four: 12.5
    assertThat(Fit.STRETCH.apply(pixels, wide, 2)).containsExactly(13, 38, 13, 38);
    assertThat(Fit.EXACT.apply(pixels, new Frame(3, 2, 2), 2)).isSameAs(pixels);
  }

  @Test
  void resamplingKeepsFlatImagesAndTheirMean() {
    byte[] flat = new byte[3 * 5 * 7];
    Arrays.fill(flat, (byte) 200);
    assertThat(Resampling.resize(flat, new Frame(3, 5, 7), 9, 3)).containsOnly((byte) 200);
    // growing by 2: a quarter and three quarters of the neighbours
    assertThat(Resampling.resize(new byte[] {0, 100}, new Frame(1, 1, 2), 1, 4))
        .containsExactly(0, 25, 75, 100);
    // shrinking by 2: weights 1 3 3 1 over 8, cut at the edges
    assertThat(Resampling.resize(new byte[] {0, 8, 16, 24, 32, 40}, new Frame(1, 1, 6), 1, 3)[1])
        .isEqualTo((byte) 20);
  }

  @Test
  void greyStaysAsItIs() throws IOException {
    BufferedImage grey = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(1, 0, 0, 100);
    Picture picture = Picture.decode("g", encoded("png", grey), 3);
    assertThat(picture.pixels()[1]).isEqualTo((byte) 100);
    assertThat(picture.pixels()[16 + 1]).isEqualTo((byte) 100);
    BufferedImage deep = new BufferedImage(4, 4, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSample(2, 0, 0, 100 << 8 | 7);
    assertThat(Picture.decode("g", encoded("png", deep), 1).pixels()[2]).isEqualTo((byte) 100);
    BufferedImage palette = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_INDEXED);
    palette.setRGB(3, 0, 0xFF0000);
    assertThat(Picture.decode("p", encoded("png", palette), 3).pixels()[3]).isEqualTo((byte) 255);
    // luminance of pure green
    assertThat(Picture.decode("l", png(0x00FF00), 1).pixels()[0]).isEqualTo((byte) 150);
  }

  @Test
  void refusesTransparency() {
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < 16; i++) {
      image.setRGB(i % 4, i / 4, i == 6 ? 0x11FFFFFF : 0xFFFFFFFF);
    }
    byte[] file = encoded("png", image);
    assertThatThrownBy(() -> Picture.decode("t", file, 3))
        .hasMessage("t: pixel (row 1, column 2) has alpha 17, expected 255, an opaque image");
  }

  /** Sixty bytes that claim to be an image of 60,000 x 60,000. */
  @Test
  void refusesHugeImages() {
    byte[] file = png(0);
    file[16] = file[20] = 0;
    file[17] = file[21] = 0;
    file[18] = file[22] = (byte) 0xEA;
    file[19] = file[23] = 0x60;
    assertThatThrownBy(() -> Picture.decode("h", file, 3)).hasMessageStartingWith("h: ");
  }
}
