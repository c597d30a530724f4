package dev.troupe.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import dev.troupe.tensor.io.HostArray;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Names, summary, saving and loading of a model's tensors. */
class StateTest {
  private final Device device = new CpuDevice(1);
  private final Scope scope = Scope.open(device, "state");

  private final Locale before = Locale.getDefault();

  @BeforeEach
  void numbersHaveCommas() {
    Locale.setDefault(Locale.GERMANY); // but not in a summary
  }

  @AfterEach
  void close() {
    Locale.setDefault(before);
    scope.close();
    device.close();
  }

  private State model(long seed) {
    State state = new State(scope, seed, 0, 3);
    Layers.dense(state.at("generator").at("hidden"), 2, 400, Initialiser.normal(0.02));
    Layers.batchNorm(state.at("generator").at("bn"), 3, 1e-4, 0.05, 0);
    state.at("adam").keep("step", scope.of(Shape.of(1), new int[] {7}));
    return state;
  }

  @Test
  void namesAreJoinedByDotsInTheOrderOfMaking() {
    State state = model(1);
    assertThat(state.tensors().keySet())
        .containsExactly(
            "generator.hidden.weight",
            "generator.hidden.bias",
            "generator.bn.gamma",
            "generator.bn.beta",
            "generator.bn.mean",
            "generator.bn.variance",
            "adam.step");
    assertThat(state.at("generator").at("bn").tensors()).hasSize(4);
    assertThat(state.at("gen").tensors()).isEmpty();
    assertThat(state.parameters()).hasSize(4);
    assertThat(state.parameterTensors().keySet()).doesNotContain("generator.bn.mean", "adam.step");
    assertThat(state.members()).isEqualTo(2);
    assertThat(state.memberIds()).containsExactly(0, 3);
    assertThat(state.parametersPerMember()).isEqualTo(2 * 400 + 400 + 6);
    assertThatThrownBy(() -> state.at("generator").at("bn").buffer("mean", Shape.of(3), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("state: generator.bn.mean exists already");
  }

  @Test
  void summary() {
    assertThat(model(1).summary())
        .isEqualToNormalizingNewlines(
            """
            generator.hidden.weight  [2, 400]                  800
            generator.hidden.bias    [400]                     400
            generator.bn.gamma       [3]                         3
            generator.bn.beta        [3]                         3
            total                    × 2 members             1,206
            """);
  }

  @Test
  void whatIsSavedIsLoaded() {
    State one = model(1);
    State two = model(2);
    assertThat(two.parameterHash()).isNotEqualTo(one.parameterHash());
    two.tensors().get("adam.step").set(new int[] {0});
    two.tensors().get("generator.bn.mean").fill(5);
    two.load(one.save());
    assertThat(two.parameterHash()).isEqualTo(one.parameterHash());
    one.tensors()
        .forEach((name, t) ->
            assertThat(TinyGan.bits(two.tensors().get(name))).as(name).isEqualTo(TinyGan.bits(t)));
    State generator = two.at("generator");
    generator.load(one.at("generator").save());
  }

  @Test
  void float64IsSavedAsItIsAndLoadsOnEitherDevice() {
    double third = 1.0 / 3; // not a float32
    try (Device reference = new ReferenceDevice();
        Scope outer = Scope.open(reference, "reference")) {
      State saved = new State(outer, 1, 0);
      saved.buffer("x", Shape.of(1), third);
      State loaded = new State(outer, 1, 0);
      Tensor x = loaded.buffer("x", Shape.of(1), 0);
      loaded.load(saved.save());
      assertThat(x.item()).isEqualTo(third);
      try (Device cpu = new CpuDevice(1);
          Scope inner = Scope.open(cpu, "cpu")) {
        State narrow = new State(inner, 1, 0);
        Tensor y = narrow.buffer("x", Shape.of(1), 0);
        narrow.load(saved.save());
        assertThat(y.item()).isEqualTo((float) third);
      }
    }
  }

  @Test
  void whatDoesNotFitChangesNothing() {
    State state = model(1);
    Map<String, HostArray> good = model(2).save();
    String before = state.parameterHash();

    Map<String, HostArray> missing = new LinkedHashMap<>(good);
    missing.remove("generator.bn.variance");
    refused(state, missing, "state: generator.bn.variance is missing");

    Map<String, HostArray> unknown = new LinkedHashMap<>(good);
    unknown.put("critic.weight", HostArray.of(new float[4], 2, 2));
    refused(state, unknown, "state: critic.weight is not part of this model");

    Map<String, HostArray> shape = new LinkedHashMap<>(good);
    shape.put("generator.bn.beta", HostArray.of(new float[8], 2, 4));
    refused(state, shape, "state: generator.bn.beta is [2, 4], expected [2, 3]");

    Map<String, HostArray> type = new LinkedHashMap<>(good);
    type.put("adam.step", HostArray.of(new float[1], 1));
    refused(state, type, "state: adam.step is F32, expected I32");

    assertThat(state.parameterHash()).isEqualTo(before);
    assertThat(state.tensors().get("adam.step").toInts()).containsExactly(7);
  }

  private static void refused(State state, Map<String, HostArray> arrays, String message) {
    assertThatThrownBy(() -> state.load(arrays))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void theHashCoversEveryBitOfTheParameters() {
    State state = model(1);
    String hash = state.parameterHash();
    assertThat(hash).matches("[0-9a-f]{64}");
    assertThat(model(1).parameterHash()).isEqualTo(hash);
    for (String name : state.parameterTensors().keySet()) {
      Tensor t = state.tensors().get(name);
      float[] values = t.toFloats();
      float kept = values[values.length - 1];
      values[values.length - 1] = kept == 0 ? -0f : Math.nextUp(kept);
      t.set(values);
      assertThat(state.parameterHash()).as(name).isNotEqualTo(hash);
      values[values.length - 1] = kept;
      t.set(values);
      assertThat(state.parameterHash()).isEqualTo(hash);
    }
    state.tensors().get("generator.bn.mean").fill(3);
    assertThat(state.parameterHash()).isEqualTo(hash);
  }
}
