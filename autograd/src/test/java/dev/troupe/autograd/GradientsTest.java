package dev.troupe.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.NumericsException;
import dev.troupe.kernels.NumericsGuard;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The walk through graphs of every form. */
class GradientsTest {
  private static final Offset<Double> CLOSE = within(1e-12);

  private final Device device = new ReferenceDevice();
  private final Scope scope = Scope.open(device, "gradients");

  @AfterEach
  void close() {
    scope.close();
    assertThat(device.memory().live()).as("bytes leaked").isZero();
    device.close();
  }

  private Variable leaf(double... values) {
    return Variable.leaf(scope.of(Shape.of(values.length), values));
  }

  private static double[] values(Variable v) {
    return v.tensor().toDoubles();
  }

  private static double gradient(Variable y, Variable x) {
    return Gradients.of(y, x)[0].tensor().item();
  }

  @Test
  void aDiamondAddsBothWays() {
    Variable x = leaf(0.7);
    Variable y = Ops.mul(Ops.sin(x), Ops.exp(x));
    assertThat(gradient(y, x)).isCloseTo(Math.exp(0.7) * (Math.cos(0.7) + Math.sin(0.7)), CLOSE);
  }

  @Test
  void diamondsInARowAreWalkedOnce() {
    // 2^60 ways lead from y to x; a walk of each would not end.
    Variable x = leaf(1);
    Variable y = x;
    for (int i = 0; i < 60; i++) {
      y = Ops.add(y, y);
    }
    assertThat(gradient(y, x)).isEqualTo(0x1p60);
  }

  @Test
  void aVariableUsedManyTimes() {
    Variable x = leaf(1.5, -2);
    Variable sum = Ops.mul(x, x);
    for (int i = 0; i < 100; i++) {
      sum = Ops.add(sum, Ops.mul(x, i));
    }
    assertThat(values(Gradients.of(sum, x)[0])).containsExactly(3 + 4950, -4 + 4950);
  }

  @Test
  void intermediateVariables() {
    Variable x = leaf(2);
    Variable m = Ops.square(x);
    Variable y = Ops.exp(Ops.mul(m, 0.5));
    Variable[] g = Gradients.of(y, m, x, y);
    assertThat(g[0].tensor().item()).isCloseTo(0.5 * Math.exp(2), CLOSE);
    assertThat(g[1].tensor().item()).isCloseTo(2 * Math.exp(2), CLOSE);
    assertThat(g[2].tensor().item()).isEqualTo(1);
    // m on its own: what lies behind it is not looked at.
    assertThat(gradient(y, m)).isCloseTo(0.5 * Math.exp(2), CLOSE);
  }

  /** Total derivatives: a way to x through m counts, though m is asked for too. */
  @Test
  void anInputThatDependsOnAnotherInput() {
    Variable x = leaf(3);
    Variable m = Ops.mul(x, 2);
    Variable y = Ops.mul(x, m);
    for (Variable[] g :
        new Variable[][] {
          Gradients.of(y, x, m), Gradients.of(y, null, true, x, m),
        }) {
      assertThat(g[0].tensor().item()).isEqualTo(12);
      assertThat(g[1].tensor().item()).isEqualTo(3);
    }
  }

  @Test
  void theSameInputTwice() {
    Variable x = leaf(3);
    Variable[] g = Gradients.of(Ops.square(x), x, x);
    assertThat(values(g[0])).containsExactly(6);
    assertThat(values(g[1])).containsExactly(6);
  }

