package dev.troupe.gan;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.nn.State;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Remembers on the device at which moment each of some terms was first NaN or infinite, so that a
 * step need not be waited for, and nothing is lost however seldom the host looks. Part of the
 * state. Moments are whole numbers from 0, exact up to 2²⁴.
 */
final class FirstBad {
  private final List<String> terms;
  private final Tensor first; // [terms], -1 while a term has been finite throughout

  FirstBad(State state, String... terms) {
    this.terms = List.of(terms);
    this.first = state.keep("firstBad", state.scope().full(Shape.of(terms.length), -1));
  }

  /**
   * Looks at the values of some terms.
   *
   * @param from number of the first of them
   * @param moment REAL [1]
   * @param values each of size 1
   */
  void look(int from, Variable moment, Variable... values) {
    Shape one = Shape.of(1);
    Variable[] rows = new Variable[values.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Ops.reshape(values[i].detach(), one);
    }
    Variable all = Ops.concat(0, rows);
    Tensor record = first.slice(from, from + rows.length);
    Variable old = Variable.constant(record);
    Variable zero = Ops.scalar(0);
    Variable finite =
        Ops.equal(Ops.sub(all, all), zero); // inf - inf is NaN, and NaN equals nothing
    Variable seen = Ops.greaterEqual(old, zero);
    Variable next = Ops.where(Ops.max(finite, seen), old, moment);
    record.copyFrom(next.tensor());
  }

  /** The terms of the earliest moment, if there is any; reads from the device. */
  Optional<Earliest> earliest() {
    double[] moments = first.toDoubles();
    double least = Arrays.stream(moments).filter(m -> m >= 0).min().orElse(-1);
    if (least < 0) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < moments.length; i++) {
      if (moments[i] == least) {
        names.add(terms.get(i));
      }
    }
    return Optional.of(new Earliest((long) least, names));
  }

  /** The first moment at which something was not finite, and what. */
  record Earliest(long moment, List<String> terms) {}
}
