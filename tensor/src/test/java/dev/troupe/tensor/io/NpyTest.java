package dev.troupe.tensor.io;

import static dev.troupe.tensor.io.TestFiles.assertSame;
import static dev.troupe.tensor.io.TestFiles.concat;
import static dev.troupe.tensor.io.TestFiles.hex;
import static dev.troupe.tensor.io.TestFiles.input;
import static dev.troupe.tensor.io.TestFiles.latin1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

class NpyTest {
  private static final int NAN_WITH_PAYLOAD = 0x7fa12345;

  @TempDir Path directory;

  /** The very bytes that NumPy 2 writes for an array. */
  record Fixture(String dict, int pad, String data, HostArray array) {
    byte[] bytes() {
      return concat(
          hex("934e554d50590100"), hex("7600"), latin1(dict + " ".repeat(pad) + "\n"), hex(data));
    }
  }

  static List<Fixture> numpyFiles() {
    return List.of(
        new Fixture(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
            58,
            "00000000 0000803e 0000003f 0000403f 0000803f 0000a03f",
            HostArray.of(new float[] {0, 0.25f, 0.5f, 0.75f, 1, 1.25f}, 2, 3)),
        new Fixture(
            "{'descr': '<f8', 'fortran_order': False, 'shape': (), }",
            62,
            "0000000000000440",
            HostArray.of(new double[] {2.5})),
        new Fixture(
            "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }",
            60,
            "01000000 feffffff",
            HostArray.of(new int[] {1, -2}, 2)),
        new Fixture(
            "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }",
            60,
            "0100000000000000 feffffffffffffff",
            HostArray.of(new long[] {1, -2}, 2)),
        new Fixture(
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2), }",
            58,
            "00ff",
            HostArray.of(new byte[] {0, -1}, 1, 2)),
        new Fixture(
            "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }",
            60,
            "0100",
            HostArray.of(new boolean[] {true, false}, 2)),
        new Fixture(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }",
            58,
            "",
            HostArray.of(new float[0], 0, 3)));
  }

  @ParameterizedTest
  @MethodSource("numpyFiles")
  void readsAndWritesTheBytesOfNumPy(Fixture fixture) throws IOException {
    assertThat(fixture.bytes().length - hex(fixture.data).length).isEqualTo(128);
    assertSame(Npy.read(input(fixture.bytes())), fixture.array);
    Path file = directory.resolve("a.npy");
    Npy.write(file, fixture.array);
    assertThat(Files.readAllBytes(file)).isEqualTo(fixture.bytes());
    assertSame(Npy.read(file), fixture.array);
  }

  @Test
  void readsBigEndianAndVersions2And3() throws IOException {
    byte[] bigEndian =
        npy(
            "{'descr': '>i8', 'fortran_order': False, 'shape': (2,), }\n",
            hex("0000000000000001 fffffffffffffffe"));
    assertSame(Npy.read(input(bigEndian)), HostArray.of(new long[] {1, -2}, 2));
    for (String version : List.of("0200", "0300")) {
      byte[] file =
          concat(
              hex("934e554d5059" + version + "74000000"),
              latin1("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"),
              latin1(" ".repeat(58) + "\n"),
              hex("0000c03f"));
      assertSame(Npy.read(input(file)), HostArray.of(new float[] {1.5f}, 1));
    }
  }

  static Stream<HostArray> arrays() {
    float[] floats = new float[100_001]; // more than a chunk
    for (int i = 0; i < floats.length; i++) {
      floats[i] = i - 0.5f;
    }
    floats[0] = Float.intBitsToFloat(NAN_WITH_PAYLOAD);
    floats[1] = -0f;
    floats[2] = Float.MIN_VALUE;
    floats[3] = Float.NEGATIVE_INFINITY;
    double[] doubles = new double[20_000];
    long[] longs = new long[20_000];
    int[] ints = new int[40_000];
    byte[] bytes = new byte[70_000];
    boolean[] booleans = new boolean[70_000];
    for (int i = 0; i < bytes.length; i++) {
      doubles[i % doubles.length] = Math.sqrt(i);
      longs[i % longs.length] = Long.MIN_VALUE + i;
      ints[i % ints.length] = Integer.MIN_VALUE + i;
      bytes[i] = (byte) i;
      booleans[i] = i % 3 == 0;
    }
    return Stream.of(
        HostArray.of(floats, 1, 100_001),
        HostArray.of(doubles, 100, 200),
        HostArray.of(longs, 200, 100),
        HostArray.of(ints, 2, 2, 10_000),
        HostArray.of(bytes, 70_000),
        HostArray.of(booleans, 7, 10_000),
        HostArray.of(new float[] {3}),
        HostArray.of(new long[0], Integer.MAX_VALUE, 0, Integer.MAX_VALUE),
        HostArray.of(new int[] {5}, ones(64)));
  }

  private static int[] ones(int rank) {
    int[] shape = new int[rank];
    java.util.Arrays.fill(shape, 1);
    return shape;
  }

  @ParameterizedTest
  @MethodSource("arrays")
  void roundTrips(HostArray array) throws IOException {
    Path file = directory.resolve("a.npy");
    Npy.write(file, array);
    assertSame(Npy.read(file), array);
    int header = Math.toIntExact(Files.size(file)) - array.size() * array.dtype().bytes();
    assertThat(header % 64).isZero();
  }

  @Test
  void failsOnEveryTruncation() {
    byte[] whole = numpyFiles().getFirst().bytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] file = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> Npy.read(input(file)))
          .as("length %d", length)
          .isInstanceOf(ArrayFileException.class)
          .hasMessageStartingWith("f: ");
    }
  }

  record Malformed(byte[] file, String message) {
    @Override
    public String toString() {
      return message;
    }
  }

  private static byte[] npy(String header, byte[] data) {
    byte[] length = {(byte) header.length(), (byte) (header.length() >> 8)};
    return concat(hex("934e554d50590100"), length, latin1(header), data);
  }

  private static Malformed header(String header, String message) {
    return new Malformed(npy(header, new byte[4]), message);
  }

  static final List<Malformed> malformed =
      List.of(
          new Malformed(new byte[0], "f: is 0 bytes long, too short for a .npy file"),
          new Malformed(
              latin1("PK\3\4 not numpy"),
              "f: does not begin with \\x93NUMPY, it is not a .npy file"),
          new Malformed(
              hex("934e554d5059 0400 00000000"),
              "f: version of the format is 4.0, expected 1.0, 2.0 or 3.0"),
          new Malformed(
              hex("934e554d5059 0101 0000"),
              "f: version of the format is 1.1, expected 1.0, 2.0 or 3.0"),
          new Malformed(
              hex("934e554d5059 0200 ffffffff"),
              "f: header is 4294967295 bytes long, at most 10000 expected"),
          new Malformed(
              hex("934e554d5059 0100 0800 7b7d"), "f: header is 8 bytes long, but only 2 follow"),
          new Malformed(hex("934e554d5059 0300 01000000 ff"), "f: header is not UTF-8"),
          header("", "f: header has its end at 0, expected '{'"),
          header("[]", "f: header has '[' at 0, expected '{'"),
          header("{1: 2}", "f: header has '1' at 1, expected a string in quotes"),
          header("{'descr", "f: header has ''' at 1, expected a string in quotes"),
          header("{'descr' '<f4'}", "f: header has ''' at 9, expected ':'"),
          header("{'descr': '<f4' 'shape': ()}", "f: header has ''' at 16, expected '}'"),
          header("{}", "f: header lacks the key 'descr'"),
          header("{'descr': '<f4', 'shape': ()}", "f: header lacks the key 'fortran_order'"),
          header("{'descr': '<f4', 'fortran_order': False}", "f: header lacks the key 'shape'"),
          header("{'descr': '<f4', 'descr': '<f4'}", "f: key 'descr' occurs twice in the header"),
          header(
              "{'order\u0007': 'C'}",
              "f: key 'order\\u0007' in the header, expected descr, fortran_order and shape"),
          dtype(">c8"),
          dtype("|f4"),
          dtype("=f4"),
          dtype("f4"),
          dtype(""),
          dtype("|O"),
          header(
              "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}",
              "f: header has '[' at 10, expected a string in quotes"),
          header(
              "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1)}",
              "f: fortran_order is True, expected False (numpy.ascontiguousarray makes it so)"),
          header("{'fortran_order': 0}", "f: header has '0' at 18, expected True or False"),
          shape("(1)", "f: header has '}' at 53, expected ','"),
          shape(
              "(-1,)", "f: header has '-' at 51, expected a length without sign or leading zeros"),
          shape(
              "(01,)", "f: header has '0' at 51, expected a length without sign or leading zeros"),
          shape("(,)", "f: header has ',' at 51, expected a length without sign or leading zeros"),
          shape("(1L,)", "f: header has 'L' at 52, expected ')'"),
          shape("(1, 1", "f: header has '}' at 55, expected ')'"),
          shape("(2147483648,)", "f: shape has the length 2147483648, at most 2147483647 expected"),
          shape(
              "(99999999999999999999,)",
              "f: shape has the length 99999999999999999999, at most 2147483647 expected"),
          shape(
              "(65536, 65536)", "f: shape [65536, 65536] has more elements than an array can hold"),
          shape("(" + "1,".repeat(65) + ")", "f: rank is over 64"),
          shape("(2,)", "f: F32 [2] takes 8 bytes, but 4 follow the header"),
          shape("(0,)", "f: F32 [0] takes 0 bytes, but 4 follow the header"),
          shape(
              "(2147483639,)",
              "f: F32 [2147483639] takes 8589934556 bytes, but 4 follow the header"),
          header(
              "{'descr': '<f4', 'fortran_order': False, 'shape': ()} x",
              "f: header has 'x' at 54, expected the end of the header"),
          header(
              "{'descr': '<f4', 'fortran_order': False, 'shape': ()}\n ",
              "f: header has ' ' at 54, expected the end of the header"),
          header(
              "{'descr': '|b1', 'fortran_order': False, 'shape': (5,)}",
              "f: BOOL [5] takes 5 bytes, but 4 follow the header"),
          new Malformed(
              npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", hex("01ff")),
              "f: element 1 is 255, expected 0 or 1"));

  private static Malformed dtype(String descr) {
    return header(
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': ()}",
        "f: dtype is '"
            + descr
            + "', expected f4, f8, i4, i8, u1 or b1 after < or > (or | for single bytes)");
  }

  private static Malformed shape(String shape, String message) {
    return header("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", message);
  }

  @ParameterizedTest
  @FieldSource("malformed")
  void saysWhatIsWrong(Malformed malformed) {
    assertThatThrownBy(() -> Npy.read(input(malformed.file)))
        .isInstanceOf(ArrayFileException.class)
        .hasMessage(malformed.message);
  }

  @ParameterizedTest
  @CsvSource({"missing.npy, no such file or directory", "., it is a directory"})
  void saysWhyAFileCannotBeRead(String name, String reason) {
    Path file = directory.resolve(name);
    assertThatThrownBy(() -> Npy.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": cannot be read, " + reason);
  }
}
