package dev.troupe.experiments.data;

import dev.troupe.experiments.data.KnownSet.Format;
import dev.troupe.experiments.data.KnownSet.KnownFile;
import dev.troupe.experiments.data.KnownSet.Packed;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The published sets that the papers use. Sizes and SHA-256 sums of downloads are those that
 * TensorFlow Datasets records; docs/data.md says what else they were compared with.
 */
public final class KnownSets {
  private static final List<String> DIGITS =
      IntStream.range(0, 10).mapToObj(Integer::toString).toList();
  private static final String CIFAR_PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html";
  private static final List<String> CIFAR_ADDRESSES = List.of("https://www.cs.toronto.edu/~kriz/");
  private static final String CIFAR_LICENCE = "none stated; the page asks to cite the report";

  private static final KnownSet MNIST =
      new KnownSet(
          "mnist",
          "mnist",
          Format.IDX,
          new Frame(1, 28, 28),
          10,
          DIGITS,
          List.of(
              file(
                  Split.TRAIN,
                  "train-images-idx3-ubyte.gz",
                  60_000,
                  9_912_422,
                  "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
              file(
                  Split.TRAIN,
                  "train-labels-idx1-ubyte.gz",
                  60_000,
                  28_881,
                  "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
              file(
                  Split.TEST,
                  "t10k-images-idx3-ubyte.gz",
                  10_000,
                  1_648_877,
                  "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
              file(
                  Split.TEST,
                  "t10k-labels-idx1-ubyte.gz",
                  10_000,
                  4_542,
                  "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")),
          Optional.empty(),
          List.of(
              "https://storage.googleapis.com/cvdf-datasets/mnist/",
              "https://ossci-datasets.s3.amazonaws.com/mnist/",
              "http://yann.lecun.com/exdb/mnist/"),
          "http://yann.lecun.com/exdb/mnist/",
          "CC BY-SA 3.0");

  private static final KnownSet FASHION_MNIST =
      new KnownSet(
          "fashion-mnist",
          "fashion-mnist",
          Format.IDX,
          new Frame(1, 28, 28),
          10,
          List.of(
              "T-shirt/top",
              "Trouser",
              "Pullover",
              "Dress",
              "Coat",
              "Sandal",
              "Shirt",
              "Sneaker",
              "Bag",
              "Ankle boot"),
          List.of(
              file(
                  Split.TRAIN,
                  "train-images-idx3-ubyte.gz",
                  60_000,
                  26_421_880,
                  "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
              file(
                  Split.TRAIN,
                  "train-labels-idx1-ubyte.gz",
                  60_000,
                  29_515,
                  "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
              file(
                  Split.TEST,
                  "t10k-images-idx3-ubyte.gz",
                  10_000,
                  4_422_102,
                  "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
              file(
                  Split.TEST,
                  "t10k-labels-idx1-ubyte.gz",
                  10_000,
                  5_148,
                  "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")),
          Optional.empty(),
          List.of("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
          "https://github.com/zalandoresearch/fashion-mnist",
          "MIT");

  private static final KnownSet CIFAR_10 =
      new KnownSet(
          "cifar-10",
          "cifar-10-batches-bin",
          Format.CIFAR_10,
          Cifar.FRAME,
          10,
          List.of(
              "airplane",
              "automobile",
              "bird",
              "cat",
              "deer",
              "dog",
              "frog",
              "horse",
              "ship",
              "truck"),
          List.of(
              file(
                  Split.TRAIN,
                  "data_batch_1.bin",
                  10_000,
                  30_730_000,
                  "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
              file(
                  Split.TRAIN,
                  "data_batch_2.bin",
                  10_000,
                  30_730_000,
                  "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
              unsummed(Split.TRAIN, "data_batch_3.bin", 10_000, 30_730_000),
              unsummed(Split.TRAIN, "data_batch_4.bin", 10_000, 30_730_000),
              unsummed(Split.TRAIN, "data_batch_5.bin", 10_000, 30_730_000),
              file(
                  Split.TEST,
                  "test_batch.bin",
                  10_000,
                  30_730_000,
                  "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b")),
          Optional.of(
              new Packed(
                  "cifar-10-binary.tar.gz",
                  170_052_171,
                  "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")),
          CIFAR_ADDRESSES,
          CIFAR_PAGE,
          CIFAR_LICENCE);

  private static final KnownSet CIFAR_100 =
      new KnownSet(
          "cifar-100",
          "cifar-100-binary",
          Format.CIFAR_100,
          Cifar.FRAME,
          100,
          List.of(),
          List.of(
              unsummed(Split.TRAIN, "train.bin", 50_000, 153_700_000),
              unsummed(Split.TEST, "test.bin", 10_000, 30_740_000)),
          Optional.of(
              new Packed(
                  "cifar-100-binary.tar.gz",
                  168_513_733,
                  "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec")),
          CIFAR_ADDRESSES,
          CIFAR_PAGE,
          CIFAR_LICENCE);

  private static final KnownSet SVHN =
      new KnownSet(
          "svhn",
          "svhn",
          Format.SVHN,
          new Frame(3, 32, 32),
          10,
          DIGITS,
          List.of(
              file(
                  Split.TRAIN,
                  "train_32x32.mat",
                  73_257,
                  182_040_794,
                  "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"),
              file(
                  Split.TEST,
                  "test_32x32.mat",
                  26_032,
                  64_275_384,
                  "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b")),
          Optional.empty(),
          List.of("http://ufldl.stanford.edu/housenumbers/"),
          "http://ufldl.stanford.edu/housenumbers/",
          "none stated; the page allows non-commercial use only");

  private KnownSets() {}

  private static KnownFile file(Split split, String name, int images, long bytes, String sha256) {
    return new KnownFile(split, name, images, bytes, Optional.of(sha256));
  }

  private static KnownFile unsummed(Split split, String name, int images, long bytes) {
    return new KnownFile(split, name, images, bytes, Optional.empty());
  }

  /** All of them. */
  public static List<KnownSet> all() {
    return List.of(MNIST, FASHION_MNIST, CIFAR_10, CIFAR_100, SVHN);
  }
}
