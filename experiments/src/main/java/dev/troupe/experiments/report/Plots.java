package dev.troupe.experiments.report;

import dev.troupe.experiments.report.Canvas.Anchor;
import dev.troupe.experiments.report.Canvas.Key;
import dev.troupe.experiments.report.Canvas.Panel;
import dev.troupe.experiments.report.Canvas.Tick;
import java.awt.Color;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The figures of the experiments, as PNG files: the same input gives the same bytes. */
public final class Plots {
  private static final int WIDTH = 1280;
  private static final double LEFT = 52; // room for tick labels left of a panel
  private static final double GAP = 26; // between a panel and the next one's tick labels
  private static final double EDGE = 18;

  private Plots() {}

  /**
   * Points of one colour.
   *
   * @param label legend entry
   * @param points x,y pairs, [N, 2]
   * @param member which colour: 0 is the first member's; -1 is grey, for real data
   */
  public record PointSet(String label, float[] points, int member) {
    Color colour() {
      return member < 0 ? Palette.INK : Palette.member(member);
    }
  }

  /** One scatter plot of a figure. */
  public record Scatter(String title, List<PointSet> sets) {}

  /**
   * Scatter plots side by side over the square [-halfRange, halfRange]² with equal axes. Points
   * outside are not drawn; their number is stated under the plot.
   */
  public static byte[] scatter(List<Scatter> plots, double halfRange) {
    int n = plots.size();
    double side = (WIDTH - 2 * EDGE - n * LEFT - (n - 1) * GAP) / n;
    side = Math.min(side, 640);
    double top = 44;
    boolean legend = plots.stream().anyMatch(p -> p.sets().size() > 1);
    double below = 56;
    List<Key> keys = new ArrayList<>();
    if (legend) {
      plots.stream()
          .flatMap(p -> p.sets().stream())
          .filter(s -> s.member() >= 0)
          .forEach(s -> keys.add(new Key(s.label(), s.colour(), true, false)));
    }
    double legendHeight = legendHeight(keys);
    int height = (int) Math.ceil(top + side + below + legendHeight);
    Canvas canvas = new Canvas(WIDTH, height);
    double used = n * (LEFT + side) + (n - 1) * GAP;
    double x = (WIDTH - used) / 2 + LEFT;
    double step = Canvas.step(2 * halfRange, 6);
    for (Scatter plot : plots) {
      Panel panel = new Panel(x, top, side, side, -halfRange, halfRange, -halfRange, halfRange);
      title(canvas, plot.title(), panel);
      canvas.grid(panel, step, step);
      canvas.clip(panel);
      int[] counts = points(canvas, panel, plot.sets());
      canvas.clip(null);
      canvas.axes(panel, step, step);
      canvas.text(
          countLabel(counts),
          Canvas.TICK,
          false,
          Palette.MUTED,
          x + side / 2,
          top + side + 46,
          Anchor.CENTRE);
      x += side + GAP + LEFT;
    }
    canvas.legend(keys, EDGE, top + side + below + 22, WIDTH - 2 * EDGE);
    return canvas.png();
  }

