package dev.troupe.experiments.report;

import java.awt.image.BufferedImage;
import java.util.List;

/** Small images in a grid, row by row with a label: what a data set or a generator looks like. */
public final class ContactSheet {
  /** Height of an image on the sheet is at least this, as long as that is a whole multiple. */
  private static final int WANTED = 56;

  private static final int GAP = 4;
  private static final int MARGIN = 20;
  private static final int HEAD = 48;
  private static final int MAX_LABEL = 300;

  /** Two lines of label are the most that fit beside an image. */
  private static final double LINE = 20;

  private ContactSheet() {}

  /**
   * One row of images.
   *
   * @param label beside it
   * @param images each [C, H, W], bytes
   */
  public record Row(String label, List<byte[]> images) {}

  /**
   * The sheet as a PNG file. Images are magnified by a whole factor, each pixel to a square, so
   * that nothing is made up between them.
   *
   * @param title over it
   * @param channels 3, or 1 for grey
   */
  public static byte[] png(String title, List<Row> rows, int channels, int height, int width) {
    int scale = Math.max(1, Math.ceilDiv(WANTED, height));
    int cellH = height * scale;
    int cellW = width * scale;
    int columns = rows.stream().mapToInt(row -> row.images.size()).max().orElse(0);
    double labels =
        rows.stream()
            .flatMap(row -> lines(row.label).stream())
            .mapToDouble(line -> Outlines.REGULAR.width(line, Canvas.TICK))
            .max()
            .orElse(0);
    int left = MARGIN + (int) Math.ceil(labels) + (labels > 0 ? 12 : 0);
    int content = left + columns * (cellW + GAP) - GAP + MARGIN;
    int titled = (int) (2 * MARGIN + Outlines.BOLD.width(title, Canvas.LABEL));
    Canvas canvas =
        new Canvas(Math.max(content, titled), HEAD + rows.size() * (cellH + GAP) - GAP + MARGIN);
    canvas.text(title, Canvas.LABEL, true, Palette.INK, MARGIN, 30, Canvas.Anchor.LEFT);
    for (int r = 0; r < rows.size(); r++) {
      Row row = rows.get(r);
      int top = HEAD + r * (cellH + GAP);
      List<String> lines = lines(row.label);
      for (int i = 0; i < lines.size(); i++) {
        double y = top + cellH / 2.0 + 5.5 + (i - (lines.size() - 1) / 2.0) * LINE;
        canvas.text(
            lines.get(i), Canvas.TICK, false, Palette.INK, left - 12, y, Canvas.Anchor.RIGHT);
      }
      for (int i = 0; i < row.images.size(); i++) {
        BufferedImage image = image(row.images.get(i), channels, height, width);
        canvas.pixels(image, left + i * (cellW + GAP), top, scale);
      }
    }
    return canvas.png();
  }

  /** A long label on two lines, broken at a space; what does not fit then is cut off. */
  private static List<String> lines(String label) {
    if (Outlines.REGULAR.width(label, Canvas.TICK) <= MAX_LABEL) {
      return label.isEmpty() ? List.of() : List.of(label);
    }
    int middle = label.indexOf(' ', label.length() / 2 - 1);
    if (middle < 0) {
      return List.of(cut(label));
    }
    return List.of(cut(label.substring(0, middle)), cut(label.substring(middle + 1)));
  }

  private static String cut(String text) {
    String shown = text;
    while (Outlines.REGULAR.width(shown, Canvas.TICK) > MAX_LABEL) {
      shown = shown.substring(0, shown.length() - 2) + "…";
    }
    return shown;
  }

  private static BufferedImage image(byte[] pixels, int channels, int height, int width) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int plane = height * width;
    for (int i = 0; i < plane; i++) {
      int r = pixels[i] & 0xff;
      int g = channels == 3 ? pixels[i + plane] & 0xff : r;
      int b = channels == 3 ? pixels[i + 2 * plane] & 0xff : r;
      image.setRGB(i % width, i / width, r << 16 | g << 8 | b);
    }
    return image;
  }
}
