package dev.troupe.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ContactSheetTest {
  private static BufferedImage sheet(String label, int channels, byte[]... images)
      throws IOException {
    byte[] png =
        ContactSheet.png(
            "t", List.of(new ContactSheet.Row(label, List.of(images))), channels, 2, 2);
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  /** Each pixel is a square of 28 x 28, so that an image of 2 x 2 is 56 high. */
  @Test
  void pixelsBecomeSquares() throws IOException {
    byte[] grey = {0, 50, 100, (byte) 200};
    BufferedImage sheet = sheet("", 1, grey);
    int[][] corners = {{20, 48}, {47, 75}};
    for (int[] corner : corners) {
      assertThat(sheet.getRGB(corner[0], corner[1])).isEqualTo(0xFF000000);
    }
    assertThat(sheet.getRGB(48, 48)).isEqualTo(0xFF323232);
    assertThat(sheet.getRGB(75, 75)).isEqualTo(0xFF323232);
    assertThat(sheet.getRGB(20, 76)).isEqualTo(0xFF646464);
    assertThat(sheet.getRGB(75, 103)).isEqualTo(0xFFC8C8C8);
    assertThat(sheet.getRGB(76, 103)).isEqualTo(0xFFFFFFFF);
    assertThat(sheet.getWidth()).isEqualTo(20 + 56 + 20);
    assertThat(sheet.getHeight()).isEqualTo(48 + 56 + 20);
  }

  @Test
  void coloursAreInPlanes() throws IOException {
    byte[] planes = {10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30};
    BufferedImage sheet = sheet("", 3, planes, planes);
    assertThat(sheet.getRGB(20 + 56 + 4, 60)).isEqualTo(0xFF0A141E);
    assertThat(sheet.getWidth()).isEqualTo(20 + 56 + 4 + 56 + 20);
  }

  @Test
  void longLabelsTakeTwoLinesAndAreCut() throws IOException {
    byte[] grey = new byte[4];
    int two = sheet("airplane, automobile, bird, cat, deer, dog, frog, horse", 1, grey).getWidth();
    assertThat(two).isBetween(250, 420);
    assertThat(sheet("x".repeat(500), 1, grey).getWidth()).isLessThan(420);
    assertThat(sheet("deer", 1, grey).getWidth()).isBetween(120, 160);
  }
}
