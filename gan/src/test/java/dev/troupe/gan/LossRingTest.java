package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Variable;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import org.junit.jupiter.api.Test;

class LossRingTest {
  @Test
  void theMeanIsOverTheLatestSteps() {
    try (ReferenceDevice device = new ReferenceDevice();
        Scope scope = Scope.open(device, "test")) {
      Rng rng = new Rng(scope, 1, 0, 1);
      LossRing ring = new LossRing(new State(scope, 1, 0, 1), rng.step(), 3, 2);
      assertThat(ring.means(0)).isDeepEqualTo(new double[][] {{0, 0}, {0, 0}});
      for (int step = 0; step < 5; step++) {
        // Loss l of member e at step s is 100 l + 10 e + s.
        Variable first = Variable.constant(scope.of(Shape.of(2), (double) step, 10 + step));
        Variable second = Variable.constant(scope.of(Shape.of(2), 100.0 + step, 110 + step));
        ring.put(first, second);
        rng.nextStep();
        double mean = step < 3 ? step / 2.0 : step - 1; // of 0 … step, then of the last three
        double[][] means = ring.means(step + 1);
        assertThat(means[0]).containsExactly(new double[] {mean, 10 + mean}, within(1e-12));
        assertThat(means[1]).containsExactly(new double[] {100 + mean, 110 + mean}, within(1e-12));
      }
    }
  }
}
