package dev.troupe.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.bench.InterpreterSpeed.Kernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The interpreter is fast enough to test kernels with. */
final class InterpreterSpeedTest {
  private static final double ENOUGH = 50; // million thread-instructions a second of a core
  private static final double MOST = 30; // seconds, of which a sound interpreter needs one or two

  /**
   * Once in 30 seconds, so that a slow or busy machine passes and a tenth of the speed does not.
   */
  @ParameterizedTest
  @EnumSource(Kernel.class)
  void itExecutesFiftyMillionInstructionsASecond(Kernel kernel) {
    double best = kernel.measure(runs -> runs.best(ENOUGH, MOST));
    assertThat(best).as(kernel.name()).isGreaterThan(ENOUGH);
  }
}
