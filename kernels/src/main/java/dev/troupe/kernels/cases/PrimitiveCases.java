package dev.troupe.kernels.cases;

import dev.troupe.kernels.Primitive;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Sample primitives of every kind at awkward sizes and values, and how much of an error each may
 * have.
 */
public final class PrimitiveCases {
  /**
   * A sample.
   *
   * @param kind which of the permitted classes of {@link Primitive} it is of
   * @param label what distinguishes it from the others of its kind
   * @param build makes it, with its inputs, on a device
   */
  public record Case(Class<?> kind, String label, Function<Inputs, Sample> build) {}

  /** A primitive and the bounds of its results, in the order of {@link Primitive#writes()}. */
  public record Sample(Primitive primitive, List<Bound> bounds) {}

  /** How far a result may be off: (K + 8) · 2⁻²⁴ · terms. Null means not at all, once rounded. */
  public record Bound(int k, Terms terms) {}

  /**
   * The sum of the absolute values that element i, {@code y} by the reference, is put together
   * from.
   */
  @FunctionalInterface
  public interface Terms {
    /** Of element i. */
    double of(int i, double y);
  }

  private PrimitiveCases() {}

  /** All kinds of primitives. */
  public static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    cases.addAll(ElementwiseCases.all());
    cases.addAll(ReductionCases.all());
    cases.addAll(LayoutCases.all());
    cases.addAll(ProductCases.all());
    cases.addAll(NormalisationCases.all());
    cases.addAll(TrainingCases.all());
    cases.addAll(RandomCases.all());
    cases.addAll(CustomCases.all());
    cases.addAll(ConvolutionCases.all());
    return cases;
  }

  /** Convolutions and their gradients alone, of few multiplications. */
  public static List<Case> convolutions() {
    return ConvolutionCases.small();
  }

  /** Matrix products that are large enough for a machine's library of them. */
  public static List<Case> ofLibraries() {
    return ProductCases.ofLibraries();
  }

  /** All, and those that are too large for the interpreter of GPU kernels. */
  public static List<Case> ofHosts() {
    List<Case> cases = all();
    cases.addAll(ConvolutionCases.ofHosts());
    return cases;
  }
}
