package dev.troupe.experiments.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Comma-separated values as of RFC 4180: a header, then rows; fields in quotes if they like. */
final class Csv {
  /**
   * A row and the line on which it begins, counted from 1.
   *
   * @param fields as many as the header has
   */
  record Row(int line, List<String> fields) {}

  /** A file: its header and its rows. */
  record Table(String name, List<String> header, List<Row> rows) {
    /** The place of a column, or -1. */
    int column(String title) {
      return header.indexOf(title);
    }
  }

  private final String name;
  private final String text;
  private int at;
  private int line = 1;

  private Csv(String name, String text) {
    this.name = name;
    this.text = text;
  }

  /**
   * Reads a file in UTF-8, with or without a byte order mark.
   *
   * @throws DataFileException if rows differ in length, quotes do not end, or a column has no name
   *     or that of another
   */
  static Table read(Path file) throws IOException {
    return read(file.toString(), Files.readAllBytes(file));
  }

  static Table read(String name, byte[] bytes) throws DataFileException {
    String text;
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new DataFileException(name + ": is not UTF-8", e);
    }
    return new Csv(name, text.startsWith("\uFEFF") ? text.substring(1) : text).table();
  }

  private Table table() throws DataFileException {
    List<Row> rows = new ArrayList<>();
    while (at < text.length()) {
      Row row = row();
      boolean blank = row.fields.size() == 1 && row.fields.getFirst().isEmpty();
      if (!blank) {
        rows.add(row);
      }
    }
    if (rows.isEmpty()) {
      throw new DataFileException(name + ": is empty, expected a header and rows");
    }
    List<String> header = rows.removeFirst().fields.stream().map(String::strip).toList();
    if (header.contains("") || header.stream().distinct().count() < header.size()) {
      throw new DataFileException(
          name + ": the columns are " + header + ", expected a name of its own for each");
    }
    for (Row row : rows) {
      if (row.fields.size() != header.size()) {
        throw new DataFileException(
            name
                + ": line "
                + row.line
                + ": "
                + row.fields.size()
                + " fields, expected "
                + header.size());
      }
    }
    return new Table(name, header, List.copyOf(rows));
  }

  private Row row() throws DataFileException {
    int first = line;
    List<String> fields = new ArrayList<>();
    do {
      fields.add(text.startsWith("\"", at) ? quoted() : plain());
    } while (accept(','));
    accept('\r');
    if (!accept('\n') && at < text.length()) {
      throw new DataFileException(
          name + ": line " + line + ": a quoted field ends before the comma");
    }
    line++;
    return new Row(first, fields);
  }

  private boolean accept(char c) {
    boolean found = at < text.length() && text.charAt(at) == c;
    at += found ? 1 : 0;
    return found;
  }

  private String plain() {
    int start = at;
    while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(start, at);
  }

  private String quoted() throws DataFileException {
    int first = line;
    StringBuilder field = new StringBuilder();
    at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"' && !accept('"')) {
        return field.toString();
      }
      line += c == '\n' ? 1 : 0;
      field.append(c);
    }
    throw new DataFileException(name + ": line " + first + ": a quote does not end");
  }
}
