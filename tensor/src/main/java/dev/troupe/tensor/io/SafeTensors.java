package dev.troupe.tensor.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The safetensors format: named arrays and a map of strings in one file.
 *
 * <p>The file is a little-endian 8-byte length, a JSON header of that length, and the data. The
 * header gives for each array its dtype, shape and place in the data; the places must cover the
 * data without holes or overlaps. Reading knows F32, F64, I32, I64, U8, BOOL, and F16 and BF16,
 * which are widened to F32.
 */
public final class SafeTensors {
  /** The limit of the format's reference implementation, in bytes. */
  private static final int MAX_HEADER = 100_000_000;

  private static final String METADATA = "__metadata__";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Jackson refuses many names with colliding hashes; without its symbol table, none are.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          // The header is bounded as a whole.
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(MAX_HEADER)
                  .maxStringLength(MAX_HEADER)
                  .build())
          .build();

  private SafeTensors() {}

  /**
   * What a file holds, in the order of its header.
   *
   * @param metadata the strings under {@code __metadata__}; empty where there are none
   */
  public record Contents(
      SequencedMap<String, HostArray> arrays, SequencedMap<String, String> metadata) {}

  /**
   * Reads all arrays of a file.
   *
   * @throws ArrayFileException if the file is not a valid safetensors file, or has a dtype that is
   *     not supported
   */
  public static Contents read(Path file) throws IOException {
    try (ArrayInput in = ArrayInput.open(file)) {
      return read(in);
    }
  }

  /**
   * Writes a file, {@linkplain AtomicFiles atomically}. The same arguments in the same order give
   * the same bytes. The header lists the arrays in the order of the map; the data has the widest
   * elements first, so that every array is aligned.
   *
   * @throws IllegalArgumentException if a name is reserved or is not valid Unicode
   */
  public static void write(
      Path file, SequencedMap<String, HostArray> arrays, SequencedMap<String, String> metadata)
      throws IOException {
    AtomicFiles.write(file, channel -> write(channel, arrays, metadata));
  }

  static void write(
      WritableByteChannel out,
      SequencedMap<String, HostArray> arrays,
      SequencedMap<String, String> metadata)
      throws IOException {
    List<Map.Entry<String, HostArray>> data = new ArrayList<>(arrays.entrySet());
    data.sort(Comparator.comparingInt(entry -> -entry.getValue().dtype().bytes()));
    Map<String, long[]> offsets = new HashMap<>();
    long end = 0;
    for (Map.Entry<String, HostArray> entry : data) {
      HostArray array = entry.getValue();
      long begin = end;
      end += (long) array.size() * array.dtype().bytes();
      offsets.put(entry.getKey(), new long[] {begin, end});
    }
    byte[] header = header(arrays, metadata, offsets);
    if (header.length > MAX_HEADER) {
      throw new IllegalArgumentException(
          "safetensors: header is "
              + header.length
              + " bytes long, at most "
              + MAX_HEADER
              + " expected");
    }
    ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    ArrayOutput.writeFully(out, start.putLong(header.length).put(header).flip());
    for (Map.Entry<String, HostArray> entry : data) {
      ArrayOutput.write(out, entry.getValue());
    }
  }

  private static byte[] header(
      SequencedMap<String, HostArray> arrays,
      SequencedMap<String, String> metadata,
      Map<String, long[]> offsets)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(unicode(entry.getKey()), unicode(entry.getValue()));
        }
        json.writeEndObject();
      }
      for (Map.Entry<String, HostArray> entry : arrays.entrySet()) {
        if (entry.getKey().equals(METADATA)) {
          throw new IllegalArgumentException("safetensors: no array can have the name " + METADATA);
        }
        HostArray array = entry.getValue();
        json.writeObjectFieldStart(unicode(entry.getKey()));
        json.writeStringField("dtype", array.dtype().name());
        json.writeFieldName("shape");
        json.writeArray(array.shape(), 0, array.shape().length);
        json.writeFieldName("data_offsets");
        json.writeArray(offsets.get(entry.getKey()), 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  private static String unicode(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException(
          "safetensors: " + ArrayInput.quote(text) + " is not valid Unicode");
    }
    return text;
  }

  static Contents read(ArrayInput in) throws IOException {
    if (in.size() < 8) {
      throw in.malformed(
          in.size() == 0
              ? "is empty, expected a safetensors file"
              : "is " + in.size() + " bytes long, too short for a safetensors file");
    }
    long length = ByteBuffer.wrap(in.bytes(8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > MAX_HEADER) {
      throw in.malformed(
          "header is "
              + Long.toUnsignedString(length)
              + " bytes long, at most "
              + MAX_HEADER
              + " expected; it is not a safetensors file");
    }
    if (length > in.remaining()) {
      throw in.malformed(
          "header is " + length + " bytes long, but only " + in.remaining() + " follow");
    }
    byte[] header = in.bytes((int) length);
    HeaderReader reader = new HeaderReader(in);
    reader.read(header);

    // The header may list arrays in any order; the file is read front to back.
    List<Entry> inFile = new ArrayList<>(reader.entries);
    inFile.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    checkLayout(in, inFile);
    Map<String, HostArray> read = new HashMap<>();
    for (Entry entry : inFile) {
      String what = array(entry.name) + ": ";
      read.put(entry.name, in.array(what, entry.type, entry.shape, ByteOrder.LITTLE_ENDIAN));
    }
    SequencedMap<String, HostArray> arrays = new LinkedHashMap<>();
    for (Entry entry : reader.entries) {
      arrays.put(entry.name, read.get(entry.name));
    }
    return new Contents(
        Collections.unmodifiableSequencedMap(arrays),
        Collections.unmodifiableSequencedMap(reader.metadata));
  }

  /** All of it before any array is allocated. The entries are in the order of the file. */
  private static void checkLayout(ArrayInput in, List<Entry> entries) throws ArrayFileException {
    long size = in.remaining();
    Entry last = null;
    long end = 0;
    for (Entry entry : entries) {
      String what = array(entry.name) + ": data_offsets " + entry.offsets();
      if (entry.begin < 0 || entry.end < entry.begin) {
        throw in.malformed(what + ", expected 0 <= begin <= end");
      }
      if (entry.end > size) {
        throw in.malformed(what + " reach beyond the " + size + " bytes of data");
      }
      int count = HostArray.elements(entry.shape);
      if (count < 0) {
        throw in.malformed(
            array(entry.name)
                + ": shape "
                + Arrays.toString(entry.shape)
                + " has more elements than an array can hold");
      }
      long expected = (long) count * entry.type.bytes;
      if (expected != entry.end - entry.begin) {
        throw in.malformed(
            what
                + " hold "
                + (entry.end - entry.begin)
                + " bytes, but "
                + entry.type
                + " "
                + Arrays.toString(entry.shape)
                + " takes "
                + expected);
      }
      if (entry.begin < end) {
        throw in.malformed(
            what + " overlap " + last.offsets() + " of " + ArrayInput.quote(last.name));
      }
      if (entry.begin > end) {
        throw in.malformed(what + " leave a hole after byte " + end);
      }
      last = entry;
      end = entry.end;
    }
    if (end != size) {
      throw in.malformed((size - end) + " bytes of data belong to no array");
    }
  }

  private static String array(String name) {
    return "array " + ArrayInput.quote(name);
  }

  private record Entry(String name, StoredType type, int[] shape, long begin, long end) {
    String offsets() {
      return "[" + begin + ", " + end + "]";
    }
  }

  /** The JSON of the header, checked for its form only. */
  private static final class HeaderReader {
    final List<Entry> entries = new ArrayList<>();
    final SequencedMap<String, String> metadata = new LinkedHashMap<>();
    private final ArrayInput in;

    HeaderReader(ArrayInput in) {
      this.in = in;
    }

    void read(byte[] header) throws IOException {
      if (header.length == 0 || header[0] != '{') {
        throw in.malformed("header does not begin with '{', it is not a safetensors file");
      }
      Reader text =
          new InputStreamReader(
              new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder());
      try (JsonParser json = JSON.createParser(text)) {
        json.nextToken();
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String name = unicode(json.currentName());
          if (name.equals(METADATA)) {
            readMetadata(json);
          } else {
            entries.add(readEntry(name, json));
          }
        }
        if (json.nextToken() != null) {
          throw in.malformed("header has more than one JSON object");
        }
      } catch (JsonProcessingException e) {
        throw in.malformed("header is not valid JSON, " + reason(e));
      } catch (CharacterCodingException e) {
        throw in.malformed("header is not UTF-8");
      }
    }

    private static String reason(JsonProcessingException e) {
      String first = e.getOriginalMessage().lines().findFirst().orElse("");
      int more = first.indexOf(" (start marker");
      return ArrayInput.printable(more < 0 ? first : first.substring(0, more), 150);
    }

    private void readMetadata(JsonParser json) throws IOException {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw in.malformed(METADATA + " is " + found(json) + ", expected an object of strings");
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = unicode(json.currentName());
        if (json.nextToken() != JsonToken.VALUE_STRING) {
          throw in.malformed(
              METADATA
                  + " "
                  + ArrayInput.quote(key)
                  + " is "
                  + found(json)
                  + ", expected a string");
        }
        metadata.put(key, unicode(json.getText()));
      }
    }

    private Entry readEntry(String name, JsonParser json) throws IOException {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw in.malformed(
            array(name) + ": is " + found(json) + ", expected dtype, shape and data_offsets");
      }
      StoredType type = null;
      List<Long> shape = null;
      List<Long> offsets = null;
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = json.currentName();
        json.nextToken();
        switch (key) {
          case "dtype" -> type = readType(name, json);
          case "shape" -> shape = readNumbers(name, key, HostArray.MAX_RANK, json);
          case "data_offsets" -> offsets = readNumbers(name, key, 2, json);
          default ->
              throw in.malformed(
                  array(name)
                      + ": has "
                      + ArrayInput.quote(key)
                      + ", expected dtype, shape and data_offsets");
        }
      }
      if (type == null || shape == null || offsets == null) {
        String missing = type == null ? "dtype" : shape == null ? "shape" : "data_offsets";
        throw in.malformed(array(name) + ": lacks " + missing);
      }
      if (offsets.size() != 2) {
        throw in.malformed(array(name) + ": data_offsets are " + offsets + ", expected two");
      }
      for (long length : shape) {
        if (length < 0 || length > Integer.MAX_VALUE) {
          throw in.malformed(
              array(name)
                  + ": shape "
                  + shape
                  + " has the length "
                  + length
                  + ", expected 0 to "
                  + Integer.MAX_VALUE);
        }
      }
      int[] lengths = shape.stream().mapToInt(Math::toIntExact).toArray();
      return new Entry(name, type, lengths, offsets.get(0), offsets.get(1));
    }

    private StoredType readType(String name, JsonParser json) throws IOException {
      if (json.currentToken() == JsonToken.VALUE_STRING) {
        String dtype = json.getText();
        for (StoredType type : StoredType.values()) {
          if (type.name().equals(dtype)) {
            return type;
          }
        }
      }
      throw in.malformed(
          array(name)
              + ": dtype is "
              + found(json)
              + ", expected one of "
              + Arrays.toString(StoredType.values()));
    }

    private List<Long> readNumbers(String name, String key, int limit, JsonParser json)
        throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw in.malformed(
            array(name) + ": " + key + " is " + found(json) + ", expected a list of integers");
      }
      List<Long> numbers = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
            || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
          throw in.malformed(
              array(name) + ": " + key + " has " + found(json) + ", expected a 64-bit integer");
        }
        if (numbers.size() == limit) {
          throw in.malformed(array(name) + ": " + key + " has more than " + limit + " numbers");
        }
        numbers.add(json.getLongValue());
      }
      return numbers;
    }

    /** The current token, for a message. */
    private static String found(JsonParser json) throws IOException {
      return switch (json.currentToken()) {
        case null -> "its end";
        case START_OBJECT -> "an object";
        case START_ARRAY -> "a list";
        default -> ArrayInput.quote(json.getText());
      };
    }

    /** JSON can spell halves of surrogate pairs, which no other reader would take. */
    private String unicode(String text) throws ArrayFileException {
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
        throw in.malformed("header has the string " + ArrayInput.quote(text) + ", not Unicode");
      }
      return text;
    }
  }
}
