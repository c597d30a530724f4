package dev.troupe.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The example of the README: that it is the one below, that it runs, and that it does as told. */
class ReadmeTest {
  private static final Path SOURCE = Path.of("src/test/java/dev/troupe/nn/ReadmeTest.java");
  private static final Path README = Path.of("../README.md");

  @Test
  void theExampleRunsAndAMemberIsTheSameAlone() {
    // README begin
    try (Device device = new CpuDevice();
        Scope scope = Scope.open(device, "example")) {
      State state = new State(scope, 1, Rng.firstMembers(8)); // seed 1, members 0 to 7
      Layer layer = Layers.maxout(state, 2, 16, 5, Initialiser.normal(0.5)); // weight [8, 2, 80]
      Rng rng = new Rng(scope, 1, state.memberIds());
      Variable x = Variable.constant(rng.normal("x", Shape.of(8, 100, 2), 0, 1)); // [E, N, F]
      Variable loss = Ops.mean(Ops.square(layer.forward(x, Pass.EVALUATION)), 1, 2); // [E]
      Variable[] gradients = Gradients.of(loss, state.parameters().toArray(Variable[]::new));
      float[] weight = gradients[0].tensor().toFloats(); // [8, 2, 80]: each member by its own loss
      // README end
      assertThat(gradients[0].shape()).isEqualTo(Shape.of(8, 2, 80));
      assertThat(Arrays.copyOfRange(weight, 3 * 160, 4 * 160)).isEqualTo(gradientAlone(scope, 3));
    }
  }

  private static float[] gradientAlone(Scope scope, int member) {
    State state = new State(scope, 1, member);
    Layer layer = Layers.maxout(state, 2, 16, 5, Initialiser.normal(0.5));
    Rng rng = new Rng(scope, 1, member);
    Variable x = Variable.constant(rng.normal("x", Shape.of(1, 100, 2), 0, 1));
    Variable loss = Ops.mean(Ops.square(layer.forward(x, Pass.EVALUATION)), 1, 2);
    return Gradients.of(loss, state.parameters().toArray(Variable[]::new))[0].tensor().toFloats();
  }

  @Test
  void theReadmeShowsIt() throws IOException {
    String shown = between(Files.readString(README), "```java\n", "```");
    String run = between(Files.readString(SOURCE), "// README " + "begin\n", "// README " + "end");
    assertThat(shown).isEqualTo(run.stripIndent().stripTrailing() + "\n}\n");
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin);
    assertThat(from).as("'%s'", begin.strip()).isNotNegative();
    int to = text.indexOf(end, from + begin.length());
    assertThat(to).as("'%s' after '%s'", end, begin.strip()).isNotNegative();
    return text.substring(from + begin.length(), to);
  }
}
