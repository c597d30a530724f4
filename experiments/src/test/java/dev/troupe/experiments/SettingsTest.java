package dev.troupe.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private static final Experiment EXPERIMENT = new CountingExperiment();

  private static Settings quick(String... assignments) {
    return Settings.resolve(EXPERIMENT, Preset.QUICK, List.of(assignments));
  }

  @Test
  void aPresetGivesTheDefaults() {
    assertThat(quick().canonical())
        .containsExactly(
            Map.entry("steps", "20"),
            Map.entry("points", "7"),
            Map.entry("learningRate", "0.001"),
            Map.entry("shuffle", "false"),
            Map.entry("loss", "logistic"),
            Map.entry("fault", "none"),
            Map.entry("interval", "5"));
    Settings paper = Settings.resolve(EXPERIMENT, Preset.PAPER, List.of());
    assertThat(paper.get(CountingExperiment.STEPS)).isEqualTo(400);
    assertThat(paper.get(CountingExperiment.RATE)).isEqualTo(1e-4);
    assertThat(paper.get(CountingExperiment.SHUFFLE)).isTrue();
    assertThat(paper.get(CountingExperiment.LOSS)).isEqualTo("hinge");
  }

  @Test
  void assignmentsGoOverThePresetWhateverTheirSpelling() {
    Settings settings = quick("learningRate=2E-4", " steps = 30 ", "points=+5000000000");
    assertThat(settings.get(CountingExperiment.RATE)).isEqualTo(2e-4);
    assertThat(settings.get(CountingExperiment.POINTS)).isEqualTo(5_000_000_000L);
    assertThat(settings.assignments())
        .containsExactly("steps=30", "points=5000000000", "learningRate=0.0002");
    assertThat(quick("learningRate=1e-3").assignments()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          learningrate=1 | test/counting: unknown setting 'learningrate'; did you mean 'learningRate'?
          setps=1        | test/counting: unknown setting 'setps'; did you mean 'steps'?
          rate=1         | test/counting: unknown setting 'rate'; did you mean 'learningRate'?
          widthG=1       | test/counting: unknown setting 'widthG'; it has steps, points, learningRate, shuffle, loss, fault, interval
          steps          | --set: expected key=value, got 'steps'
          =3             | --set: expected key=value, got '=3'
          steps=ten      | setting steps: 'ten' is not an integer, expected an integer in [1, 1000000]
          steps=1.5      | setting steps: '1.5' is not an integer, expected an integer in [1, 1000000]
          steps=         | setting steps: '' is not an integer, expected an integer in [1, 1000000]
          steps=0        | setting steps: '0' is out of range, expected an integer in [1, 1000000]
          steps=99999999999999999999 | setting steps: '99999999999999999999' is out of range, expected an integer in [1, 1000000]
          points=0       | setting points: '0' is out of range, expected an integer of at least 1
          learningRate=0 | setting learningRate: '0' is out of range, expected a number in (0, 1]
          learningRate=NaN | setting learningRate: 'NaN' is not a number, expected a number in (0, 1]
          learningRate=1e999 | setting learningRate: '1e999' is out of range, expected a number in (0, 1]
          shuffle=yes    | setting shuffle: 'yes' is neither true nor false, expected true or false
          loss=wgan      | setting loss: 'wgan' is unknown, expected one of logistic, hinge
          interval=21    | setting interval: 21 is above steps, which is 20
          """)
  void aBadAssignmentIsRefusedInOneSentence(String assignment, String message) {
    UserException e = catchThrowableOfType(UserException.class, () -> quick(assignment));
    assertThat(e).hasMessage(message);
    assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aKeySetTwiceIsRefused() {
    assertThatThrownBy(() -> quick("steps=7", "steps=8"))
        .hasMessage("setting steps: set twice, to '7' and '8'");
  }

  @Test
  void aDefaultOutsideItsDomainIsAnErrorOfTheProgrammer() {
    assertThatThrownBy(() -> new Setting<>("members", "GANs", Domain.integer(1, 5), 1, 6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("setting members: default 6 is not an integer in [1, 5]");
  }

  @Test
  void anUndeclaredSettingCannotBeRead() {
    Setting<Integer> other = new Setting<>("members", "GANs", Domain.integer(1, 5), 1, 1);
    assertThatThrownBy(() -> quick().get(other)).hasMessage("settings: 'members' is not declared");
  }

  @Test
  void aNumberComesBackFromItsCanonicalText() {
    Domain<Double> any = Domain.number(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 100_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        assertThat(any.parse(any.format(value))).isEqualTo(value);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "-0,0",
    "1,1",
    "0.5,0.5",
    "1e-4,0.0001",
    "1E-5,1e-5",
    "1.5e-8,1.5e-8",
    "100000,100000",
    "1e7,1e7",
    "-2.50,-2.5",
    ".25,0.25",
    "3.,3"
  })
  void numbersAreWrittenShort(String typed, String canonical) {
    Domain<Double> any = Domain.number(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    assertThat(any.format(any.parse(typed))).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1f", "0x10", "1,5", "Infinity", "--1", ".", "e5", "1 2"})
  void otherSpellingsAreNoNumbers(String typed) {
    assertThatThrownBy(() -> Domain.number(0, 9).parse(typed)).hasMessage("is not a number");
  }

  @ParameterizedTest
  @CsvSource({"kitten,sitting,3", "abc,acb,1", "'',abc,3", "same,same,0", "ca,abc,3"})
  void distanceCountsEditsAndSwaps(String a, String b, int distance) {
    assertThat(Nearest.distance(a, b)).isEqualTo(distance);
    assertThat(Nearest.distance(b, a)).isEqualTo(distance);
  }

  @ParameterizedTest
  @CsvSource({
    "ensgan/grid, ensgan/grid2d",
    "grid2d,      ensgan/grid2d",
    "engsan/grid2d, ensgan/grid2d",
    "ENSGAN/GRID2D, ensgan/grid2d",
  })
  void theNearestNameIsFound(String typed, String expected) {
    assertThat(Nearest.to(typed, List.of("adagan/gmm", "ensgan/grid2d"))).contains(expected);
  }

  @Test
  void nothingIsSuggestedForSomethingElse() {
    assertThat(Nearest.to("imagenet", List.of("adagan/gmm", "ensgan/grid2d"))).isEmpty();
    assertThat(Nearest.to("", List.of("adagan/gmm"))).isEmpty();
  }
}