  @Test
  void aSeedWeighsTheElements() {
    Variable x = leaf(1, 2, 3);
    Variable y = Ops.square(x);
    Variable seed = Variable.constant(scope.of(Shape.of(3), 1, 0, -2));
    assertThat(values(Gradients.of(y, seed, false, x)[0])).containsExactly(2, 0, -12);
    Variable wrong = Variable.constant(scope.zeros(Shape.of(2)));
    assertThatThrownBy(() -> Gradients.of(y, wrong, false, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gradient: seed is [2], expected [3]");
  }

  @Test
  void theDerivativeByASeed() {
    // Forward mode by two reverse ones: g = J' s is linear in s.
    Variable x = leaf(1, 2);
    Variable seed = leaf(1, 1);
    Variable g = Gradients.of(Ops.square(x), seed, true, x)[0];
    assertThat(values(Gradients.of(g, seed)[0])).containsExactly(2, 4);
  }

  @Test
  void detachedAndUnrecordedVariablesEndTheGraph() {
    Variable x = leaf(3);
    Variable cut = Ops.square(x).detach();
    assertThat(cut.requiresGrad()).isFalse();
    assertThat(cut.inputs()).isZero();
    assertThat(gradient(Ops.mul(x, cut), x)).isEqualTo(9);
    Variable constant = Gradients.noGrad(() -> Ops.square(x));
    assertThat(constant.requiresGrad()).isFalse();
    assertThat(gradient(Ops.mul(x, constant), x)).isEqualTo(9);
    assertThat(constant.detach()).isSameAs(constant);
    // noGrad ends, even by an exception.
    assertThatThrownBy(() ->
            Gradients.noGrad(() -> {
              throw new IllegalStateException("inside");
            }))
        .hasMessage("inside");
    assertThat(Ops.square(x).requiresGrad()).isTrue();
  }

  @Test
  void aGradientHasNoGraphUnlessAsked() {
    Variable x = leaf(3);
    assertThat(Gradients.of(Ops.square(x), x)[0].requiresGrad()).isFalse();
    assertThat(Gradients.of(Ops.square(x), null, true, x)[0].requiresGrad()).isTrue();
  }

  @Test
  void thirdDerivatives() {
    double at = 0.3;
    Variable x = leaf(at);
    Variable y = Ops.tanh(x);
    for (int i = 0; i < 3; i++) {
      y = Gradients.of(y, null, true, x)[0];
    }
    double t = Math.tanh(at);
    double u = 1 - t * t;
    assertThat(y.tensor().item()).isCloseTo(u * (4 * t * t - 2 * u), CLOSE);
  }

  @Test
  void aDeepGraphDoesNotOverflowTheStack() {
    int depth = 20_000;
    Variable x = leaf(1);
    Variable y = x;
    for (int i = 0; i < depth; i++) {
      y = Ops.add(Ops.mul(y, 0.5), x);
    }
    assertThat(gradient(y, x)).isCloseTo(2, CLOSE);
    Variable g = Gradients.of(y, null, true, x)[0];
    assertThat(g.tensor().item()).isCloseTo(2, CLOSE);
  }

  @Test
  void whatDoesNotDependIsNamed() {
    Variable x = leaf(1, 2);
    Variable other = leaf(1, 2, 3);
    Variable y = Ops.exp(x);
    assertThatThrownBy(() -> Gradients.of(y, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "gradient: exp exp[2] REAL on reference does not depend on leaf of[3] REAL on"
                + " reference");
    assertThatThrownBy(() -> Gradients.of(y.detach(), x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not depend on");
    // A refusal leaves nothing behind.
    assertThat(values(Gradients.of(y, x)[0])).containsExactly(Math.exp(1), Math.exp(2));
  }

  @Test
  void aConstantWayGivesZeros() {
    // argmax and comparisons have no gradient, but x is reached by another way of weight 0.
    Variable x = leaf(1, 2);
    Variable y = Ops.add(Ops.mul(x, 0), Ops.step(x, 1.5));
    assertThat(values(Gradients.of(y, x)[0])).containsExactly(0, 0);
  }

  @Test
  void fusedOpsAreDifferentiatedTwiceByTheirComposedForm() {
    Variable x = leaf(0.1, 0.5, -0.3);
    Variable p = Ops.softmax(x);
    Variable seed = Variable.constant(scope.of(Shape.of(3), 1, 0, 0));
    Variable g = Gradients.of(p, seed, true, x)[0];
    double[] second = values(Gradients.of(g, seed, false, x)[0]);
    double[] s = values(p);
    assertThat(second[0]).isCloseTo(s[0] * (1 - s[0]) * (1 - 2 * s[0]), CLOSE);
    assertThat(second[1]).isCloseTo(-s[0] * s[1] * (1 - 2 * s[0]), CLOSE);
  }

  /** An op that can be differentiated once, and says so by name. */
  private record Once() implements Op {
    @Override
    public String name() {
      return "once";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Tensor y = Tensor.empty(in[0].type(), in[0].shape(), name());
      y.copyFrom(in[0]);
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      return new Variable[] {dy.shape().equals(y.shape()) ? dy : null};
    }

    @Override
    public boolean isFused() {
      return true;
    }
  }

  @Test
  void anOpWithoutASecondDerivativeSaysSo() {
    Variable x = leaf(1);
    Variable y = Variable.apply(new Once(), x);
    assertThat(gradient(y, x)).isEqualTo(1);
    assertThatThrownBy(() -> Gradients.of(y, null, true, x))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("once cannot be differentiated twice");
    assertThat(Ops.square(x).requiresGrad()).as("recording after the error").isTrue();
    assertThat(gradient(y, x)).isEqualTo(1);
  }

  private record Wrong() implements Op {
    @Override
    public String name() {
      return "wrong";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      return in[0].reshape(in[0].shape());
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      return new Variable[] {Ops.sum(dy)};
    }
  }

  @Test
  void aGradientOfTheWrongShapeIsRefused() {
    Variable x = leaf(1, 2);
    Variable y = Variable.apply(new Wrong(), x);
    assertThatThrownBy(() -> Gradients.of(y, x))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("wrong: gradient of input 0 is [], expected [2]");
  }

  // ---------------------------------------------------------------- anomaly mode

  @Test
  void theFirstOpThatIsNotFiniteIsNamed() {
    NumericsGuard guard = new NumericsGuard(device);
    guard.members(4);
    guard.step(17);
    try (Scope watched = Scope.open(guard, "watched")) {
      // [4, 1, 3]; log(0) in member 2
      double[] x = {1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12};
      Variable v = Variable.leaf(watched.of(Shape.of(4, 1, 3), x));
      NumericsException e =
          catchThrowableOfType(
              NumericsException.class, () -> Ops.mean(Ops.square(Ops.log(Ops.mul(v, 2)))));
      assertThat(e)
          .hasMessage(
              "log: -Infinity at element 7 of 12 of output 0 (member 2, step 17);"
                  + " input 0: 12 elements in [0.0, 24.0], 0 NaN, 0 infinite; in log");
      assertThat(e.member()).isEqualTo(2);
      assertThat(e.step()).isEqualTo(17);
    }
  }

  @Test
  void theOpWhoseGradientIsNotFiniteIsNamed() {
    NumericsGuard guard = new NumericsGuard(device);
    guard.members(2);
    try (Scope watched = Scope.open(guard, "watched")) {
      Variable v = Variable.leaf(watched.of(Shape.of(2, 2), 1, 4, 0, 9));
      Variable loss = Ops.sum(Ops.sqrt(v), 1);
      assertThatThrownBy(() -> Gradients.of(loss, v))
          .isInstanceOf(NumericsException.class)
          .hasMessage(
              "div: Infinity at element 2 of 4 of output 0 (member 1);"
                  + " input 0: 4 elements in [0.5, 0.5], 0 NaN, 0 infinite;"
                  + " input 1: 4 elements in [0.0, 3.0], 0 NaN, 0 infinite;"
                  + " in div; in the gradient of sqrt");
    }
  }
}
