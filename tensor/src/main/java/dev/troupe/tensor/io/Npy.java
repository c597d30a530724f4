package dev.troupe.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * NumPy's {@code .npy} files: one array each. Reads versions 1.0, 2.0 and 3.0 of the format with
 * {@code f4 f8 i4 i8 u1 b1} elements of either byte order, in C order; writes version 1.0,
 * little-endian, byte for byte as NumPy does.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** NumPy's own limit (its {@code max_header_size}). */
  private static final int MAX_HEADER = 10_000;

  private static final int ALIGNMENT = 64;

  /** NumPy leaves room in the header for the first dimension to grow to so many digits. */
  private static final int GROWTH_DIGITS = 21;

  private Npy() {}

  /**
   * Reads an array.
   *
   * @throws ArrayFileException if the file is not an {@code .npy} file of a supported kind
   */
  public static HostArray read(Path file) throws IOException {
    try (ArrayInput in = ArrayInput.open(file)) {
      return read(in);
    }
  }

  /** Writes an array, {@linkplain AtomicFiles atomically}. */
  public static void write(Path file, HostArray array) throws IOException {
    AtomicFiles.write(file, channel -> write(channel, array));
  }

  static HostArray read(ArrayInput in) throws IOException {
    if (in.size() < MAGIC.length + 4) {
      throw in.malformed("is " + in.size() + " bytes long, too short for a .npy file");
    }
    byte[] magic = in.bytes(MAGIC.length);
    if (!Arrays.equals(magic, MAGIC)) {
      throw in.malformed("does not begin with \\x93NUMPY, it is not a .npy file");
    }
    int major = in.bytes(1)[0] & 0xff;
    int minor = in.bytes(1)[0] & 0xff;
    if (major < 1 || major > 3 || minor != 0) {
      throw in.malformed(
          "version of the format is " + major + "." + minor + ", expected 1.0, 2.0 or 3.0");
    }
    byte[] length = in.bytes(major == 1 ? 2 : 4);
    long headerLength = 0;
    for (int i = length.length - 1; i >= 0; i--) {
      headerLength = headerLength << 8 | length[i] & 0xff;
    }
    if (headerLength > MAX_HEADER) {
      throw in.malformed(
          "header is " + headerLength + " bytes long, at most " + MAX_HEADER + " expected");
    }
    if (headerLength > in.remaining()) {
      throw in.malformed(
          "header is " + headerLength + " bytes long, but only " + in.remaining() + " follow");
    }
    byte[] header = in.bytes((int) headerLength);
    Header parsed = new HeaderParser(in, text(in, header, major)).parse();

    int count = HostArray.elements(parsed.shape);
    long expected = (long) count * parsed.type.bytes;
    if (count < 0) {
      throw in.malformed(
          "shape " + Arrays.toString(parsed.shape) + " has more elements than an array can hold");
    }
    if (expected != in.remaining()) {
      throw in.malformed(
          parsed.type
              + " "
              + Arrays.toString(parsed.shape)
              + " takes "
              + expected
              + " bytes, but "
              + in.remaining()
              + " follow the header");
    }
    return in.array("", parsed.type, parsed.shape, parsed.order);
  }

  private static String text(ArrayInput in, byte[] header, int major) throws ArrayFileException {
    if (major < 3) {
      return new String(header, StandardCharsets.ISO_8859_1);
    }
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header));
      return text.toString();
    } catch (CharacterCodingException e) {
      throw in.malformed("header is not UTF-8");
    }
  }

  static void write(WritableByteChannel out, HostArray array) throws IOException {
    int[] shape = array.shape();
    StringBuilder header = new StringBuilder("{'descr': '");
    header.append(
        switch (array.dtype()) {
          case F32 -> "<f4";
          case F64 -> "<f8";
          case I32 -> "<i4";
          case I64 -> "<i8";
          case U8 -> "|u1";
          case BOOL -> "|b1";
        });
    header.append("', 'fortran_order': False, 'shape': (");
    for (int i = 0; i < shape.length; i++) {
      header.append(i == 0 ? "" : ", ").append(shape[i]);
    }
    header.append(shape.length == 1 ? ",), }" : "), }");
    if (shape.length > 0) {
      header.repeat(' ', GROWTH_DIGITS - Integer.toString(shape[0]).length());
    }
    int before = MAGIC.length + 4;
    int unpadded = before + header.length() + 1;
    header.repeat(' ', Math.floorMod(-unpadded, ALIGNMENT)).append('\n');

    ByteBuffer start = ByteBuffer.allocate(before + header.length()).order(ByteOrder.LITTLE_ENDIAN);
    start.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length());
    start.put(header.toString().getBytes(StandardCharsets.US_ASCII));
    ArrayOutput.writeFully(out, start.flip());
    ArrayOutput.write(out, array);
  }

  private record Header(StoredType type, ByteOrder order, int[] shape) {}

  /**
   * The header is a Python dictionary of exactly three keys, such as <code>
   * {'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</code>.
   */
  private static final class HeaderParser {
    private final ArrayInput in;
    private final String text;
    private int at;

    private String descr;
    private int[] shape;

    HeaderParser(ArrayInput in, String text) {
      this.in = in;
      this.text = text;
    }

    Header parse() throws ArrayFileException {
      Set<String> seen = new HashSet<>();
      expect('{');
      while (!accept('}')) {
        String key = string();
        if (!seen.add(key)) {
          throw in.malformed("key " + ArrayInput.quote(key) + " occurs twice in the header");
        }
        expect(':');
        switch (key) {
          case "descr" -> descr = string();
          case "fortran_order" -> requireCOrder();
          case "shape" -> shape = tuple();
          default ->
              throw in.malformed(
                  "key "
                      + ArrayInput.quote(key)
                      + " in the header, expected descr, fortran_order and shape");
        }
        if (!accept(',')) {
          expect('}');
          break;
        }
      }
      skipSpaces();
      if (at < text.length() && text.charAt(at) == '\n') {
        at++;
      }
      if (at != text.length()) {
        throw unexpected("the end of the header");
      }
      for (String key : List.of("descr", "fortran_order", "shape")) {
        if (!seen.contains(key)) {
          throw in.malformed("header lacks the key '" + key + "'");
        }
      }
      return header();
    }

    private Header header() throws ArrayFileException {
      StoredType type =
          switch (descr.isEmpty() ? "" : descr.substring(1)) {
            case "f4" -> StoredType.F32;
            case "f8" -> StoredType.F64;
            case "i4" -> StoredType.I32;
            case "i8" -> StoredType.I64;
            case "u1" -> StoredType.U8;
            case "b1" -> StoredType.BOOL;
            default -> null;
          };
      char order = descr.isEmpty() ? ' ' : descr.charAt(0);
      if (type == null || !(order == '<' || order == '>' || order == '|' && type.bytes == 1)) {
        throw in.malformed(
            "dtype is "
                + ArrayInput.quote(descr)
                + ", expected f4, f8, i4, i8, u1 or b1 after < or > (or | for single bytes)");
      }
      return new Header(type, order == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, shape);
    }

    private void requireCOrder() throws ArrayFileException {
      skipSpaces();
      if (text.startsWith("True", at)) {
        throw in.malformed(
            "fortran_order is True, expected False (numpy.ascontiguousarray makes it so)");
      }
      if (!text.startsWith("False", at)) {
        throw unexpected("True or False");
      }
      at += "False".length();
    }

    private int[] tuple() throws ArrayFileException {
      List<Integer> lengths = new ArrayList<>();
      boolean comma = false;
      expect('(');
      while (!accept(')')) {
        if (lengths.size() == HostArray.MAX_RANK) {
          throw in.malformed("rank is over " + HostArray.MAX_RANK);
        }
        lengths.add(length());
        comma = accept(',');
        if (!comma) {
          expect(')');
          break;
        }
      }
      if (lengths.size() == 1 && !comma) {
        throw unexpected("','"); // in Python (3) is a number
      }
      return lengths.stream().mapToInt(Integer::intValue).toArray();
    }

    private int length() throws ArrayFileException {
      skipSpaces();
      int start = at;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        at++;
      }
      String digits = text.substring(start, at);
      if (digits.isEmpty() || digits.length() > 1 && digits.charAt(0) == '0') {
        at = start;
        throw unexpected("a length without sign or leading zeros");
      }
      if (digits.length() > 10 || Long.parseLong(digits) > Integer.MAX_VALUE) {
        throw in.malformed(
            "shape has the length " + digits + ", at most " + Integer.MAX_VALUE + " expected");
      }
      return Integer.parseInt(digits);
    }

    private String string() throws ArrayFileException {
      skipSpaces();
      char quote = at < text.length() ? text.charAt(at) : ' ';
      int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
      if (end < 0) {
        throw unexpected("a string in quotes");
      }
      String value = text.substring(at + 1, end);
      at = end + 1;
      return value;
    }

    private boolean accept(char c) {
      skipSpaces();
      boolean found = at < text.length() && text.charAt(at) == c;
      at += found ? 1 : 0;
      return found;
    }

    private void expect(char c) throws ArrayFileException {
      if (!accept(c)) {
        throw unexpected("'" + c + "'");
      }
    }

    private void skipSpaces() {
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
    }

    private ArrayFileException unexpected(String expected) {
      String found = at < text.length() ? ArrayInput.quote(text.substring(at, at + 1)) : "its end";
      return in.malformed("header has " + found + " at " + at + ", expected " + expected);
    }
  }
}
