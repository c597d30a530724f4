package dev.troupe.kernels.cases;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import java.util.List;

/** Samples of a primitive that is no part of the engine. */
final class CustomCases extends CaseFamily {
  static List<Case> all() {
    CustomCases family = new CustomCases();
    family.custom();
    return family.cases();
  }

  /** {@code y = x / 2, rounded = (int) x}. */
  private record Halve(Buffer x, Buffer y, Buffer rounded) implements Primitive.Custom {
    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y, rounded);
    }

    @Override
    public void compute(Primitive.HostArrays in, Primitive.HostArrays out) {
      for (int i = 0; i < x.size(); i++) {
        out.set(0, i, in.get(0, i) / 2);
        out.set(1, i, in.get(0, i));
      }
    }
  }

  private void custom() {
    for (int n : SIZES) {
      add(
          Primitive.Custom.class,
          "" + n,
          in ->
              sample(
                  new Halve(in.strewn(n, SPECIAL).buffer(), in.out(n), in.outInt32(n)),
                  EXACT,
                  EXACT));
    }
  }
}