  /** Draws the sets a point of each in turn, so that none hides the others: {all, outside}. */
  private static int[] points(Canvas canvas, Panel panel, List<PointSet> sets) {
    int all = 0;
    int outside = 0;
    int longest = sets.stream().mapToInt(s -> s.points().length / 2).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      for (PointSet set : sets) {
        if (2 * i < set.points().length) {
          float px = set.points()[2 * i];
          float py = set.points()[2 * i + 1];
          all++;
          if (panel.contains(px, py)) {
            canvas.dot(panel.px(px), panel.py(py), 2.2, Palette.withAlpha(set.colour(), 170));
          } else {
            outside++;
          }
        }
      }
    }
    return new int[] {all, outside};
  }

  private static String countLabel(int[] counts) {
    String all = Numbers.grouped(counts[0]) + " points";
    return counts[1] == 0 ? all : all + ", " + Numbers.grouped(counts[1]) + " of them outside";
  }

  /**
   * A discriminator's score over a square, with the points of its generator.
   *
   * @param title title
   * @param scores [n, n] row by row; row 0 is the lowest y, column 0 the lowest x; the cells'
   *     middles are spread evenly over [-halfRange, halfRange]
   * @param points generated points as x,y pairs, [N, 2]
   */
  public record HeatMap(String title, float[] scores, float[] points) {
    int side() {
      int n = (int) Math.round(Math.sqrt(scores.length));
      if (n < 2 || n * n != scores.length) {
        throw new IllegalArgumentException(
            "heat map: scores must be a square grid, got " + scores.length + " cells");
      }
      return n;
    }
  }

  /**
   * Heat maps with one colour scale. The scale runs from the 1st to the 99th percentile of all
   * scores, so that one far corner does not flatten the rest; values beyond take the end colours.
   *
   * @param label what the colours mean
   */
  public static byte[] heatMaps(List<HeatMap> maps, double halfRange, String label) {
    double[] range = range(maps);
    int columns = maps.size() <= 3 ? maps.size() : (maps.size() + 1) / 2;
    int rows = (maps.size() + columns - 1) / columns;
    double bar = 110; // room for the colour bar on the right
    double left = 40;
    double side =
        Math.min(560, (WIDTH - 2 * EDGE - bar - columns * left - (columns - 1) * 14) / columns);
    double cell = side + 78;
    Canvas canvas = new Canvas(WIDTH, (int) Math.ceil(rows * cell + 10));
    double used = columns * (left + side) + (columns - 1) * 14 + bar;
    double start = (WIDTH - used) / 2 + left;
    double step = Canvas.step(2 * halfRange, 6);
    for (int i = 0; i < maps.size(); i++) {
      HeatMap map = maps.get(i);
      int row = i / columns;
      double x = start + i % columns * (side + left + 14);
      double y = 38 + row * cell;
      // Whole pixels, so that picture and frame meet.
      Panel panel =
          new Panel(
              Math.rint(x),
              Math.rint(y),
              Math.rint(side),
              Math.rint(side),
              -halfRange,
              halfRange,
              -halfRange,
              halfRange);
      title(canvas, map.title(), panel);
      canvas.clip(panel);
      canvas.image(picture(map, range, (int) panel.w()), panel);
      for (int k = 0; k + 1 < map.points().length; k += 2) {
        double px = panel.px(map.points()[k]);
        double py = panel.py(map.points()[k + 1]);
        canvas.dot(px, py, 2.6, new Color(0, 0, 0, 110));
        canvas.dot(px, py, 1.7, Color.WHITE);
      }
      canvas.clip(null);
      canvas.axes(panel, step, step);
    }
    double barX = start + columns * (side + left + 14) - left - 14 + 20;
    colourBar(canvas, range, label, barX, 38, rows * cell - 78);
    return canvas.png();
  }

  private static double[] range(List<HeatMap> maps) {
    float[] all = new float[maps.stream().mapToInt(m -> m.scores().length).sum()];
    int n = 0;
    for (HeatMap map : maps) {
      for (float v : map.scores()) {
        if (Float.isFinite(v)) {
          all[n++] = v;
        }
      }
    }
    if (n == 0) {
      throw new IllegalArgumentException("heat map: no finite score among " + all.length);
    }
    Arrays.sort(all, 0, n);
    double lo = all[(int) (0.01 * (n - 1))];
    double hi = all[(int) (0.99 * (n - 1))];
    return hi > lo ? new double[] {lo, hi} : new double[] {lo - 0.5, lo + 0.5};
  }

  /** The scores at the picture's own resolution, bilinear between cells; NaN is grey. */
  private static BufferedImage picture(HeatMap map, double[] range, int pixels) {
    int n = map.side();
    BufferedImage picture = new BufferedImage(pixels, pixels, BufferedImage.TYPE_INT_RGB);
    for (int r = 0; r < pixels; r++) {
      for (int c = 0; c < pixels; c++) {
        double v = sample(map.scores(), n, r, c, pixels);
        double t = (v - range[0]) / (range[1] - range[0]);
        picture.setRGB(c, r, Double.isNaN(v) ? 0x9AA0A6 : Palette.map(t));
      }
    }
    return picture;
  }

  /**
   * A grid [n, n] with row 0 below, between its cells, at a pixel of a square with row 0 on top.
   */
  static double sample(float[] grid, int n, int row, int column, int pixels) {
    double fy = Math.clamp((pixels - 1 - row + 0.5) / pixels * (n - 1), 0, n - 1);
    int y = (int) Math.min(fy, n - 2);
    double fx = Math.clamp((column + 0.5) / pixels * (n - 1), 0, n - 1);
    int x = (int) Math.min(fx, n - 2);
    return bilinear(grid, n, x, y, fx - x, fy - y);
  }

  private static double bilinear(float[] v, int n, int x, int y, double fx, double fy) {
    int at = y * n + x;
    double low = v[at] + fx * (v[at + 1] - v[at]);
    double high = v[at + n] + fx * (v[at + n + 1] - v[at + n]);
    return low + fy * (high - low);
  }

  private static void colourBar(
      Canvas canvas, double[] range, String label, double x, double y, double height) {
    Panel bar = new Panel(x, y, 22, height, 0, 1, range[0], range[1]);
    BufferedImage picture = new BufferedImage(1, (int) height, BufferedImage.TYPE_INT_RGB);
    for (int r = 0; r < picture.getHeight(); r++) {
      picture.setRGB(0, r, Palette.map(1 - (r + 0.5) / picture.getHeight()));
    }
    canvas.image(picture, bar);
    double step = Canvas.step(range[1] - range[0], 8);
    for (double v = Math.ceil(range[0] / step) * step; v <= range[1]; v += step) {
      canvas.line(x + 22, bar.py(v), x + 27, bar.py(v), Palette.MUTED, 1);
      String tick = Numbers.tick(v, step);
      canvas.text(tick, Canvas.TICK, false, Palette.MUTED, x + 31, bar.py(v) + 5.5, Anchor.LEFT);
    }
    canvas.textUpwards(label, Canvas.LABEL, Palette.INK, x + 88, y + height / 2);
  }

  /**
   * One line of a plot.
   *
   * @param label legend entry
   * @param x abscissae, [N]
   * @param y ordinates, [N]; NaN leaves a gap
   * @param spread half height of the error bars, [N], or null; of a band around the line where no
   *     points are marked
   * @param colour index into the members' colours; -1 is grey
   * @param dashed whether the line is dashed, as for a paper's numbers
   * @param dots whether to mark the points
   */
  public record Series(
      String label,
      double[] x,
      double[] y,
      double[] spread,
      int colour,
      boolean dashed,
      boolean dots) {
    /** A plain line. */
    public static Series line(String label, double[] x, double[] y, int colour) {
      return new Series(label, x, y, null, colour, false, false);
    }

    Color ink() {
      return colour < 0 ? Palette.MUTED : Palette.member(colour);
    }
  }

  /**
   * One line plot of a figure.
   *
   * @param lowest lowest y shown, or NaN to fit the data
   * @param highest highest y shown, or NaN to fit the data
   * @param logarithmic whether ordinates are on a logarithmic scale that fits the data; what is not
   *     above 0 falls out of it
   */
  public record Chart(
      String title,
      String xLabel,
      String yLabel,
      List<Series> series,
      double lowest,
      double highest,
      boolean logarithmic) {
    /** A chart with a range that is given. */
    public Chart(
        String title,
        String xLabel,
        String yLabel,
        List<Series> series,
        double lowest,
        double highest) {
      this(title, xLabel, yLabel, series, lowest, highest, false);
    }

    /** A chart with a logarithmic scale. */
    public static Chart logarithmic(
        String title, String xLabel, String yLabel, List<Series> series) {
      return new Chart(title, xLabel, yLabel, series, Double.NaN, Double.NaN, true);
    }

    /** A chart that fits its data. */
    public static Chart of(String title, String xLabel, String yLabel, List<Series> series) {
      return new Chart(title, xLabel, yLabel, series, Double.NaN, Double.NaN);
    }
  }

  /** Line plots side by side, with one legend for all of them (entries of one name are one). */
  public static byte[] charts(List<Chart> charts) {
    int n = charts.size();
    double left = 86;
    double half = 10; // of the last tick's label, beyond the edge
    double w = (WIDTH - 2 * EDGE - half - n * left - (n - 1) * GAP) / n;
    double h = Math.min(380, w * 0.75);
    double top = 44;
    List<Key> keys =
        charts.stream()
            .flatMap(c -> c.series().stream())
            .map(s -> new Key(s.label(), s.ink(), false, s.dashed()))
            .distinct()
            .toList();
    Canvas canvas = new Canvas(WIDTH, (int) Math.ceil(top + h + 68 + legendHeight(keys)));
    double x = EDGE + left;
    for (Chart chart : charts) {
      chart(canvas, chart, x, top, w, h);
      x += w + GAP + left;
    }
    canvas.legend(keys, EDGE, top + h + 68 + 16, WIDTH - 2 * EDGE);
    return canvas.png();
  }

  private static void chart(Canvas canvas, Chart chart, double x, double y, double w, double h) {
    double[] xs = extent(chart.series(), true);
    boolean dots = chart.series().stream().anyMatch(Series::dots);
    double room = dots ? 0.06 * (xs[1] - xs[0]) : 0;
    double[] ys = chart.logarithmic() ? logarithmicExtent(chart.series()) : linearExtent(chart);
    Panel panel =
        new Panel(x, y, w, h, xs[0] - room, xs[1] + room, ys[0], ys[1], chart.logarithmic());
    List<Tick> ticksX =
        Canvas.ticks(panel.x0(), panel.x1(), stepX(chart.series(), panel.x1() - panel.x0()));
    List<Tick> ticksY =
        chart.logarithmic()
            ? Canvas.logarithmicTicks(ys[0], ys[1])
            : Canvas.ticks(ys[0], ys[1], Canvas.step(ys[1] - ys[0], 6));
    title(canvas, chart.title(), panel);
    canvas.grid(panel, ticksX, ticksY);
    canvas.clip(panel);
    chart.series().forEach(s -> band(canvas, panel, s));
    chart.series().forEach(s -> line(canvas, panel, s));
    canvas.clip(null);
    canvas.axes(panel, ticksX, ticksY);
    double middle = x + w / 2;
    canvas.text(
        chart.xLabel(), Canvas.LABEL, false, Palette.INK, middle, y + h + 48, Anchor.CENTRE);
    canvas.textUpwards(chart.yLabel(), Canvas.LABEL, Palette.INK, x - 72, y + h / 2);
  }

  /** From tick to tick; where all abscissae are whole numbers, there are none between these. */
  static double stepX(List<Series> series, double range) {
    double step = Canvas.step(range, 6);
    boolean whole =
        series.stream().flatMapToDouble(s -> Arrays.stream(s.x())).allMatch(v -> v == Math.rint(v));
    return whole ? Math.max(1, step) : step;
  }

  /** Round numbers around the data, or what the chart says; above 0 where all the data is. */
  private static double[] linearExtent(Chart chart) {
    double[] ys = extent(chart.series(), false);
    double least = ys[0] > 0 ? 0 : Double.NEGATIVE_INFINITY;
    if (chart.series().stream().anyMatch(Series::dots)) {
      double room = 0.03 * (ys[1] - ys[0]); // so that no dot is cut in half
      ys = new double[] {ys[0] - room, ys[1] + room};
    }
    double step = Canvas.step(ys[1] - ys[0], 6);
    return new double[] {
      Double.isNaN(chart.lowest())
          ? Math.max(least, Math.floor(ys[0] / step) * step)
          : chart.lowest(),
      Double.isNaN(chart.highest()) ? Math.ceil(ys[1] / step) * step : chart.highest()
    };
  }

  /** Around the ordinates above 0, whatever their spread. */
  private static double[] logarithmicExtent(List<Series> series) {
    double lo = Double.POSITIVE_INFINITY;
    double hi = 0;
    for (Series s : series) {
      for (double v : s.y()) {
        if (v > 0 && Double.isFinite(v)) {
          lo = Math.min(lo, v);
          hi = Math.max(hi, v);
        }
      }
    }
    return hi > 0 ? new double[] {lo / 1.3, hi * 1.3} : new double[] {0.1, 1};
  }

  /** Between y - spread and y + spread, for each stretch of the line where both are numbers. */
  private static void band(Canvas canvas, Panel panel, Series s) {
    if (s.dots() || s.spread() == null) {
      return;
    }
    int n = s.x().length;
    for (int from = 0; from < n; from++) {
      int to = from;
      while (to < n && Double.isFinite(s.y()[to] + s.spread()[to])) {
        to++;
      }
      if (to > from + 1) {
        Path2D path = new Path2D.Double();
        path.moveTo(panel.px(s.x()[from]), panel.py(s.y()[from] + s.spread()[from]));
        for (int i = from + 1; i < to; i++) {
          path.lineTo(panel.px(s.x()[i]), panel.py(s.y()[i] + s.spread()[i]));
        }
        for (int i = to - 1; i >= from; i--) {
          path.lineTo(panel.px(s.x()[i]), panel.py(s.y()[i] - s.spread()[i]));
        }
        path.closePath();
        canvas.fill(path, Palette.withAlpha(s.ink(), 40));
      }
      from = Math.max(from, to);
    }
  }

  private static void line(Canvas canvas, Panel panel, Series s) {
    Path2D path = new Path2D.Double();
    boolean drawing = false;
    for (int i = 0; i < s.x().length; i++) {
      double px = panel.px(s.x()[i]);
      double py = panel.py(s.y()[i]);
      if (!Double.isFinite(py)) {
        drawing = false;
        continue;
      }
      if (drawing) {
        path.lineTo(px, py);
      } else {
        path.moveTo(px, py);
        drawing = true;
      }
      if (s.dots() && s.spread() != null && Double.isFinite(s.spread()[i])) {
        double up = panel.py(s.y()[i] + s.spread()[i]);
        double down = panel.py(s.y()[i] - s.spread()[i]);
        canvas.line(px, up, px, down, Palette.withAlpha(s.ink(), 150), 2);
        canvas.line(px - 5, up, px + 5, up, Palette.withAlpha(s.ink(), 150), 2);
        canvas.line(px - 5, down, px + 5, down, Palette.withAlpha(s.ink(), 150), 2);
      }
      if (s.dots()) {
        canvas.dot(px, py, 5, s.ink());
      }
    }
    canvas.draw(path, s.ink(), s.dots() ? 2.5 : 1.8, s.dashed());
  }

  private static double[] extent(List<Series> series, boolean ofX) {
    double lo = Double.POSITIVE_INFINITY;
    double hi = Double.NEGATIVE_INFINITY;
    for (Series s : series) {
      for (int i = 0; i < s.x().length; i++) {
        double v = ofX ? s.x()[i] : s.y()[i];
        double r = ofX || s.spread() == null || Double.isNaN(s.spread()[i]) ? 0 : s.spread()[i];
        if (Double.isFinite(v)) {
          lo = Math.min(lo, v - r);
          hi = Math.max(hi, v + r);
        }
      }
    }
    if (lo > hi) {
      return new double[] {0, 1};
    }
    return hi > lo ? new double[] {lo, hi} : new double[] {lo - 0.5, hi + 0.5};
  }

  static void title(Canvas canvas, String title, Panel p) {
    canvas.text(
        title, Canvas.TITLE, true, Palette.INK, p.x() + p.w() / 2, p.y() - 14, Anchor.CENTRE);
  }

  static double legendHeight(List<Key> keys) {
    if (keys.isEmpty()) {
      return 0;
    }
    // Upper bound: as if the rows were filled to two thirds.
    double width =
        keys.stream().mapToDouble(k -> Outlines.REGULAR.width(k.label(), Canvas.TICK) + 59).sum();
    return 14 + 26 * Math.ceil(width / (WIDTH - 2 * EDGE) * (width > WIDTH - 24 ? 1.1 : 1));
  }
}
