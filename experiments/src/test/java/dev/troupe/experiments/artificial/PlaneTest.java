package dev.troupe.experiments.artificial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.report.Projections.Frame;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class PlaneTest {
  private static final Offset<Float> CLOSE = Offset.offset(1e-6f);

  @Test
  void theCornersAreWhereFigure1HasThem() {
    float[] corners = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    double side = Math.sqrt(2);
    assertThat(Plane.project(corners, 4))
        .containsExactly(
            new float[] {
              0, 0, (float) side, 0, (float) (side / 2), (float) (side * Math.sqrt(3) / 2)
            },
            CLOSE);
  }

  @Test
  void whatIsPerpendicularToThePlaneFallsOntoOnePoint() {
    float[] points = {0, 0, 0, 0, 2, 2, 2, 0, 0, 0, 0, 7};
    float x = (float) Math.sqrt(0.5);
    float y = (float) Math.sqrt(1.0 / 6);
    assertThat(Plane.project(points, 4)).containsExactly(new float[] {x, y, x, y, x, y}, CLOSE);
  }

  @Test
  void theGridLiesInThePlaneWhereTheFrameSays() {
    Frame frame = new Frame(-1, 0.5, 3);
    float[] grid = Plane.grid(frame, 4, 5);
    float[] flat = Plane.project(grid, 5);
    for (int row = 0; row < 4; row++) {
      for (int column = 0; column < 4; column++) {
        int i = row * 4 + column;
        assertThat(flat[2 * i]).isCloseTo(-1 + column, CLOSE);
        assertThat(flat[2 * i + 1]).isCloseTo(0.5f + row, CLOSE);
        // On the plane the first three coordinates add up to 1, and there are no others.
        assertThat(grid[5 * i] + grid[5 * i + 1] + grid[5 * i + 2]).isCloseTo(1, CLOSE);
        assertThat(grid[5 * i + 3]).isZero();
      }
    }
  }
}
