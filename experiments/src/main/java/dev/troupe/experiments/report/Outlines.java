package dev.troupe.experiments.report;

import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.StringTokenizer;

/**
 * Text as shapes, from glyph outlines that come with the code. Figures so need no font, fontconfig
 * or freetype of the machine (AWT fails without them, as in a bare container) and look the same
 * everywhere.
 */
final class Outlines {
  /** Regular weight. */
  static final Outlines REGULAR = load("noto-sans-regular.txt");

  /** Bold weight. */
  static final Outlines BOLD = load("noto-sans-bold.txt");

  private static final double EM = 1000;

  private record Glyph(double advance, Path2D path) {}

  private final Map<Integer, Glyph> glyphs = new HashMap<>();

  private Outlines() {}

  /** Width of the text at a size in pixels to the em. */
  double width(String text, double size) {
    return text.codePoints().mapToDouble(c -> glyph(c).advance()).sum() * size / EM;
  }

  /** The text with its baseline starting at x, y. */
  Shape text(String text, double size, double x, double y) {
    Path2D out = new Path2D.Double(Path2D.WIND_NON_ZERO);
    double at = 0;
    for (int c : text.codePoints().toArray()) {
      Glyph glyph = glyph(c);
      AffineTransform place = new AffineTransform();
      place.translate(x, y);
      place.scale(size / EM, -size / EM);
      place.translate(at, 0);
      out.append(glyph.path().getPathIterator(place), false);
      at += glyph.advance();
    }
    return out;
  }

  private Glyph glyph(int codePoint) {
    Glyph glyph = glyphs.get(codePoint);
    return glyph == null ? glyphs.get((int) '?') : glyph;
  }

  private static Outlines load(String name) {
    Outlines out = new Outlines();
    try (InputStream in = Outlines.class.getResourceAsStream(name);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          String[] parts = line.split(" ", 3);
          out.glyphs.put(
              Integer.parseInt(parts[0], 16),
              new Glyph(Double.parseDouble(parts[1]), path(parts.length < 3 ? "" : parts[2])));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out;
  }

  private static Path2D path(String text) {
    Path2D path = new Path2D.Double(Path2D.WIND_NON_ZERO);
    StringTokenizer tokens = new StringTokenizer(text, " MLQZ", true);
    double[] v = new double[4];
    char op = 'Z';
    int n = 0;
    while (tokens.hasMoreTokens()) {
      String token = tokens.nextToken();
      switch (token) {
        case " " -> {}
        case "Z" -> path.closePath();
        case "M", "L", "Q" -> {
          op = token.charAt(0);
          n = 0;
        }
        default -> {
          v[n++] = Double.parseDouble(token);
          if (op == 'M' && n == 2) {
            path.moveTo(v[0], v[1]);
          } else if (op == 'L' && n == 2) {
            path.lineTo(v[0], v[1]);
          } else if (op == 'Q' && n == 4) {
            path.quadTo(v[0], v[1], v[2], v[3]);
          }
        }
      }
    }
    return path;
  }
}
