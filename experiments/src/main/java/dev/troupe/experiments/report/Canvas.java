package dev.troupe.experiments.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** A white picture to draw on, with text from {@link Outlines} and a plot's axes. */
final class Canvas {
  static final double TICK = 16;
  static final double LABEL = 18;
  static final double TITLE = 20;

  /** Where a label's anchor lies in it. */
  enum Anchor {
    LEFT,
    CENTRE,
    RIGHT
  }

  /**
   * A plot's rectangle on the picture and the ranges that it shows.
   *
   * @param logarithmic whether ordinates are on a logarithmic scale; y0 is above 0 then
   */
  record Panel(
      double x,
      double y,
      double w,
      double h,
      double x0,
      double x1,
      double y0,
      double y1,
      boolean logarithmic) {
    Panel(double x, double y, double w, double h, double x0, double x1, double y0, double y1) {
      this(x, y, w, h, x0, x1, y0, y1, false);
    }

    double px(double v) {
      return x + (v - x0) / (x1 - x0) * w;
    }

    double py(double v) {
      double height =
          logarithmic
              // What has no logarithm lies far below.
              ? StrictMath.log(Math.max(v, 1e-9 * y0) / y0) / StrictMath.log(y1 / y0)
              : (v - y0) / (y1 - y0);
      return y + h - height * h;
    }

    boolean contains(double vx, double vy) {
      return vx >= x0 && vx <= x1 && vy >= y0 && vy <= y1;
    }

    Rectangle2D frame() {
      return new Rectangle2D.Double(x, y, w, h);
    }
  }

  static {
    // Before AWT is first used: no window system is wanted, also where DISPLAY is set.
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
  }

  private final BufferedImage image;
  private final Graphics2D g;

  Canvas(int width, int height) {
    image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(Palette.PAPER);
    g.fillRect(0, 0, width, height);
  }

  void text(String text, double size, boolean bold, Color colour, double x, double y, Anchor at) {
    Outlines font = bold ? Outlines.BOLD : Outlines.REGULAR;
    double width = font.width(text, size);
    double left =
        switch (at) {
          case LEFT -> x;
          case CENTRE -> x - width / 2;
          case RIGHT -> x - width;
        };
    g.setColor(colour);
    g.fill(font.text(text, size, left, y));
  }

  /** Text that reads upwards, centred on x, y. */
  void textUpwards(String text, double size, Color colour, double x, double y) {
    g.rotate(-Math.PI / 2, x, y);
    text(text, size, false, colour, x, y + size * 0.35, Anchor.CENTRE);
    g.rotate(Math.PI / 2, x, y);
  }

  void line(double x0, double y0, double x1, double y1, Color colour, double width) {
    g.setColor(colour);
    g.setStroke(new BasicStroke((float) width));
    g.draw(new Line2D.Double(x0, y0, x1, y1));
  }

  void dot(double x, double y, double radius, Color colour) {
    g.setColor(colour);
    g.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
  }

  void draw(Path2D path, Color colour, double width, boolean dashed) {
    g.setColor(colour);
    g.setStroke(
        new BasicStroke(
            (float) width,
            BasicStroke.CAP_BUTT,
            BasicStroke.JOIN_ROUND,
            10,
            dashed ? new float[] {9, 5} : null,
            0));
    g.draw(path);
  }

  void fill(Shape shape, Color colour) {
    g.setColor(colour);
    g.fill(shape);
  }

  void image(BufferedImage picture, Panel panel) {
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    g.drawImage(
        picture,
        (int) Math.round(panel.x()),
        (int) Math.round(panel.y()),
        (int) Math.round(panel.w()),
        (int) Math.round(panel.h()),
        null);
  }

  /** A picture whose pixels become squares of so many pixels. */
  void pixels(BufferedImage picture, int x, int y, int scale) {
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    g.drawImage(picture, x, y, picture.getWidth() * scale, picture.getHeight() * scale, null);
  }

  /** From here on only what falls within the panel is drawn; null ends that. */
  void clip(Panel panel) {
    g.setClip(panel == null ? null : panel.frame());
  }

  /** A place on an axis, and what is written there. */
  record Tick(double at, String label) {}

  /** Ticks at the multiples of a step. */
  static List<Tick> ticks(double from, double to, double step) {
    List<Tick> ticks = new ArrayList<>();
    for (double v = Math.ceil(from / step - 1e-9) * step; v <= to + step * 1e-9; v += step) {
      ticks.add(new Tick(v, Numbers.tick(v, step)));
    }
    return ticks;
  }

