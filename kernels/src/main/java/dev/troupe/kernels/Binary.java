package dev.troupe.kernels;

/**
 * Functions of two elements {@code a} and {@code b}, with one constant {@code p}, which is rounded
 * to REAL first. Comparisons with NaN are false.
 */
public enum Binary {
  /** {@code a + b}. */
  ADD,
  /** {@code a - b}. */
  SUB,
  /** {@code a · b}. */
  MUL,
  /** {@code a / b}. */
  DIV,
  /** The smaller; NaN if either is NaN; -0 is smaller than 0. */
  MIN,
  /** The larger; NaN if either is NaN; -0 is smaller than 0. */
  MAX,
  /** {@code 1} where {@code a > b}, else {@code 0}. */
  GREATER,
  /** {@code 1} where {@code a >= b}, else {@code 0}. */
  GREATER_EQUAL,
  /** {@code 1} where {@code a == b}, else {@code 0}. */
  EQUAL,
  /** {@code a + p·b}, one fused multiply-add. */
  ADD_SCALED,
  /** {@code a + p·(b - a)}: a subtraction, then a fused multiply-add. */
  LERP,
  /** {@code a·(1 - b²)}: gradient {@code a} through {@code b = tanh(x)}. */
  TANH_GRAD,
  /** {@code a·b·(1 - b)}: gradient {@code a} through {@code b = sigmoid(x)}. */
  SIGMOID_GRAD,
  /** {@code a·sigmoid(b)}: gradient {@code a} through {@code softplus(b)}. */
  SOFTPLUS_GRAD,
  /** {@code a} where {@code b > 0}, else {@code 0}: gradient {@code a} through {@code relu(b)}. */
  RELU_GRAD,
  /**
   * {@code a} where {@code b > 0}, else {@code p·a}: gradient {@code a} through {@code
   * leakyRelu(b)}.
   */
  LEAKY_RELU_GRAD
}
