package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogisticLossTest {
  private static final int MEMBERS = 2;
  private static final int N = 3;
  private static final double[] REAL = {0.3, -1.7, 4, 0, 0, -0.2};
  private static final double[] FAKE = {-2.5, 0.1, 7, -3, 0, 1};

  private final ReferenceDevice device = new ReferenceDevice();
  private final Scope scope = Scope.open(device, "test");

  @AfterEach
  void close() {
    scope.close();
    device.close();
  }

  private Variable logits(double... values) {
    return Variable.leaf(scope.of(Shape.of(MEMBERS, values.length / MEMBERS, 1), values));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void eachMemberHasItsClosedForm() {
    double[] d = LogisticLoss.discriminator(logits(REAL), logits(FAKE)).tensor().toDoubles();
    double[] g = LogisticLoss.generator(logits(FAKE)).tensor().toDoubles();
    for (int e = 0; e < MEMBERS; e++) {
      double expectedD = 0;
      double expectedG = 0;
      for (int i = e * N; i < (e + 1) * N; i++) {
        expectedD -= (Math.log(sigmoid(REAL[i])) + Math.log(1 - sigmoid(FAKE[i]))) / N;
        expectedG -= Math.log(sigmoid(FAKE[i])) / N;
      }
      assertThat(d[e]).isCloseTo(expectedD, within(1e-12));
      assertThat(g[e]).isCloseTo(expectedG, within(1e-12));
    }
  }

  @Test
  void gradientsHaveTheirClosedForm() {
    Variable real = logits(REAL);
    Variable fake = logits(FAKE);
    Variable[] d = Gradients.of(LogisticLoss.discriminator(real, fake), real, fake);
    Variable[] g = Gradients.of(LogisticLoss.generator(fake), fake);
    for (int i = 0; i < REAL.length; i++) {
      assertThat(d[0].tensor().toDoubles()[i]).isCloseTo(-sigmoid(-REAL[i]) / N, within(1e-12));
      assertThat(d[1].tensor().toDoubles()[i]).isCloseTo(sigmoid(FAKE[i]) / N, within(1e-12));
      assertThat(g[0].tensor().toDoubles()[i]).isCloseTo(-sigmoid(-FAKE[i]) / N, within(1e-12));
    }
  }

  @Test
  void anUndecidedDiscriminatorCostsLogFour() {
    Variable zero = logits(new double[2 * MEMBERS]);
    assertThat(LogisticLoss.discriminator(zero, zero).tensor().toDoubles())
        .containsOnly(2 * Math.log(2));
    assertThat(LogisticLoss.generator(zero).tensor().toDoubles()).containsOnly(Math.log(2));
  }

  @Test
  void largeLogitsNeitherOverflowNorVanish() {
    Variable real = logits(-1e4, -1e4);
    Variable fake = logits(1e4, 1e4);
    assertThat(LogisticLoss.discriminator(real, fake).tensor().toDoubles()).containsOnly(2e4);
    assertThat(LogisticLoss.discriminator(fake, real).tensor().toDoubles()).containsOnly(0);
    assertThat(LogisticLoss.generator(real).tensor().toDoubles()).containsOnly(1e4);
    assertThat(Gradients.of(LogisticLoss.generator(real), real)[0].tensor().toDoubles())
        .containsOnly(-1);
  }
}
