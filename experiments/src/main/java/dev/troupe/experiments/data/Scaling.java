package dev.troupe.experiments.data;

/** How a byte b of 0 to 255 becomes a float. */
public enum Scaling {
  /** b / 255, in [0, 1]: for a generator that ends in a sigmoid. */
  UNIT,
  /** b / 127.5 - 1, in [-1, 1]: for a generator that ends in tanh. */
  SIGNED;

  private final float[] table = new float[256];

  Scaling() {
    for (int b = 0; b < table.length; b++) {
      table[b] = of(b / 255f);
    }
  }

  /** What a value of [0, 1] becomes; b / 255 becomes the same float that b does. */
  public float of(float unit) {
    return ordinal() == 0 ? unit : 2 * unit - 1;
  }

  /** What a byte becomes. */
  public float of(byte pixel) {
    return table[pixel & 0xff];
  }
}
