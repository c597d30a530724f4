package dev.troupe.experiments.report;

import dev.troupe.experiments.report.ComparisonTable.Cell;
import dev.troupe.experiments.report.ComparisonTable.Column;
import dev.troupe.experiments.report.ComparisonTable.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * Renders a {@link Report} as one HTML page that needs nothing else: no script, no other file. The
 * page is well-formed XML too.
 */
public final class HtmlReport {
  private static final String STYLE = resource("report.css");

  private final StringBuilder out = new StringBuilder();

  private HtmlReport() {}

  /** The page. */
  public static String render(Report report) {
    HtmlReport html = new HtmlReport();
    html.page(report);
    return html.out.toString();
  }

  private void page(Report report) {
    out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
        .append("<meta name=\"color-scheme\" content=\"light dark\"/>\n");
    element("title", report.title());
    out.append("<style>\n").append(STYLE).append("</style>\n</head>\n<body>\n<main>\n<header>\n");
    element("h1", report.title());
    out.append("<p class=\"lead\">").append(inline(report.lead())).append("</p>\n</header>\n");
    if (!report.highlights().isEmpty()) {
      out.append("<dl class=\"highlights\">\n");
      for (Report.Highlight h : report.highlights()) {
        out.append("<div><dt>").append(inline(h.label())).append("</dt><dd>");
        out.append(inline(h.value())).append("</dd></div>\n");
      }
      out.append("</dl>\n");
    }
    out.append("<nav aria-label=\"Contents\">\n");
    for (Report.Section s : report.sections()) {
      out.append("<a href=\"#").append(slug(s.heading())).append("\">");
      out.append(escape(s.heading())).append("</a>\n");
    }
    out.append("</nav>\n");
    for (Report.Section s : report.sections()) {
      out.append("<section>\n<h2 id=\"").append(slug(s.heading())).append("\">");
      out.append(escape(s.heading())).append("</h2>\n");
      s.blocks().forEach(this::block);
      out.append("</section>\n");
    }
    out.append("</main>\n</body>\n</html>\n");
  }

  private void block(Report.Block block) {
    switch (block) {
      case Report.Text text -> element("p", text.text());
      case Report.Notes notes -> {
        out.append("<ul>\n");
        notes.items().forEach(item -> element("li", item));
        out.append("</ul>\n");
      }
      case Report.Definitions definitions -> {
        out.append("<dl class=\"definitions\">\n");
        definitions
            .terms()
            .forEach((term, meaning) -> {
              element("dt", term);
              element("dd", meaning);
            });
        out.append("</dl>\n");
      }
      case Report.Values values -> values(values);
      case Report.Code code ->
          out.append("<pre tabindex=\"0\"><code>")
              .append(escape(code.text()))
              .append("</code></pre>\n");
      case Report.Table table -> table(table.table());
      case Report.Findings findings -> findings(findings);
      case Report.Picture picture -> picture(picture);
    }
  }

  private void findings(Report.Findings findings) {
    out.append("<ul class=\"findings\">\n");
    for (Report.Finding f : findings.items()) {
      String verdict = f.verdict();
      out.append("<li class=\"").append(verdict.replace(' ', '-')).append("\"><strong>");
      out.append(verdict).append("</strong><div>").append(inline(f.statement()));
      out.append("<p>").append(inline(f.evidence())).append("</p></div></li>\n");
    }
    out.append("</ul>\n");
  }

  private void values(Report.Values values) {
    out.append("<div class=\"scroll\" tabindex=\"0\"><table class=\"values\">\n<thead><tr>");
    out.append("<th scope=\"col\">").append(inline(values.nameHead())).append("</th>");
    out.append("<th scope=\"col\">").append(inline(values.valueHead())).append("</th>");
    out.append("</tr></thead>\n<tbody>\n");
    values
        .values()
        .forEach((name, value) -> {
          out.append("<tr><th scope=\"row\">").append(inline(name)).append("</th><td>");
          out.append(inline(String.valueOf(value))).append("</td></tr>\n");
        });
    out.append("</tbody></table></div>\n");
  }

