package dev.troupe.experiments.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Maps, lists, texts, numbers and booleans to JSON and back, by Jackson's streaming half alone: the
 * data binding would cost a tenth of a second of every start.
 */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /**
   * JSON on one line, or indented. NaN and infinities become texts, as JSON has no such numbers.
   */
  public static String write(Map<String, ?> object, boolean indented) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = FACTORY.createGenerator(text)) {
      if (indented) {
        out.useDefaultPrettyPrinter();
      }
      writeValue(out, object);
    } catch (IOException e) {
      throw new IllegalStateException("a StringWriter does not fail", e);
    }
    return text.toString();
  }

  private static void writeValue(JsonGenerator out, Object value) throws IOException {
    switch (value) {
      case Map<?, ?> map -> {
        out.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.writeFieldName((String) entry.getKey());
          writeValue(out, entry.getValue());
        }
        out.writeEndObject();
      }
      case Collection<?> items -> {
        out.writeStartArray();
        for (Object item : items) {
          writeValue(out, item);
        }
        out.writeEndArray();
      }
      case double[] items -> out.writeArray(items, 0, items.length);
      case int[] items -> out.writeArray(items, 0, items.length);
      case long[] items -> out.writeArray(items, 0, items.length);
      case String text -> out.writeString(text);
      case Boolean flag -> out.writeBoolean(flag);
      case Integer number -> out.writeNumber(number);
      case Long number -> out.writeNumber(number);
      case Float number -> out.writeNumber(number);
      case Double number -> out.writeNumber(number);
      case null -> out.writeNull();
      default ->
          throw new IllegalArgumentException("json: cannot write a " + value.getClass().getName());
    }
  }

  /**
   * Reads one JSON object and nothing after it; whole numbers as Long, others as Double.
   *
   * @throws IOException if the text is anything else
   */
  public static Map<String, Object> readObject(String text) throws IOException {
    try (JsonParser in = FACTORY.createParser(text)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      Map<String, Object> object = readMap(in);
      if (in.nextToken() != null) {
        throw new IOException("text after the JSON object");
      }
      return object;
    } catch (JsonProcessingException e) {
      // Its own message has several lines.
      throw new IOException(
          "no JSON beyond line "
              + e.getLocation().getLineNr()
              + ", column "
              + e.getLocation().getColumnNr(),
          e);
    }
  }

  private static Map<String, Object> readMap(JsonParser in) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String key = in.currentName();
      in.nextToken();
      map.put(key, readValue(in));
    }
    return map;
  }

  private static Object readValue(JsonParser in) throws IOException {
    return switch (in.currentToken()) {
      case START_OBJECT -> readMap(in);
      case START_ARRAY -> {
        List<Object> items = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          items.add(readValue(in));
        }
        yield items;
      }
      case VALUE_STRING -> in.getText();
      case VALUE_NUMBER_INT -> in.getLongValue();
      case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case null, default -> throw new IOException("unexpected end of JSON");
    };
  }
}
