package dev.troupe.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Variable;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Gradient clipping, member by member. */
class ClipTest {
  private final Device device = new ReferenceDevice();
  private final Scope scope = Scope.open(device, "clip");

  @AfterEach
  void close() {
    scope.close();
    device.close();
  }

  private Variable gradient(Shape shape, double... values) {
    return Variable.constant(scope.of(shape, values));
  }

  @Test
  void byValue() {
    Variable[] out = Clip.byValue(1.5, gradient(Shape.of(2, 2), -3, 1, 1.5, 1e9));
    assertThat(out[0].tensor().toDoubles()).containsExactly(-1.5, 1, 1.5, 1.5);
  }

  @Test
  void byTheNormOfEachMember() {
    // Member 0 has norm sqrt(9 + 16 + 144) = 13, member 1 norm 1, member 2 norm 0.
    Variable a = gradient(Shape.of(3, 2), 3, 4, 0.6, 0, 0, 0);
    Variable b = gradient(Shape.of(3, 1, 1), -12, -0.8, 0);
    Variable[] out = Clip.byNorm(6.5, a, b);
    assertThat(out[0].shape()).isEqualTo(a.shape());
    assertThat(out[1].shape()).isEqualTo(b.shape());
    assertThat(out[0].tensor().toDoubles())
        .containsExactly(new double[] {1.5, 2, 0.6, 0, 0, 0}, within(1e-12));
    assertThat(out[1].tensor().toDoubles())
        .containsExactly(new double[] {-6, -0.8, 0}, within(1e-12));
  }

  @Test
  void aLimitIsAboveZero() {
    assertThatThrownBy(() -> Clip.byNorm(0, gradient(Shape.of(1), 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("clip: limit is 0.0, expected above 0");
  }
}
