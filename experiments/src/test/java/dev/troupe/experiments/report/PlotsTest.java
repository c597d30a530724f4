package dev.troupe.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class PlotsTest {
  private static BufferedImage read(byte[] png) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  /** Share of the pixels between two columns that fulfil a condition. */
  private static double share(BufferedImage image, double from, double to, IntPredicate which) {
    int x0 = (int) (from * image.getWidth());
    int x1 = (int) (to * image.getWidth());
    long hits =
        IntStream.range(0, image.getHeight())
            .mapToLong(y ->
                IntStream.range(x0, x1)
                    .filter(x -> which.test(image.getRGB(x, y) & 0xFFFFFF))
                    .count())
            .sum();
    return hits / (double) ((x1 - x0) * image.getHeight());
  }

  private static boolean coloured(int rgb) {
    Color c = new Color(rgb);
    return Color.RGBtoHSB(c.getRed(), c.getGreen(), c.getBlue(), null)[1] > 0.3;
  }

  private static float[] points(int n, double spread) {
    Random random = new Random(1);
    float[] points = new float[2 * n];
    for (int i = 0; i < points.length; i++) {
      points[i] = (float) (spread * (2 * random.nextDouble() - 1));
    }
    return points;
  }

  private static byte[] scatter() {
    return Plots.scatter(
        List.of(
            new Plots.Scatter("Truth", List.of(new Plots.PointSet("data", points(2500, 4), -1))),
            new Plots.Scatter(
                "Ensemble",
                List.of(
                    new Plots.PointSet("GAN 1", points(1250, 4), 0),
                    new Plots.PointSet("GAN 2", points(1200, 6), 1)))),
        5);
  }

  @Test
  void scatterIsWideAndColouredByMember() throws IOException {
    BufferedImage image = read(scatter());
    assertThat(image.getWidth()).isEqualTo(1280);
    assertThat(image.getHeight()).isBetween(600, 760);
    assertThat(share(image, 0, 0.5, rgb -> rgb != 0xFFFFFF)).isBetween(0.05, 0.3);
    assertThat(share(image, 0, 0.5, PlotsTest::coloured)).isLessThan(0.02); // half the legend
    assertThat(share(image, 0.5, 1, PlotsTest::coloured)).isBetween(0.03, 0.2);
    // Points beyond the axes are not drawn: nothing but tick labels left of the first panel.
    assertThat(share(image, 0, 0.01, rgb -> rgb != 0xFFFFFF)).isZero();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void figuresNeedNoFontOfTheMachine() throws IOException {
    scatter();
    // AWT's font library needs fontconfig and fonts, which bare containers lack.
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      assertThat(maps.toList())
          .anyMatch(m -> m.contains("libawt"))
          .noneMatch(m -> m.contains("fontmanager"));
    }
  }

  @Test
  void equalInputGivesEqualBytes() {
    assertThat(scatter()).isEqualTo(scatter());
  }

  @Test
  void heatMapShowsScoresWhereTheyBelong() throws IOException {
    int n = 41;
    float[] scores = new float[n * n]; // 0 below, 1 in the upper half
    Arrays.fill(scores, n * (n / 2 + 1), n * n, 1);
    scores[n * n - 1] = Float.NaN;
    byte[] png =
        Plots.heatMaps(List.of(new Plots.HeatMap("GAN", scores, new float[] {-2, -2})), 5, "D(x)");
    BufferedImage image = read(png);
    assertThat(image.getWidth()).isEqualTo(1280);
    int high = Palette.map(1);
    int low = Palette.map(0);
    long highs = count(image, 0, image.getHeight() / 2, high);
    long lows = count(image, image.getHeight() / 2, image.getHeight(), low);
    assertThat(highs).isGreaterThan(100_000);
    assertThat(lows).isGreaterThan(100_000);
    assertThat(count(image, image.getHeight() / 2 + 20, image.getHeight(), high)).isLessThan(2000);
    assertThat(count(image, 0, image.getHeight(), 0x9AA0A6)).isGreaterThan(20); // the NaN corner
  }

  private static long count(BufferedImage image, int from, int to, int rgb) {
    return IntStream.range(from, to)
        .mapToLong(y ->
            IntStream.range(0, image.getWidth())
                .filter(x -> (image.getRGB(x, y) & 0xFFFFFF) == rgb)
                .count())
        .sum();
  }

  @Test
  void fiveHeatMapsAndFlatOnesFit() throws IOException {
    List<Plots.HeatMap> maps =
        IntStream.range(0, 5)
            .mapToObj(i -> new Plots.HeatMap("GAN " + i, new float[100], points(50, 4)))
            .toList();
    BufferedImage image = read(Plots.heatMaps(maps, 5, "D(x)"));
    assertThat(image.getWidth()).isEqualTo(1280);
    assertThat(image.getHeight()).isBetween(750, 900);
    assertThat(share(image, 0, 0.9, PlotsTest::coloured)).isGreaterThan(0.4);
  }

  @Test
  void heatMapsNameBadInput() {
    assertThatThrownBy(() ->
            Plots.heatMaps(List.of(new Plots.HeatMap("GAN", new float[10], new float[0])), 5, ""))
        .hasMessage("heat map: scores must be a square grid, got 10 cells");
    float[] nothing = new float[4];
    Arrays.fill(nothing, Float.NaN);
    assertThatThrownBy(
            () -> Plots.heatMaps(List.of(new Plots.HeatMap("GAN", nothing, new float[0])), 5, ""))
        .hasMessage("heat map: no finite score among 4");
  }

  @Test
  void chartsDrawLinesBarsAndGaps() throws IOException {
    double[] x = {1, 2, 3, 4};
    double[] y = {1, 2, Double.NaN, 3};
    BufferedImage image =
        read(
            Plots.charts(
                List.of(
                    Plots.Chart.of(
                        "A",
                        "step",
                        "loss",
                        List.of(
                            new Plots.Series("ours", x, y, new double[4], 0, false, true),
                            Plots.Series.line("paper", x, new double[] {2, 2, 2, 2}, 3))),
                    Plots.Chart.of(
                        "Empty",
                        "step",
                        "loss",
                        List.of(Plots.Series.line("ours", new double[0], new double[0], 0))))));
    assertThat(image.getWidth()).isEqualTo(1280);
    assertThat(count(image, 0, image.getHeight(), 0x0072B2)).isGreaterThan(300); // dots
    assertThat(share(image, 0, 0.48, rgb -> (rgb >> 16) > 2 * (rgb & 0xFF)))
        .isGreaterThan(0.002); // line
    assertThat(share(image, 0.52, 1, PlotsTest::coloured)).isLessThan(0.002); // but for the legend
  }

  @Test
  void aSpreadWithoutDotsIsABand() throws IOException {
    double[] x = {1, 2, 3, 4};
    double[] y = {1, 2, 2, 1};
    double[] spread = {0.5, 0.5, 0.5, 0.5};
    BufferedImage plain = read(chart(new Plots.Series("a", x, y, null, 0, false, false)));
    BufferedImage band = read(chart(new Plots.Series("a", x, y, spread, 0, false, false)));
    int light = 0xD7E9F3; // the first member's blue at the band's opacity on white
    assertThat(count(plain, 0, plain.getHeight(), light)).isLessThan(20); // edges of the line
    assertThat(count(band, 0, band.getHeight(), light)).isGreaterThan(20_000);
  }

  @Test
  void ticksAreAtWholeNumbersWhereAbscissaeAre() {
    double[] y = {1, 2};
    List<Plots.Series> whole = List.of(Plots.Series.line("a", new double[] {1, 2}, y, 0));
    List<Plots.Series> parts = List.of(Plots.Series.line("a", new double[] {1, 1.5}, y, 0));
    assertThat(Plots.stepX(whole, 1.12)).isEqualTo(1);
    assertThat(Plots.stepX(whole, 30)).isEqualTo(5);
    assertThat(Plots.stepX(parts, 1.12)).isEqualTo(0.2);
  }

  @Test
  void whatIsAboveZeroHasNoAxisBelow() {
    double[] x = {1, 2};
    Plots.Series above = new Plots.Series("a", x, new double[] {0.1, 10}, null, 0, false, true);
    byte[] fitted = Plots.charts(List.of(Plots.Chart.of("A", "T", "FID", List.of(above))));
    assertThat(fitted)
        .isEqualTo(
            Plots.charts(List.of(new Plots.Chart("A", "T", "FID", List.of(above), 0, Double.NaN))));
    Plots.Series around = new Plots.Series("a", x, new double[] {-0.1, 10}, null, 0, false, true);
    assertThat(Plots.charts(List.of(Plots.Chart.of("A", "T", "FID", List.of(around)))))
        .isNotEqualTo(
            Plots.charts(
                List.of(new Plots.Chart("A", "T", "FID", List.of(around), 0, Double.NaN))));
  }

  private static byte[] chart(Plots.Series series) {
    return Plots.charts(List.of(new Plots.Chart("A", "step", "", List.of(series), 0, 3)));
  }

  @Test
  void aLogarithmicScaleHasEqualStepsForEqualFactors() throws IOException {
    Canvas.Panel panel = new Canvas.Panel(0, 0, 100, 100, 0, 1, 0.01, 1, true);
    assertThat(panel.py(0.01)).isEqualTo(100);
    assertThat(panel.py(0.1)).isCloseTo(50, within(1e-9));
    assertThat(panel.py(1)).isCloseTo(0, within(1e-9));
    assertThat(panel.py(-1)).isGreaterThan(100);
    assertThat(Canvas.logarithmicTicks(0.009, 0.3).stream().map(Canvas.Tick::label))
        .containsExactly("0.01", "0.02", "0.05", "0.1", "0.2");
    double[] x = {0, 1, 2};
    double[] y = {0.001, 0, 1}; // 0 is not on the scale
    Plots.Series series = new Plots.Series("a", x, y, new double[] {1, 1, 1}, 0, false, false);
    byte[] png = Plots.charts(List.of(Plots.Chart.logarithmic("A", "", "", List.of(series))));
    assertThat(read(png).getWidth()).isEqualTo(1280);
  }

  @Test
  void aProjectionHasItsPointsOnContours() throws IOException {
    int n = 20;
    float[] scores = new float[n * n];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = i; // rises with y
    }
    Projections.Projection panel =
        new Projections.Projection(
            "3G3D",
            scores,
            List.of(
                new Plots.PointSet("data", points(300, 1), -1),
                new Plots.PointSet("generator 1", points(300, 1), 0)));
    Projections.Frame frame = new Projections.Frame(-1, -1, 2);
    BufferedImage image = read(Projections.draw(List.of(panel, panel, panel, panel, panel), frame));
    assertThat(image.getWidth()).isEqualTo(1280);
    assertThat(image.getHeight()).isBetween(700, 1000); // two rows
    int top = count(image, 0, 120, Palette.ground(1)) > 0 ? 1 : 0;
    assertThat(top).isOne();
    assertThat(count(image, 0, 120, Palette.ground(0))).isZero();
    assertThatThrownBy(() ->
            Projections.draw(
                List.of(new Projections.Projection("", new float[5], List.of())), frame))
        .hasMessage("projection: scores must be a square grid, got 5 cells");
  }

  @Test
  void aShareIsDarkerTheLargerItIs() throws IOException {
    ShareTables.ShareTable table =
        new ShareTables.ShareTable(
            "2G2D",
            List.of("G1", "G2"),
            List.of("mode 1", "mode 2"),
            new double[][] {{1, 0}, {0.5, 0.5}});
    BufferedImage one = read(ShareTables.draw(List.of(table)));
    for (double share : new double[] {0, 0.5, 1}) {
      int rgb = Palette.share(share).getRGB() & 0xFFFFFF;
      assertThat(count(one, 0, one.getHeight(), rgb)).as("%s", share).isGreaterThan(800);
    }
    List<ShareTables.ShareTable> many = IntStream.range(0, 9).mapToObj(i -> table).toList();
    assertThat(read(ShareTables.draw(many)).getHeight()).isGreaterThan(one.getHeight());
  }

  @Test
  void stepsAreRound() {
    assertThat(Canvas.step(10, 6)).isEqualTo(2);
    assertThat(Canvas.step(9000, 6)).isEqualTo(2000);
    assertThat(Canvas.step(0.07, 6)).isCloseTo(0.02, within(1e-12));
    assertThat(Canvas.step(1, 1)).isEqualTo(1);
  }

  @Test
  void colourMapRisesInLightness() {
    double before = -1;
    for (int i = 0; i <= 100; i++) {
      Color c = new Color(Palette.map(i / 100.0));
      double y =
          0.2126 * linear(c.getRed())
              + 0.7152 * linear(c.getGreen())
              + 0.0722 * linear(c.getBlue());
      assertThat(y).isGreaterThan(before);
      before = y;
    }
    assertThat(Palette.map(-3)).isEqualTo(Palette.map(0));
    assertThat(Palette.map(7)).isEqualTo(Palette.map(1));
  }

  private static double linear(int channel) {
    return Math.pow(channel / 255.0, 2.2);
  }

  @Test
  void textIsDrawnFromOutlines() {
    assertThat(Outlines.REGULAR.width("0", 1000)).isEqualTo(572);
    assertThat(Outlines.REGULAR.width("−4 µσ", 20)).isGreaterThan(20);
    assertThat(Outlines.BOLD.width("GAN", 20)).isGreaterThan(Outlines.REGULAR.width("GAN", 20));
    // An unknown character is a question mark, not a gap.
    assertThat(Outlines.REGULAR.width("漢", 20)).isEqualTo(Outlines.REGULAR.width("?", 20));
    var bounds = Outlines.REGULAR.text("H", 100, 10, 200).getBounds2D();
    assertThat(bounds.getMaxY()).isCloseTo(200, within(0.1)); // stands on its baseline
    assertThat(bounds.getHeight()).isCloseTo(71.4, within(0.1));
    assertThat(bounds.getMinX()).isBetween(10.0, 25.0);
  }
}