  /** Ticks at powers of ten, and at twice and five times them where there are few. */
  static List<Tick> logarithmicTicks(double from, double to) {
    List<Tick> ticks = new ArrayList<>();
    int lowest = (int) Math.floor(StrictMath.log10(from));
    int highest = (int) Math.ceil(StrictMath.log10(to));
    int[] factors = highest - lowest <= 4 ? new int[] {1, 2, 5} : new int[] {1};
    for (int power = lowest; power <= highest; power++) {
      for (int factor : factors) {
        double v = factor * StrictMath.pow(10, power);
        if (v >= from * (1 - 1e-9) && v <= to * (1 + 1e-9)) {
          ticks.add(new Tick(v, Numbers.tick(v, StrictMath.pow(10, power))));
        }
      }
    }
    return ticks;
  }

  /** Grid lines under the data. */
  void grid(Panel p, double stepX, double stepY) {
    grid(p, ticks(p.x0(), p.x1(), stepX), ticks(p.y0(), p.y1(), stepY));
  }

  /** Grid lines under the data. */
  void grid(Panel p, List<Tick> xs, List<Tick> ys) {
    for (Tick t : xs) {
      line(p.px(t.at()), p.y(), p.px(t.at()), p.y() + p.h(), Palette.GRID, 1);
    }
    for (Tick t : ys) {
      line(p.x(), p.py(t.at()), p.x() + p.w(), p.py(t.at()), Palette.GRID, 1);
    }
  }

  /** Frame, ticks and their labels over the data. */
  void axes(Panel p, double stepX, double stepY) {
    axes(p, ticks(p.x0(), p.x1(), stepX), ticks(p.y0(), p.y1(), stepY));
  }

  /** Frame, ticks and their labels over the data. */
  void axes(Panel p, List<Tick> xs, List<Tick> ys) {
    g.setColor(Palette.MUTED);
    g.setStroke(new BasicStroke(1));
    g.draw(p.frame());
    double bottom = p.y() + p.h();
    for (Tick t : xs) {
      line(p.px(t.at()), bottom, p.px(t.at()), bottom + 5, Palette.MUTED, 1);
      text(t.label(), TICK, false, Palette.MUTED, p.px(t.at()), bottom + 22, Anchor.CENTRE);
    }
    for (Tick t : ys) {
      line(p.x() - 5, p.py(t.at()), p.x(), p.py(t.at()), Palette.MUTED, 1);
      text(t.label(), TICK, false, Palette.MUTED, p.x() - 9, p.py(t.at()) + 5.5, Anchor.RIGHT);
    }
  }

  /** A legend entry: what it is called and how it is drawn. */
  record Key(String label, Color colour, boolean dot, boolean dashed) {}

  /** Keys in rows of at most the given width, each row centred; returns the y below them. */
  double legend(List<Key> keys, double x, double y, double width) {
    int from = 0;
    double at = y;
    while (from < keys.size()) {
      int to = from;
      double used = 0;
      while (to < keys.size() && (to == from || used + keyWidth(keys.get(to)) <= width)) {
        used += keyWidth(keys.get(to++));
      }
      double left = x + (width - used) / 2 + 12;
      for (Key key : keys.subList(from, to)) {
        if (key.dot()) {
          dot(left + 8, at - 6, 6, key.colour());
        } else {
          Path2D path = new Path2D.Double();
          path.moveTo(left, at - 6);
          path.lineTo(left + 28, at - 6);
          draw(path, key.colour(), 3, key.dashed());
        }
        double start = left + (key.dot() ? 20 : 35);
        text(key.label(), TICK, false, Palette.INK, start, at, Anchor.LEFT);
        left += keyWidth(key);
      }
      from = to;
      at += 26;
    }
    return at;
  }

  private static double keyWidth(Key key) {
    return (key.dot() ? 20 : 35) + Outlines.REGULAR.width(key.label(), TICK) + 24;
  }

  /** A step of 1, 2 or 5 times a power of ten that gives at most {@code most} intervals. */
  static double step(double range, int most) {
    double raw = range / most;
    double power = StrictMath.pow(10, Math.floor(StrictMath.log10(raw)));
    for (double f : new double[] {1, 2, 5}) {
      if (f * power >= raw * (1 - 1e-9)) {
        return f * power;
      }
    }
    return 10 * power;
  }

  byte[] png() {
    g.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      if (!ImageIO.write(image, "png", stream)) {
        throw new IllegalStateException("figure: this JDK has no PNG writer");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
