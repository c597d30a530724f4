package dev.troupe.tensor.io;

import static dev.troupe.tensor.io.TestFiles.assertSame;
import static dev.troupe.tensor.io.TestFiles.hex;
import static dev.troupe.tensor.io.TestFiles.input;
import static dev.troupe.tensor.io.TestFiles.littleEndian;
import static dev.troupe.tensor.io.TestFiles.safetensors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class SafeTensorsTest {
  private static final SequencedMap<String, String> NO_METADATA = new TreeMap<>();

  @TempDir Path directory;

  @Test
  void writesTheseBytes() throws IOException {
    Path file = directory.resolve("a.safetensors");
    SequencedMap<String, HostArray> arrays = new LinkedHashMap<>();
    arrays.put("b", HostArray.of(new byte[] {7}, 1, 1));
    arrays.put("a", HostArray.of(new float[] {1, -2}, 2));
    SequencedMap<String, String> metadata = new LinkedHashMap<>();
    metadata.put("z", "\"1\"\n");
    metadata.put("é", "");
    SafeTensors.write(file, arrays, metadata);
    String header =
        "{\"__metadata__\":{\"z\":\"\\\"1\\\"\\n\",\"é\":\"\"},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[1,1],\"data_offsets\":[8,9]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    int length = header.getBytes(StandardCharsets.UTF_8).length;
    byte[] expected =
        safetensors(header + " ".repeat(Math.floorMod(-length, 8)), hex("0000803f 000000c0 07"));
    assertThat(Files.readAllBytes(file)).isEqualTo(expected);
  }

  @Test
  void roundTripsEveryArray() throws IOException {
    Path file = directory.resolve("a.safetensors");
    SequencedMap<String, HostArray> arrays = new LinkedHashMap<>();
    Iterator<HostArray> each = NpyTest.arrays().iterator();
    while (each.hasNext()) {
      arrays.put("array " + arrays.size(), each.next());
    }
    HostArray twice = HostArray.of(new float[] {1, 2}, 2);
    arrays.put("", twice);
    arrays.put("Gewicht ß 重み 🎭 \"\\\u0001/", twice);
    arrays.put("x".repeat(60_000), twice);
    arrays.put("empty", HostArray.of(new double[0], 3, 0));
    SequencedMap<String, String> metadata = new LinkedHashMap<>();
    metadata.put("🎭", "\u0000 \n ü");
    metadata.put("dtype", "F32");
    SafeTensors.write(file, arrays, metadata);

    SafeTensors.Contents contents = SafeTensors.read(file);
    assertThat(contents.arrays().keySet()).containsExactlyElementsOf(arrays.keySet());
    arrays.forEach((name, array) -> assertSame(contents.arrays().get(name), array));
    assertThat(contents.metadata()).containsExactlyEntriesOf(metadata);
  }

  @Test
  void roundTripsNothing() throws IOException {
    Path file = directory.resolve("a.safetensors");
    SafeTensors.write(file, new TreeMap<>(), NO_METADATA);
    assertThat(Files.readAllBytes(file)).isEqualTo(safetensors("{}      ", new byte[0]));
    SafeTensors.Contents contents = SafeTensors.read(file);
    assertThat(contents.arrays()).isEmpty();
    assertThat(contents.metadata()).isEmpty();
  }

  @Test
  void widensHalfPrecision() throws IOException {
    byte[] file =
        safetensors(
            "{\"h\":{\"dtype\":\"F16\",\"shape\":[5],\"data_offsets\":[0,10]},"
                + "\"b\":{\"shape\":[2,2],\"data_offsets\":[10,18],\"dtype\":\"BF16\"}}",
            hex("003c 0100 ff7b 00fc 0080" + "803f 4940 80ff 0080"));
    SafeTensors.Contents contents = SafeTensors.read(input(file));
    // 1, the smallest subnormal, the largest number, -infinity, -0
    assertSame(
        contents.arrays().get("h"),
        HostArray.of(new float[] {1, 0x1p-24f, 65504, Float.NEGATIVE_INFINITY, -0f}, 5));
    assertSame(
        contents.arrays().get("b"),
        HostArray.of(new float[] {1, 3.140625f, Float.NEGATIVE_INFINITY, -0f}, 2, 2));
  }

  @Test
  void readsAnyOrderOfHeaderAndUnalignedData() throws IOException {
    byte[] file =
        safetensors(
            "{ \"late\": {\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[1, 5]},\n"
                + "\"none\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[1,1]},"
                + "\"__metadata__\":{\"k\":\"v\"},"
                + "\"early\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}}   ",
            hex("01 05000000"));
    SafeTensors.Contents contents = SafeTensors.read(input(file));
    assertThat(contents.arrays().keySet()).containsExactly("late", "none", "early");
    assertSame(contents.arrays().get("late"), HostArray.of(new int[] {5}, 1));
    assertSame(contents.arrays().get("none"), HostArray.of(new double[0], 0));
    assertSame(contents.arrays().get("early"), HostArray.of(new boolean[] {true}, 1));
    assertThat(contents.metadata()).containsEntry("k", "v");
  }

  @Test
  void refusesToWriteWhatNobodyCouldRead() {
    Path file = directory.resolve("a.safetensors");
    SequencedMap<String, HostArray> arrays = new TreeMap<>();
    arrays.put("__metadata__", HostArray.of(new float[1]));
    assertThatThrownBy(() -> SafeTensors.write(file, arrays, NO_METADATA))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("safetensors: no array can have the name __metadata__");
    SequencedMap<String, String> metadata = new TreeMap<>();
    metadata.put("k", "half a pair \ud83c");
    assertThatThrownBy(() -> SafeTensors.write(file, new TreeMap<>(), metadata))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("safetensors: 'half a pair \\ud83c' is not valid Unicode");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void failsOnEveryTruncation() throws IOException {
    Path file = directory.resolve("a.safetensors");
    SequencedMap<String, HostArray> arrays = new TreeMap<>();
    arrays.put("a", HostArray.of(new float[] {1, 2, 3}, 3));
    arrays.put("b", HostArray.of(new long[] {1}));
    SafeTensors.write(file, arrays, NO_METADATA);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> SafeTensors.read(input(cut)))
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

  /** A file of 8 bytes of data. */
  private static Malformed header(String header, String message) {
    return new Malformed(safetensors(header, new byte[8]), "f: " + message);
  }

  private static Malformed array(String dtype, String shape, String offsets, String message) {
    return header("{\"w\":" + entry(dtype, shape, offsets) + "}", message);
  }

  private static String entry(String dtype, String shape, String offsets) {
    return "{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
  }

  private static Malformed two(String first, String second, String message) {
    return header(
        "{\"v\":"
            + entry("\"U8\"", "[4]", first)
            + ",\"w\":"
            + entry("\"U8\"", "[4]", second)
            + "}",
        message);
  }

  static final List<Malformed> malformed =
      List.of(
          new Malformed(new byte[0], "f: is empty, expected a safetensors file"),
          new Malformed(new byte[7], "f: is 7 bytes long, too short for a safetensors file"),
          new Malformed(
              littleEndian(100_000_001),
              "f: header is 100000001 bytes long, at most 100000000 expected; it is not a"
                  + " safetensors file"),
          new Malformed(
              littleEndian(-1),
              "f: header is 18446744073709551615 bytes long, at most 100000000 expected; it is not"
                  + " a safetensors file"),
          new Malformed(
              littleEndian(100_000_000), "f: header is 100000000 bytes long, but only 0 follow"),
          header("", "header does not begin with '{', it is not a safetensors file"),
          header(" {}", "header does not begin with '{', it is not a safetensors file"),
          header("[]", "header does not begin with '{', it is not a safetensors file"),
          header(
              "{\"a\":",
              "header is not valid JSON, Unexpected end-of-input within/between Object entries"),
          header(
              "{'a':1}",
              "header is not valid JSON, Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
          header(
              "{\"a\" 1}",
              "header is not valid JSON, Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"),
          header("{}{}", "header has more than one JSON object"),
          header(
              "{}\0",
              "header is not valid JSON, Illegal character ((CTRL-CHAR, code 0)): only regular white space (\\r, \\n, \\t) is allowed between tokens"),
          header(
              "{\"a\":\"\t\"}",
              "header is not valid JSON, Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value"),
          new Malformed(safetensors(hex("7b22ff22"), new byte[0]), "f: header is not UTF-8"),
          header(
              "{\"w\":" + entry("\"U8\"", "[4]", "[0,4]") + ",\"w\":1}",
              "header is not valid JSON, Duplicate field 'w'"),
          header(
              "{\"__metadata__\":{},\"__metadata__\":{}}",
              "header is not valid JSON, Duplicate field '__metadata__'"),
          header(
              "{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}",
              "header is not valid JSON, Duplicate field 'a'"),
          header(
              "{\"w\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}",
              "header is not valid JSON, Duplicate field 'dtype'"),
          header("{\"__metadata__\":1}", "__metadata__ is '1', expected an object of strings"),
          header(
              "{\"__metadata__\":{\"step\":1}}", "__metadata__ 'step' is '1', expected a string"),
          header(
              "{\"__metadata__\":{\"a\":{}}}", "__metadata__ 'a' is an object, expected a string"),
          header(
              "{\"\\u001b[31m\":0,\"\\u001b[31m\":0}",
              "array '\\u001b[31m': is '0', expected dtype, shape and data_offsets"),
          header(
              "{\"\\ud83c\":{}}",
              "header is not valid JSON, Broken surrogate pair in field name: expected '\\' to start low surrogate, got 0x22"),
          header(
              "{\"\\udc00\":{}}",
              "header is not valid JSON, Unexpected low surrogate in field name: 0xdc00"),
          header(
              "{\"__metadata__\":{\"a\":\"\\ud83c\"}}",
              "header has the string '\\ud83c', not Unicode"),
          header(
              "{\"__metadata__\":{\"a\":\"\\udc00\"}}",
              "header has the string '\\udc00', not Unicode"),
          header("{\"w\":3}", "array 'w': is '3', expected dtype, shape and data_offsets"),
          header("{\"w\":[]}", "array 'w': is a list, expected dtype, shape and data_offsets"),
          header("{\"w\":{}}", "array 'w': lacks dtype"),
          header("{\"w\":{\"dtype\":\"U8\"}}", "array 'w': lacks shape"),
          header("{\"w\":{\"dtype\":\"U8\",\"shape\":[8]}}", "array 'w': lacks data_offsets"),
          header(
              "{\"w\":{\"dtype\":\"U8\",\"stride\":[8]}}",
              "array 'w': has 'stride', expected dtype, shape and data_offsets"),
          array(
              "\"F8_E4M3\"",
              "[8]",
              "[0,8]",
              "array 'w': dtype is 'F8_E4M3', expected one of"
                  + " [F32, F64, I32, I64, U8, BOOL, F16, BF16]"),
          array(
              "4",
              "[8]",
              "[0,8]",
              "array 'w': dtype is '4', expected one of"
                  + " [F32, F64, I32, I64, U8, BOOL, F16, BF16]"),
          array("\"U8\"", "8", "[0,8]", "array 'w': shape is '8', expected a list of integers"),
          array(
              "\"U8\"", "[8.0]", "[0,8]", "array 'w': shape has '8.0', expected a 64-bit integer"),
          array(
              "\"U8\"", "[[8]]", "[0,8]", "array 'w': shape has a list, expected a 64-bit integer"),
          array(
              "\"U8\"",
              "[18446744073709551617]",
              "[0,8]",
              "array 'w': shape has '18446744073709551617', expected a 64-bit integer"),
          array(
              "\"U8\"",
              "[-8, -1]",
              "[0,8]",
              "array 'w': shape [-8, -1] has the length -8, expected 0 to 2147483647"),
          array(
              "\"U8\"",
              "[4611686018427387904,4]",
              "[0,8]",
              "array 'w': shape [4611686018427387904, 4] has the length 4611686018427387904,"
                  + " expected 0 to 2147483647"),
          array(
              "\"U8\"",
              "[65536,65536]",
              "[0,0]",
              "array 'w': shape [65536, 65536] has more elements than an array can hold"),
          array(
              "\"U8\"",
              "[" + "1,".repeat(64) + "8]",
              "[0,8]",
              "array 'w': shape has more than 64 numbers"),
          array("\"U8\"", "[8]", "[0,8,8]", "array 'w': data_offsets has more than 2 numbers"),
          array("\"U8\"", "[8]", "[8]", "array 'w': data_offsets are [8], expected two"),
          array(
              "\"U8\"",
              "[8]",
              "[-8,0]",
              "array 'w': data_offsets [-8, 0], expected 0 <= begin <= end"),
          array(
              "\"U8\"",
              "[8]",
              "[8,0]",
              "array 'w': data_offsets [8, 0], expected 0 <= begin <= end"),
          array(
              "\"U8\"",
              "[8]",
              "[-9223372036854775808,9223372036854775807]",
              "array 'w': data_offsets [-9223372036854775808, 9223372036854775807],"
                  + " expected 0 <= begin <= end"),
          array(
              "\"U8\"",
              "[9]",
              "[0,9]",
              "array 'w': data_offsets [0, 9] reach beyond the 8 bytes of data"),
          array(
              "\"F32\"",
              "[1,3]",
              "[0,8]",
              "array 'w': data_offsets [0, 8] hold 8 bytes, but F32 [1, 3] takes 12"),
          array("\"U8\"", "[4]", "[0,4]", "4 bytes of data belong to no array"),
          array(
              "\"U8\"", "[4]", "[4,8]", "array 'w': data_offsets [4, 8] leave a hole after byte 0"),
          array(
              "\"BOOL\"",
              "[]",
              "[7,8]",
              "array 'w': data_offsets [7, 8] leave a hole after byte 0"),
          two("[0,4]", "[2,6]", "array 'w': data_offsets [2, 6] overlap [0, 4] of 'v'"),
          two("[4,8]", "[4,8]", "array 'v': data_offsets [4, 8] leave a hole after byte 0"),
          two("[0,4]", "[0,4]", "array 'w': data_offsets [0, 4] overlap [0, 4] of 'v'"),
          header(
              "{\"v\":"
                  + entry("\"U8\"", "[8]", "[0,8]")
                  + ",\"w\":"
                  + entry("\"U8\"", "[0]", "[4,4]")
                  + "}",
              "array 'w': data_offsets [4, 4] overlap [0, 8] of 'v'"),
          header("{}", "8 bytes of data belong to no array"),
          new Malformed(
              safetensors("{\"w\":" + entry("\"BOOL\"", "[2]", "[0,2]") + "}", new byte[] {1, 2}),
              "f: array 'w': element 1 is 2, expected 0 or 1"));

  @ParameterizedTest
  @FieldSource("malformed")
  void saysWhatIsWrong(Malformed malformed) {
    assertThatThrownBy(() -> SafeTensors.read(input(malformed.file)))
        .isInstanceOf(ArrayFileException.class)
        .hasMessage(malformed.message);
  }
}
