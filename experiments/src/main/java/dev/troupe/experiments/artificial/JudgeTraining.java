package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Settings;
import dev.troupe.experiments.stage.StateTraining;
import dev.troupe.gan.AffineNet;
import dev.troupe.gan.Judge;
import dev.troupe.gan.Source;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;

/** The Judge of trained generators. */
final class JudgeTraining implements StateTraining {
  private final Settings settings;
  private final GanTraining trained;
  private final Source real;
  private final Source made;
  private final Judge judge;

  /**
   * @param real the distribution, or the training set
   */
  JudgeTraining(Settings s, Scope scope, GanTraining trained, Source real) {
    this.settings = s;
    this.trained = trained;
    this.real = real;
    this.made = trained.gan().mixture();
    long seed = trained.seed(Seeds.JUDGE);
    this.judge =
        new Judge(
            new State(scope, seed, 0),
            net(s),
            Initialiser.glorotUniform(),
            new Judge.Config(
                s.get(ArtificialSettings.JUDGE_BATCH),
                Schedule.constant(s.get(ArtificialSettings.JUDGE_RATE)),
                GanTraining.adam(s)),
            real,
            made,
            seed);
  }

  /** The same in all configurations, so that numbers can be compared. */
  static AffineNet net(Settings s) {
    return new AffineNet(
        s.get(ArtificialSettings.DIMENSION),
        s.get(ArtificialSettings.WIDTH),
        1,
        s.get(ArtificialSettings.LAYERS),
        s.get(ArtificialSettings.SLOPE));
  }

  @Override
  public State state() {
    return judge.state();
  }

  @Override
  public void step() {
    judge.step();
  }

  @Override
  public SequencedMap<String, Double> losses(long done) {
    SequencedMap<String, Double> out = new LinkedHashMap<>();
    out.put("loss", judge.loss(done)[0]);
    return out;
  }

  @Override
  public Scores scores(long done) {
    Judge.Accuracy accuracy =
        judge
            .accuracy(
                real,
                made,
                trained.seed(Seeds.JUDGED),
                settings.get(ArtificialSettings.HELD_OUT),
                settings.get(ArtificialSettings.JUDGE_BATCH))[0];
    SequencedMap<String, Object> values = new LinkedHashMap<>();
    values.put("judge_accuracy", accuracy.value());
    values.put("judge_standard_error", accuracy.standardError());
    values.put("total_variation_bound", accuracy.totalVariationBound());
    return new Scores(
        values, String.format(Locale.ROOT, "Judge accuracy %.1f %%", 100 * accuracy.value()));
  }
}
