package dev.troupe.kernels;

/**
 * What random words become: the formulas that all devices share, here in double. The {@code cpu}
 * and {@code cuda} devices evaluate the same ones in float, from the same words, and agree to float
 * accuracy.
 *
 * <p>Elements 4j and 4j + 1 of a normal tensor are the two results of Box and Muller from words 0
 * and 1 of block j, elements 4j + 2 and 4j + 3 those from words 2 and 3. In every other
 * distribution an element depends on its own word alone.
 */
public final class Distributions {
  /** Probability that a standard normal number is within two standard deviations, erf(sqrt(2)). */
  public static final double WITHIN_TWO = 0.9544997361036416;

  private static final double INVERSE_CENTRE = 1.21;

  /**
   * Φ⁻¹((1 + v)/2) / v as a polynomial in w - 1.21, w = -log(1 - v²), for |v| up to {@link
   * #WITHIN_TWO}: interpolation at 13 Chebyshev nodes, relative error 2^-45.8. The form is Giles',
   * "Approximating the erfinv function" (2010).
   */
  private static final double[] INVERSE_NORMAL = {
    1.6681850414854427,
    0.3525745342097617,
    0.003936459196390511,
    -0.003219101082568394,
    0.00019408545461995863,
    4.575801866881634e-05,
    -7.0031220542472875e-06,
    -4.999510102816371e-07,
    1.8075605302826222e-07,
    -1.2028669135264252e-10,
    -3.952492115031047e-09,
    1.9748748379927408e-10,
    6.92974447468203e-11
  };

  private Distributions() {}

  /** Uniform on [0, 1): the top 24 bits of the word, times 2^-24. A float holds it exactly. */
  public static double uniform(int word) {
    return (word >>> 8) * 0x1p-24;
  }

  /** Uniform on (0, 1], for logarithms: {@code uniform(word) + 2^-24}. A float holds it exactly. */
  public static double uniformAboveZero(int word) {
    return ((word >>> 8) + 1) * 0x1p-24;
  }

  /**
   * Standard normal by Box and Muller (1958): sqrt(-2 log u)·cos(2πv) with u = {@link
   * #uniformAboveZero} of the even word and v = {@link #uniform} of the odd word. At most 5.77 in
   * size.
   *
   * @param even word 0 or 2 of a block
   * @param odd the word after it
   */
  public static double normalCosine(int even, int odd) {
    return radius(even) * StrictMath.cos(2 * Math.PI * uniform(odd));
  }

  /**
   * The other result of {@link #normalCosine}: sqrt(-2 log u)·sin(2πv). It belongs to the odd
   * word's element.
   */
  public static double normalSine(int even, int odd) {
    return radius(even) * StrictMath.sin(2 * Math.PI * uniform(odd));
  }

  private static double radius(int word) {
    return Math.sqrt(-2 * StrictMath.log(uniformAboveZero(word)));
  }

  /**
   * Standard normal given that it is within two standard deviations, by inversion: z = Φ⁻¹((1 +
   * v)/2), v = erf(sqrt(2))·{@link #centred centred(word)}·2^-24.
   */
  public static double truncatedNormal(int word) {
    double v = centred(word) * (WITHIN_TWO * 0x1p-24);
    double w = -StrictMath.log1p(-v * v) - INVERSE_CENTRE;
    double p = 0;
    for (int i = INVERSE_NORMAL.length - 1; i >= 0; i--) {
      p = p * w + INVERSE_NORMAL[i];
    }
    return v * p;
  }

  /**
   * An odd integer uniform on (-2^24, 2^24): the top 24 bits of the word, twice, plus 1, minus
   * 2^24.
   */
  public static int centred(int word) {
    return (word >>> 7 | 1) - (1 << 24);
  }

  /**
   * An integer of [0, n): the high half of the 64-bit product word·n. Some values have one word
   * more than others to come from: a probability differs from 1/n by less than 2^-32, relatively by
   * less than n·2^-32.
   *
   * @param n at least 1
   */
  public static int below(int word, int n) {
    return (int) ((word & 0xFFFFFFFFL) * n >>> 32);
  }

  /** 1 with probability p (to 2^-24, rounded up), else 0. */
  public static int bernoulli(int word, double p) {
    return word >>> 8 < bernoulliLimit(p) ? 1 : 0;
  }

  /** How many of the 2^24 values of a word's top bits mean success. */
  public static int bernoulliLimit(double p) {
    return (int) Math.ceil(p * 0x1p24);
  }
}
