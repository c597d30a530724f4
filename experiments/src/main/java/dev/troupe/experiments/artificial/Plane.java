package dev.troupe.experiments.artificial;

import dev.troupe.experiments.report.Projections.Frame;

/**
 * The plane through a = (1, 0, 0, …), b = (0, 1, 0, …) and c = (0, 0, 1, …) (Tang 2020, Figure 1):
 * its origin is a, its x-axis points to b, its y-axis to c's side.
 */
final class Plane {
  private static final double U = Math.sqrt(0.5); // x-axis: (-U, U, 0)
  private static final double V = Math.sqrt(1.0 / 6); // y-axis: (-V, -V, 2V)

  /** Where the origin of the space, and every axis beyond the third, falls. */
  private static final double CENTRE_X = Math.sqrt(0.5);

  private static final double CENTRE_Y = Math.sqrt(1.0 / 6);

  private Plane() {}

  /**
   * Orthogonal projections.
   *
   * @param points [N, features]
   * @return x,y pairs, [N, 2]
   */
  static float[] project(float[] points, int features) {
    float[] out = new float[points.length / features * 2];
    for (int i = 0; i < out.length / 2; i++) {
      double p0 = points[i * features] - 1.0;
      double p1 = points[i * features + 1];
      double p2 = points[i * features + 2];
      out[2 * i] = (float) (U * (p1 - p0));
      out[2 * i + 1] = (float) (V * (2 * p2 - p0 - p1));
    }
    return out;
  }

  /** A square of the plane around where the origin of the space falls. */
  static Frame around(double side) {
    return new Frame(CENTRE_X - side / 2, CENTRE_Y - side / 2, side);
  }

  /**
   * The points of a grid on the plane.
   *
   * @param side points of each row and column
   * @return [side · side, features], row 0 at the lowest y, spread evenly over the frame
   */
  static float[] grid(Frame frame, int side, int features) {
    float[] out = new float[side * side * features];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        double x = frame.x0() + frame.side() * column / (side - 1);
        double y = frame.y0() + frame.side() * row / (side - 1);
        int at = (row * side + column) * features;
        out[at] = (float) (1 - U * x - V * y);
        out[at + 1] = (float) (U * x - V * y);
        out[at + 2] = (float) (2 * V * y);
      }
    }
    return out;
  }
}
