package dev.troupe.kernels;

/**
 * Functions of one element, with up to two constants {@code p} and {@code q}, which are rounded to
 * REAL first. Comparisons with NaN are false.
 */
public enum Unary {
  /** {@code p·x + q}, one fused multiply-add. */
  AFFINE,
  /** {@code |x|}. */
  ABS,
  /** {@code -1} or {@code 1}; zeros and NaN stay as they are. */
  SIGN,
  /** {@code 1} where {@code x > p}, else {@code 0}; 0 for NaN. */
  STEP,
  /** {@code x²}. */
  SQUARE,
  /** {@code 1 / x}. */
  RECIPROCAL,
  /** Square root, correctly rounded. */
  SQRT,
  /** {@code 1 / sqrt(x)}, two correctly rounded operations. */
  RSQRT,
  /** {@code e^x}. */
  EXP,
  /** Natural logarithm. */
  LOG,
  /** Sine, radians; where REAL is float32, NaN beyond ±2^18. */
  SIN,
  /** Cosine, radians; where REAL is float32, NaN beyond ±2^18. */
  COS,
  /** Hyperbolic tangent. */
  TANH,
  /** {@code 1 / (1 + e^-x)}. */
  SIGMOID,
  /** {@code log(1 + e^x)}. */
  SOFTPLUS,
  /** {@code max(x, 0)}; NaN stays NaN. */
  RELU,
  /** {@code x} where {@code x > 0}, else {@code p·x}. */
  LEAKY_RELU,
  /** {@code x^p}, with the special cases of {@link Math#pow}. */
  POW,
  /** {@code min(max(x, p), q)}; NaN stays NaN. */
  CLAMP,
  /** {@code 1} where {@code p <= x <= q}, else {@code 0}: the derivative of CLAMP. */
  INSIDE
}
