package dev.troupe.experiments.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A table that sets our numbers beside published ones, if there are any: for each metric a column
 * of ours and one of each publication that gives it.
 *
 * @param title caption
 * @param metrics metrics, left to right
 * @param publications publications, left to right within a metric
 * @param rows row names, top to bottom
 * @param records our numbers, found by row and metric
 */
public record ComparisonTable(
    String title,
    List<Metric> metrics,
    List<Publication> publications,
    List<String> rows,
    List<ResultRecord> records) {
  /**
   * A metric as the table shows it.
   *
   * @param key {@link ResultRecord#metric}
   * @param label column head, with the unit
   * @param decimals digits after the point
   */
  public record Metric(String key, String label, int decimals) {}

  /**
   * A published table.
   *
   * @param label column head, "Paper"
   * @param citation what is meant by it, one line
   * @param values row name, then metric key, to the number printed
   */
  public record Publication(
      String label, String citation, Map<String, Map<String, PaperValue>> values) {
    /** The number printed, or null. */
    public PaperValue value(String row, String metric) {
      return values.getOrDefault(row, Map.of()).get(metric);
    }
  }

  /** One column of numbers: ours if there is no publication. */
  record Column(Metric metric, Publication publication) {}

  /** One number: its text, and the text of its spread ("± 0.8") or "". */
  record Cell(String value, String spread, boolean ours) {
    static final String EMPTY = "–";

    String text() {
      return spread.isEmpty() ? value : value + " " + spread;
    }
  }

  /** Copies. */
  public ComparisonTable {
    metrics = List.copyOf(metrics);
    publications = List.copyOf(publications);
    rows = List.copyOf(rows);
    records = List.copyOf(records);
  }

  /** All rows: those we measured in their order, then those that only publications have. */
  public static ComparisonTable of(
      String title,
      List<Metric> metrics,
      List<Publication> publications,
      List<ResultRecord> records) {
    Set<String> rows = new LinkedHashSet<>();
    records.forEach(r -> rows.add(r.row()));
    publications.forEach(p -> rows.addAll(p.values().keySet()));
    return new ComparisonTable(title, metrics, publications, List.copyOf(rows), records);
  }

  /** Columns after the row names; a publication without a number for a metric has none there. */
  List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    for (Metric metric : metrics) {
      columns.add(new Column(metric, null));
      for (Publication p : publications) {
        if (rows.stream().anyMatch(row -> p.value(row, metric.key()) != null)) {
          columns.add(new Column(metric, p));
        }
      }
    }
    return columns;
  }

  Cell cell(String row, Column column) {
    Metric metric = column.metric();
    if (column.publication() == null) {
      ResultRecord r = ours(row, metric.key());
      if (r == null || r.mean() == null) {
        return new Cell(Cell.EMPTY, "", true);
      }
      String value = Numbers.fixed(r.mean(), metric.decimals());
      return r.std() == null
          ? new Cell(value, "", true)
          : new Cell(value, "± " + Numbers.fixed(r.std(), metric.decimals()), true);
    }
    PaperValue v = column.publication().value(row, metric.key());
    if (v == null) {
      return new Cell(Cell.EMPTY, "", false);
    }
    String value = Numbers.fixed(v.mean(), metric.decimals());
    if (v.spread() == null) {
      return new Cell(value, "", false);
    }
    String mark =
        switch (v.kind()) {
          case STD -> "";
          case STDERR -> " SE";
          case NONE -> " ?";
        };
    return new Cell(value, "± " + Numbers.fixed(v.spread(), metric.decimals()) + mark, false);
  }

  /** Repetitions behind a row: the largest n of its metrics, or 0 if we did not measure it. */
  long repetitions(String row) {
    return records.stream()
        .filter(r -> r.row().equals(row))
        .mapToLong(ResultRecord::n)
        .max()
        .orElse(0);
  }

  private ResultRecord ours(String row, String metric) {
    return records.stream()
        .filter(r -> r.row().equals(row) && r.metric().equals(metric))
        .findFirst()
        .orElse(null);
  }

  /** What the ± of the table mean, one sentence for each kind that occurs. */
  List<String> footnotes() {
    List<String> notes = new ArrayList<>();
    notes.add(
        "± is the standard deviation; n counts what "
            + (publications.isEmpty() ? "it" : "ours")
            + " is taken over.");
    if (anySpread(PaperValue.Kind.STDERR)) {
      notes.add("± … SE is a standard error.");
    }
    if (anySpread(PaperValue.Kind.NONE)) {
      notes.add("± … ? is a spread whose kind the source does not say.");
    }
    publications.forEach(p -> notes.add(p.label() + ": " + p.citation()));
    return notes;
  }

  private boolean anySpread(PaperValue.Kind kind) {
    return publications.stream()
        .flatMap(p -> p.values().entrySet().stream())
        .filter(e -> rows.contains(e.getKey()))
        .flatMap(e -> e.getValue().values().stream())
        .filter(Objects::nonNull)
        .anyMatch(v -> v.spread() != null && v.kind() == kind);
  }

  /** The table in Markdown (pipes), with its caption above and its footnotes below. */
  public String toMarkdown() {
    List<Column> columns = columns();
    StringBuilder out = new StringBuilder();
    out.append("**").append(escape(title)).append("**\n\n| |");
    for (Column c : columns) {
      String whose = c.publication() == null ? "ours" : c.publication().label();
      String head = publications.isEmpty() ? c.metric().label() : c.metric().label() + ", " + whose;
      out.append(' ').append(escape(head)).append(" |");
    }
    out.append(" n |\n|:--|").append("--:|".repeat(columns.size() + 1)).append('\n');
    for (String row : rows) {
      out.append("| ").append(escape(row)).append(" |");
      for (Column c : columns) {
        Cell cell = cell(row, c);
        boolean bold = cell.ours() && !cell.value().equals(Cell.EMPTY);
        String value = bold ? "**" + cell.value() + "**" : cell.value();
        out.append(' ').append(value);
        out.append(cell.spread().isEmpty() ? "" : " " + cell.spread()).append(" |");
      }
      long n = repetitions(row);
      out.append(' ').append(n == 0 ? Cell.EMPTY : Numbers.grouped(n)).append(" |\n");
    }
    out.append('\n');
    footnotes().forEach(note -> out.append("- ").append(escape(note)).append('\n'));
    return out.toString();
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;");
  }
}
