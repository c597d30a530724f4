package dev.troupe.kernels;

import java.util.Locale;

/** How exact matrix products on a GPU are; everything else is float32 in any case. */
public enum Precision {
  /** float32 throughout. The default. */
  FP32,
  /**
   * Factors rounded to 10 bits of mantissa and multiplied on tensor cores, sums in float32: an
   * error of up to 2⁻¹⁰ of each product.
   */
  TF32;

  /** As typed on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
