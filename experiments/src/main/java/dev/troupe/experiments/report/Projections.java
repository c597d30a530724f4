package dev.troupe.experiments.report;

import dev.troupe.experiments.report.Canvas.Anchor;
import dev.troupe.experiments.report.Canvas.Key;
import dev.troupe.experiments.report.Canvas.Panel;
import dev.troupe.experiments.report.Plots.PointSet;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;

/**
 * Points of a high-dimensional space on a plane of it, on the contours of a critic over that plane.
 */
public final class Projections {
  private static final int WIDTH = 1280;
  private static final double LEFT = 44;
  private static final double GAP = 12;
  private static final double EDGE = 14;
  private static final double HEAD = 40;
  private static final double FOOT = 52;
  private static final int LEVELS = 14;

  private Projections() {}

  /**
   * The part of the plane that is shown.
   *
   * @param x0 lowest abscissa
   * @param y0 lowest ordinate
   * @param side of the square
   */
  public record Frame(double x0, double y0, double side) {}

  /**
   * One panel.
   *
   * @param title its title
   * @param scores the critic's, [n, n] row by row, row 0 at the lowest y, the cells' middles spread
   *     evenly over the frame; empty for none
   * @param sets points as x,y pairs; -1 as the member is ink, for real data
   */
  public record Projection(String title, float[] scores, List<PointSet> sets) {}

  /**
   * Panels in rows of at most four. High scores are reddish, low ones bluish, each panel on a scale
   * of its own: scores of different critics cannot be compared.
   *
   * @throws IllegalArgumentException if scores are no square grid
   */
  public static byte[] draw(List<Projection> panels, Frame frame) {
    int columns = columns(panels.size());
    int rows = (panels.size() + columns - 1) / columns;
    double side =
        Math.rint(
            Math.min(520, (WIDTH - 2 * EDGE - columns * LEFT - (columns - 1) * GAP) / columns));
    List<Key> keys =
        panels.stream()
            .flatMap(p -> p.sets().stream())
            .map(s -> new Key(s.label(), s.colour(), true, false))
            .distinct()
            .toList();
    double rowHeight = HEAD + side + FOOT - 14;
    double legend = Plots.legendHeight(keys);
    Canvas canvas = new Canvas(WIDTH, (int) Math.ceil(rows * rowHeight + 14 + legend));
    double used = columns * (LEFT + side) + (columns - 1) * GAP;
    double step = Canvas.step(frame.side(), 5);
    for (int i = 0; i < panels.size(); i++) {
      double x = Math.rint((WIDTH - used) / 2 + LEFT + i % columns * (LEFT + side + GAP));
      int row = i / columns;
      double y = Math.rint(HEAD + row * rowHeight);
      Panel panel =
          new Panel(
              x,
              y,
              side,
              side,
              frame.x0(),
              frame.x0() + frame.side(),
              frame.y0(),
              frame.y0() + frame.side());
      panel(canvas, panel, panels.get(i), step);
    }
    canvas.legend(keys, EDGE, rows * rowHeight + 26, WIDTH - 2 * EDGE);
    return canvas.png();
  }

  /** The most even division into rows of at most four. */
  private static int columns(int panels) {
    int rows = (panels + 3) / 4;
    return Math.max(1, (panels + rows - 1) / rows);
  }

  private static void panel(Canvas canvas, Panel panel, Projection p, double step) {
    Plots.title(canvas, p.title(), panel);
    canvas.clip(panel);
    if (p.scores().length > 0) {
      canvas.image(ground(p, (int) panel.w()), panel);
    }
    int longest = p.sets().stream().mapToInt(s -> s.points().length / 2).max().orElse(0);
    int outside = 0;
    for (int i = 0; i < longest; i++) { // a point of each set in turn, so that none hides the rest
      for (PointSet set : p.sets()) {
        if (2 * i < set.points().length) {
          float px = set.points()[2 * i];
          float py = set.points()[2 * i + 1];
          if (panel.contains(px, py)) {
            canvas.dot(panel.px(px), panel.py(py), 1.9, Palette.withAlpha(set.colour(), 150));
          } else {
            outside++;
          }
        }
      }
    }
    canvas.clip(null);
    canvas.axes(panel, step, step);
    if (outside > 0) {
      canvas.text(
          Numbers.grouped(outside) + " outside",
          13,
          false,
          Palette.MUTED,
          panel.x() + panel.w() - 5,
          panel.y() + 16,
          Anchor.RIGHT);
    }
  }

  /** Filled contours with a darker line between two levels. */
  private static BufferedImage ground(Projection p, int pixels) {
    int n = (int) Math.round(Math.sqrt(p.scores().length));
    if (n < 2 || n * n != p.scores().length) {
      throw new IllegalArgumentException(
          "projection: scores must be a square grid, got " + p.scores().length + " cells");
    }
    float[] sorted = p.scores().clone();
    Arrays.sort(sorted);
    double lo = sorted[0];
    double hi = sorted[sorted.length - 1];
    int[][] level = new int[pixels][pixels];
    for (int r = 0; r < pixels; r++) {
      for (int c = 0; c < pixels; c++) {
        double v = Plots.sample(p.scores(), n, r, c, pixels);
        double t = hi > lo ? (v - lo) / (hi - lo) : 0.5;
        level[r][c] = (int) Math.min(LEVELS - 1, Math.floor(t * LEVELS));
      }
    }
    BufferedImage picture = new BufferedImage(pixels, pixels, BufferedImage.TYPE_INT_RGB);
    for (int r = 0; r < pixels; r++) {
      for (int c = 0; c < pixels; c++) {
        boolean edge =
            r + 1 < pixels && level[r][c] != level[r + 1][c]
                || c + 1 < pixels && level[r][c] != level[r][c + 1];
        int rgb = Palette.ground(level[r][c] / (LEVELS - 1.0));
        picture.setRGB(c, r, edge ? darker(rgb) : rgb);
      }
    }
    return picture;
  }

  private static int darker(int rgb) {
    int r = (int) (0.86 * (rgb >> 16 & 0xFF));
    int g = (int) (0.86 * (rgb >> 8 & 0xFF));
    int b = (int) (0.86 * (rgb & 0xFF));
    return r << 16 | g << 8 | b;
  }
}
