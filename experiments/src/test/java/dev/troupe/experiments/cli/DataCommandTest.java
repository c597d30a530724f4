package dev.troupe.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.run.Console;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataCommandTest {
  @TempDir Path temp;

  private record Result(int code, String out, String err) {}

  private static Result troupe(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    int code = TroupeCommand.execute(console, List.of(), List.of(), args);
    return new Result(code, out.toString(UTF_8), err.toString(UTF_8));
  }

  private Result data(String... args) {
    String[] all = new String[args.length + 3];
    System.arraycopy(args, 0, all, 1, args.length);
    all[0] = "data";
    all[args.length + 1] = "--data";
    all[args.length + 2] = temp.toString();
    return troupe(all);
  }

  @Test
  void everyCommandHasHelp() {
    for (String command : List.of("list", "verify", "fetch", "show")) {
      Result result = troupe("data", command, "--help");
      assertThat(result.out).startsWith("Usage: troupe data " + command + " [-h]");
      assertThat(result.err).isEmpty();
      assertThat(result.code).isZero();
    }
    assertThat(troupe("data", "--help").out)
        .isEqualTo(
            """
            Usage: troupe data [-h] [--verbose] [--data=DIR] COMMAND
            Lists, downloads, checks and shows data sets.
                  --data=DIR   Where the data sets are. Default: $TROUPE_DATA.
              -h, --help       Shows this text.
                  --verbose    Shows the stack trace of an error.
            Commands:
              list    Lists the published sets, and whether they are here.
              verify  Checks size, SHA-256 and content of the files of sets.
              fetch   Downloads sets, goes on with what was interrupted, verifies and
                        unpacks.
              show    Writes a contact sheet of a set: a PNG with images of each class.
            """);
  }

  @Test
  void listShowsWhatIsHere() throws IOException {
    Path cifar = Files.createDirectory(temp.resolve("cifar-10-batches-bin"));
    Files.createFile(cifar.resolve("data_batch_2.bin"));
    Path svhn = Files.createDirectory(temp.resolve("svhn"));
    Files.createFile(svhn.resolve("train_32x32.mat"));
    Files.createFile(svhn.resolve("test_32x32.mat"));
    assertThat(data("list"))
        .isEqualTo(
            new Result(
                0,
                """
                set            two classes  train  test   image        classes  here
                mnist          mnist-ii     60000  10000  [1, 28, 28]  10       no
                fashion-mnist  fashion-ii   60000  10000  [1, 28, 28]  10       no
                cifar-10       cifar-ii     50000  10000  [3, 32, 32]  10       1 of 6 files
                cifar-100      -            50000  10000  [3, 32, 32]  100      no
                svhn           svhn-ii      73257  26032  [3, 32, 32]  10       yes
                """,
                ""));
  }

  @Test
  void verifyTellsOfEachFile() throws IOException {
    Path svhn = Files.createDirectory(temp.resolve("svhn"));
    Files.writeString(svhn.resolve("train_32x32.mat"), "short");
    Result result = data("verify");
    assertThat(result.code).isEqualTo(3);
    assertThat(result.out)
        .isEqualTo(
            """
            DIR/svhn/train_32x32.mat: is 5 bytes long, expected 182040794
            DIR/svhn/test_32x32.mat: is missing
            """
                .replace("DIR", temp.toString()));
    assertThat(result.err)
        .isEqualTo(
            "error: "
                + temp
                + ": 2 of 2 files are missing or not as published; 'troupe data fetch' gets them\n");
    assertThat(data("verify", "mnist").out)
        .hasLineCount(4)
        .contains("labels-idx1-ubyte.gz: is missing");
  }

  @Test
  void verifyWithoutAnySet() {
    assertThat(data("verify"))
        .isEqualTo(new Result(3, "", "error: " + temp + ": has no published data set\n"));
  }

  @Test
  void showsAFolderOfImages() throws IOException {
    for (int i = 0; i < 30; i++) {
      BufferedImage image = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
      for (int p = 0; p < 200; p++) {
        image.setRGB(p % 20, p / 20, i % 2 == 0 ? 0xFF0000 : 0x0000FF);
      }
      Path file = temp.resolve("mine/" + (i % 2 == 0 ? "red" : "blue") + "/" + i + ".png");
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "png", file.toFile());
    }
    Path out = temp.resolve("sheet.png");
    Result result = data("show", "mine", "--out", out.toString(), "--size", "8", "--columns", "5");
    assertThat(result)
        .isEqualTo(
            new Result(
                0,
                "mine: 24 images of [3, 8, 8] to train with, 2 classes of "
                    + result.out.replaceAll("(?s).*classes of (.*?)\n.*", "$1")
                    + "\n"
                    + out
                    + "\n",
                ""));
    BufferedImage sheet = ImageIO.read(out.toFile());
    int right = sheet.getWidth() - 30;
    assertThat(sheet.getRGB(right, 60)).isEqualTo(0xFF0000FF); // blue comes first
    assertThat(sheet.getRGB(right, 120)).isEqualTo(0xFFFF0000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          2 | verify mist | unknown data set 'mist'; did you mean 'mnist'?
          2 | show imagenet --out x.png | unknown data set 'imagenet'; 'troupe data list' shows all
          2 | show mnist | missing required option: '--out=FILE' (see 'troupe data show --help')
          2 | show mnist --out x.png --split val | --split: 'val' is unknown, expected one of train, test
          2 | show mnist --out x.png --columns 0 | --columns: '0' is out of range, expected an integer in [1, 100]
          3 | show mnist --out x.png | DIR/mnist/train-images-idx3-ubyte.gz: is missing; 'troupe data fetch mnist' gets the set
          2 | fetch | missing required parameter: 'SET' (see 'troupe data fetch --help')
          2 | fetch mine --url http://localhost/x.zip | fetch: give --url and --sha256 together, with one SET
          2 | fetch ../x --url http://localhost/x --sha256 00 | fetch: '../x' is no new name, expected letters, digits, '.', '_' and '-'
          2 | fetch mnist --url http://localhost/x --sha256 00 | fetch: 'mnist' is no new name, expected letters, digits, '.', '_' and '-'
          2 | fetch mine --url ftp://localhost/x --sha256 00 | --url: 'ftp://localhost/x', expected an address of http or https
          2 | fetch mine --url http://localhost/x --sha256 0g | --sha256: '0g', expected 64 hexadecimal digits
          2 | lits | unknown command 'lits'; did you mean 'list'? (see 'troupe data --help')
          """)
  void failuresAreOneSentence(int code, String args, String message) {
    Result result = data(args.split(" "));
    assertThat(result.err).isEqualTo("error: " + message.replace("DIR", temp.toString()) + "\n");
    assertThat(result.code).isEqualTo(code);
    assertThat(result.out).isEmpty();
  }

  @Test
  @DisabledIfEnvironmentVariable(named = "TROUPE_DATA", matches = ".+")
  void asksWhereTheDataIs() {
    assertThat(troupe("data", "verify"))
        .isEqualTo(
            new Result(2, "", "error: data: where is it? give --data DIR, or set TROUPE_DATA\n"));
    assertThat(troupe("data", "list").out).contains("svhn-ii      73257  26032").contains("?\n");
  }
}
