package dev.troupe.experiments.report;

import dev.troupe.experiments.report.Canvas.Anchor;
import java.awt.geom.Rectangle2D;
import java.util.List;

/** Tables of shares as pictures: the larger a share, the darker its cell. */
public final class ShareTables {
  private static final int WIDTH = 1280;
  private static final double EDGE = 14;
  private static final double CELL_WIDTH = 74;
  private static final double CELL_HEIGHT = 30;
  private static final double LABEL = 54;
  private static final double GAP = 46;
  private static final double HEAD = 74;

  private ShareTables() {}

  /**
   * One table.
   *
   * @param title its title
   * @param rows label of each row
   * @param columns label of each column
   * @param shares [rows][columns], 0 to 1
   */
  public record ShareTable(
      String title, List<String> rows, List<String> columns, double[][] shares) {
    double width() {
      return LABEL + columns.size() * CELL_WIDTH;
    }

    double height() {
      return HEAD + rows.size() * CELL_HEIGHT;
    }
  }

  /** Tables side by side, in as many rows as they need. */
  public static byte[] draw(List<ShareTable> tables) {
    double height = EDGE;
    for (int from = 0; from < tables.size(); from = rowEnd(tables, from)) {
      height += rowHeight(tables.subList(from, rowEnd(tables, from)));
    }
    Canvas canvas = new Canvas(WIDTH, (int) Math.ceil(height));
    double y = 0;
    for (int from = 0; from < tables.size(); ) {
      List<ShareTable> row = tables.subList(from, rowEnd(tables, from));
      double used = row.stream().mapToDouble(ShareTable::width).sum() + GAP * (row.size() - 1);
      double x = (WIDTH - used) / 2;
      for (ShareTable table : row) {
        draw(canvas, table, x, y);
        x += table.width() + GAP;
      }
      y += rowHeight(row);
      from += row.size();
    }
    return canvas.png();
  }

  private static double rowHeight(List<ShareTable> row) {
    return row.stream().mapToDouble(ShareTable::height).max().orElse(0) + EDGE;
  }

  private static int rowEnd(List<ShareTable> tables, int from) {
    double used = tables.get(from).width();
    int to = from + 1;
    while (to < tables.size() && used + GAP + tables.get(to).width() <= WIDTH - 2 * EDGE) {
      used += GAP + tables.get(to++).width();
    }
    return to;
  }

  private static void draw(Canvas canvas, ShareTable t, double x, double y) {
    double left = x + LABEL;
    double top = y + HEAD;
    double middle = left + t.columns().size() * CELL_WIDTH / 2;
    canvas.text(t.title(), Canvas.LABEL, true, Palette.INK, middle, y + 30, Anchor.CENTRE);
    for (int c = 0; c < t.columns().size(); c++) {
      double centre = left + (c + 0.5) * CELL_WIDTH;
      canvas.text(
          t.columns().get(c), Canvas.TICK, false, Palette.MUTED, centre, top - 9, Anchor.CENTRE);
    }
    for (int r = 0; r < t.rows().size(); r++) {
      double line = top + r * CELL_HEIGHT;
      double base = line + CELL_HEIGHT / 2 + 5.5;
      canvas.text(t.rows().get(r), Canvas.TICK, false, Palette.MUTED, left - 9, base, Anchor.RIGHT);
      for (int c = 0; c < t.columns().size(); c++) {
        double share = t.shares()[r][c];
        canvas.fill(
            new Rectangle2D.Double(
                left + c * CELL_WIDTH + 1, line + 1, CELL_WIDTH - 2, CELL_HEIGHT - 2),
            Palette.share(share));
        canvas.text(
            Numbers.fixed(100 * share, 0) + " %",
            Canvas.TICK,
            share >= 0.5,
            share > 0.55 ? Palette.PAPER : Palette.INK,
            left + (c + 0.5) * CELL_WIDTH,
            base,
            Anchor.CENTRE);
      }
    }
  }
}
