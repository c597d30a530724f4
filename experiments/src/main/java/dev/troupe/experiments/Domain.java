package dev.troupe.experiments;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The values a setting may take: how they are read, checked and written. {@link #format} is the
 * canonical text, so that {@code 1e-3} and {@code 0.001} compare equal in checkpoints and {@code
 * parse(format(v))} is {@code v} again.
 *
 * @param <T> the Java type of a value
 */
public sealed interface Domain<T> {
  /**
   * Reads a value without checking its range.
   *
   * @throws IllegalArgumentException whose message says what the text is not, as in {@code is not
   *     an integer}
   */
  T parse(String text);

  /** Whether a value is allowed. */
  boolean contains(T value);

  /** The canonical text of a value. */
  String format(T value);

  /** The text of a value for a reader, where that says more than {@link #format}. */
  default String show(T value) {
    return format(value);
  }

  /** What is expected, as in {@code an integer in [1, 1024]}. */
  String describe();

  /**
   * Reads a value and checks it.
   *
   * @param what the message begins with, such as {@code --seed}
   * @throws UserException with {@link ExitCode#USAGE} when the text is no value of this domain
   */
  default T read(String what, String text) {
    String wrong = this instanceof Choice ? "is unknown" : "is out of range";
    try {
      T value = parse(text);
      if (contains(value)) {
        return value;
      }
    } catch (IllegalArgumentException e) {
      wrong = e.getMessage();
    }
    throw new UserException(
        ExitCode.USAGE, what + ": '" + text + "' " + wrong + ", expected " + describe());
  }

  /** Integers from {@code min} to {@code max}, both included. */
  static Domain<Integer> integer(int min, int max) {
    return new Integers(min, max, false);
  }

  /** Integers from 0 to {@code max}, both included, where 0 stands for all that there are. */
  static Domain<Integer> integerOrAll(int max) {
    return new Integers(0, max, true);
  }

  /** Long integers from {@code min} to {@code max}, both included. */
  static Domain<Long> longInteger(long min, long max) {
    return new Longs(min, max);
  }

  /**
   * Finite numbers from {@code min} to {@code max}, both included; infinite bounds are left open.
   */
  static Domain<Double> number(double min, double max) {
    return new Numbers(min, max, true, true);
  }

  /** Finite numbers above {@code min}, up to and including {@code max}. */
  static Domain<Double> numberAbove(double min, double max) {
    return new Numbers(min, max, false, true);
  }

  /** Finite numbers from {@code min} up to but not including {@code max}. */
  static Domain<Double> numberBelow(double min, double max) {
    return new Numbers(min, max, true, false);
  }

  /** {@code true} or {@code false}. */
  static Domain<Boolean> flag() {
    return new Flag();
  }

  /** One of a few words. */
  static Domain<String> choice(String... options) {
    return new Choice(List.of(options));
  }

  /**
   * Values with a text of their own, which {@code toString} gives.
   *
   * @param expected what {@link #describe} says
   * @param reader reads a value; an {@link IllegalArgumentException} says what the text is not
   */
  static <T> Domain<T> text(String expected, Function<String, T> reader) {
    return new Texts<>(expected, reader);
  }

  /** One or more different values of a domain, with commas between them. */
  static <T> Domain<List<T>> list(Domain<T> item) {
    return new Lists<>(item);
  }

  /** See {@link #integer} and {@link #integerOrAll}. */
  record Integers(int min, int max, boolean zeroIsAll) implements Domain<Integer> {
    public Integers {
      requireOrder(min <= max, min, max);
    }

    @Override
    public Integer parse(String text) {
      // As a long first, so that 3000000000 is out of range and not "no integer".
      long value = parseLong(text);
      return Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    @Override
    public boolean contains(Integer value) {
      return value >= min && value <= max;
    }

    @Override
    public String format(Integer value) {
      return value.toString();
    }

    @Override
    public String show(Integer value) {
      return zeroIsAll && value == 0 ? "all" : format(value);
    }

    @Override
    public String describe() {
      return max == Integer.MAX_VALUE
          ? "an integer of at least " + min
          : "an integer in [" + min + ", " + max + "]";
    }
  }

  /** See {@link #longInteger}. */
  record Longs(long min, long max) implements Domain<Long> {
    public Longs {
      requireOrder(min <= max, min, max);
    }

    @Override
    public Long parse(String text) {
      return parseLong(text);
    }

    @Override
    public boolean contains(Long value) {
      return value >= min && value <= max;
    }

    @Override
    public String format(Long value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return max == Long.MAX_VALUE
          ? "an integer of at least " + min
          : "an integer in [" + min + ", " + max + "]";
    }
  }

  /** See {@link #number}. */
  record Numbers(double min, double max, boolean withMin, boolean withMax)
      implements Domain<Double> {
    public Numbers {
      requireOrder(min <= max, min, max);
    }

    @Override
    public Double parse(String text) {
      // Double.parseDouble would also take "1f", "0x1p3" and "NaN".
      if (!text.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,4})?")) {
        throw new IllegalArgumentException("is not a number");
      }
      return Double.parseDouble(text) + 0.0; // -0 becomes 0
    }

    @Override
    public boolean contains(Double value) {
      return Double.isFinite(value)
          && (withMin ? value >= min : value > min)
          && (withMax ? value <= max : value < max);
    }

    @Override
    public String format(Double value) {
      double size = Math.abs(value);
      if (size == 0 || (size >= 1e-4 && size < 1e7)) {
        return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
      }
      return Double.toString(value).replace(".0E", "e").replace('E', 'e');
    }

    @Override
    public String describe() {
      if (Double.isInfinite(min) && Double.isInfinite(max)) {
        return "a number";
      }
      if (Double.isInfinite(max)) {
        return "a number " + (withMin ? "of at least " : "above ") + format(min);
      }
      return "a number in "
          + (withMin ? "[" : "(")
          + format(min)
          + ", "
          + format(max)
          + (withMax ? "]" : ")");
    }
  }

  /** See {@link #flag}. */
  record Flag() implements Domain<Boolean> {
    @Override
    public Boolean parse(String text) {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> throw new IllegalArgumentException("is neither true nor false");
      };
    }

    @Override
    public boolean contains(Boolean value) {
      return true;
    }

    @Override
    public String format(Boolean value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return "true or false";
    }
  }

  /** See {@link #choice}. */
  record Choice(List<String> options) implements Domain<String> {
    public Choice {
      options = List.copyOf(options);
    }

    @Override
    public String parse(String text) {
      return text;
    }

    @Override
    public boolean contains(String value) {
      return options.contains(value);
    }

    @Override
    public String format(String value) {
      return value;
    }

    @Override
    public String describe() {
      return "one of " + String.join(", ", options);
    }
  }

  /** See {@link #text}. */
  record Texts<T>(String expected, Function<String, T> reader) implements Domain<T> {
    @Override
    public T parse(String text) {
      return reader.apply(text);
    }

    @Override
    public boolean contains(T value) {
      return true;
    }

    @Override
    public String format(T value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return expected;
    }
  }

  /** See {@link #list}. */
  record Lists<T>(Domain<T> item) implements Domain<List<T>> {
    @Override
    public List<T> parse(String text) {
      List<T> values = new ArrayList<>();
      for (String part : text.split(",", -1)) {
        T value;
        try {
          value = item.parse(part.strip());
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              "has '" + part.strip() + "', which " + e.getMessage(), e);
        }
        if (!item.contains(value)) {
          throw new IllegalArgumentException("has '" + part.strip() + "', which is out of range");
        }
        if (values.contains(value)) {
          throw new IllegalArgumentException("has '" + part.strip() + "' twice");
        }
        values.add(value);
      }
      return List.copyOf(values);
    }

    @Override
    public boolean contains(List<T> values) {
      return !values.isEmpty() && values.stream().allMatch(item::contains);
    }

    @Override
    public String format(List<T> values) {
      return values.stream().map(item::format).collect(Collectors.joining(","));
    }

    @Override
    public String describe() {
      return "a list of one or more, each " + item.describe();
    }
  }

  private static long parseLong(String text) {
    if (!text.matches("[+-]?\\d+")) {
      throw new IllegalArgumentException("is not an integer");
    }
    // Beyond 18 digits every range is left anyway.
    return new BigInteger(text)
        .min(BigInteger.valueOf(Long.MAX_VALUE))
        .max(BigInteger.valueOf(Long.MIN_VALUE))
        .longValue();
  }

  private static void requireOrder(boolean ordered, Number min, Number max) {
    if (!ordered) {
      throw new IllegalArgumentException("domain: min " + min + " is above max " + max);
    }
  }
}