  private void table(ComparisonTable table) {
    List<Column> columns = table.columns();
    out.append("<div class=\"scroll\" tabindex=\"0\"><table class=\"comparison\">\n<caption>");
    out.append(inline(table.title())).append("</caption>\n<thead>\n<tr><td></td>");
    for (Metric metric : table.metrics()) {
      long span = columns.stream().filter(c -> c.metric().equals(metric)).count();
      out.append("<th scope=\"colgroup\" colspan=\"").append(span).append("\">");
      out.append(inline(metric.label())).append("</th>");
    }
    if (table.publications().isEmpty()) {
      out.append("<th scope=\"col\">n</th></tr>\n</thead>\n<tbody>\n");
    } else {
      out.append("<td></td></tr>\n<tr><td></td>");
      for (Column c : columns) {
        String whose = c.publication() == null ? "ours" : c.publication().label();
        out.append("<th scope=\"col\"").append(classes(c, null)).append(">");
        out.append(inline(whose)).append("</th>");
      }
      out.append("<th scope=\"col\">n</th></tr>\n</thead>\n<tbody>\n");
    }
    for (String row : table.rows()) {
      long n = table.repetitions(row);
      out.append(n == 0 ? "<tr class=\"published\">" : "<tr>");
      out.append("<th scope=\"row\">").append(inline(row)).append("</th>");
      for (Column c : columns) {
        Cell cell = table.cell(row, c);
        out.append("<td").append(classes(c, cell)).append(">").append(escape(cell.value()));
        if (!cell.spread().isEmpty()) {
          out.append(" <span class=\"spread\">").append(escape(cell.spread())).append("</span>");
        }
        out.append("</td>");
      }
      out.append("<td class=\"n\">").append(n == 0 ? Cell.EMPTY : Numbers.grouped(n));
      out.append("</td></tr>\n");
    }
    out.append("</tbody></table></div>\n<ul class=\"footnotes\">\n");
    table.footnotes().forEach(note -> element("li", note));
    out.append("</ul>\n");
  }

  private static String classes(Column column, Cell cell) {
    boolean ours = column.publication() == null;
    boolean empty = cell != null && cell.value().equals(Cell.EMPTY);
    String names = ((ours ? "ours" : "") + (empty ? " empty" : "")).strip();
    return names.isEmpty() ? "" : " class=\"" + names + "\"";
  }

  private void picture(Report.Picture picture) {
    ByteBuffer header = ByteBuffer.wrap(picture.png()); // PNG: width at 16, height at 20
    out.append("<figure><div class=\"scroll\"><img width=\"").append(header.getInt(16));
    out.append("\" height=\"").append(header.getInt(20));
    out.append("\" alt=\"").append(escape(picture.alternative()));
    out.append("\" src=\"data:image/png;base64,");
    out.append(Base64.getEncoder().encodeToString(picture.png()));
    out.append("\"/></div><figcaption>").append(inline(picture.caption()));
    out.append(" <span class=\"file\">").append(escape(picture.file()));
    out.append("</span></figcaption></figure>\n");
  }

  private void element(String name, String text) {
    out.append('<').append(name).append('>').append(inline(text));
    out.append("</").append(name).append(">\n");
  }

  /** Escaped text in which `words` between backticks are code; a lone backtick stays one. */
  static String inline(String text) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (true) {
      int open = text.indexOf('`', at);
      int close = open < 0 ? -1 : text.indexOf('`', open + 1);
      if (close < 0) {
        return out.append(escape(text.substring(at))).toString();
      }
      out.append(escape(text.substring(at, open)));
      out.append("<code>").append(escape(text.substring(open + 1, close))).append("</code>");
      at = close + 1;
    }
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;")
        .replaceAll("(\\d) %", "$1\u00A0%"); // a number keeps its unit
  }

  private static String slug(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
