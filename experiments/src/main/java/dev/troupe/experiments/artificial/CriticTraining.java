package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Settings;
import dev.troupe.experiments.stage.StateTraining;
import dev.troupe.gan.IndependentCritic;
import dev.troupe.gan.Source;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;

/** The independent critic of trained generators. */
final class CriticTraining implements StateTraining {
  private final Settings settings;
  private final GanTraining trained;
  private final Source real;
  private final Source made;
  private final IndependentCritic critic;

  /**
   * @param real the distribution, or the training set
   */
  CriticTraining(Settings s, Scope scope, GanTraining trained, Source real) {
    this.settings = s;
    this.trained = trained;
    this.real = real;
    this.made = trained.gan().mixture();
    long seed = trained.seed(Seeds.CRITIC);
    this.critic =
        new IndependentCritic(
            new State(scope, seed, 0),
            JudgeTraining.net(s),
            Initialiser.glorotUniform(),
            new IndependentCritic.Config(
                s.get(ArtificialSettings.JUDGE_BATCH),
                s.get(ArtificialSettings.LAMBDA),
                Schedule.constant(s.get(ArtificialSettings.JUDGE_RATE)),
                GanTraining.adam(s)),
            real,
            made,
            seed);
  }

  @Override
  public State state() {
    return critic.state();
  }

  @Override
  public void step() {
    critic.step();
  }

  @Override
  public SequencedMap<String, Double> losses(long done) {
    double[][] losses = critic.losses(done);
    SequencedMap<String, Double> out = new LinkedHashMap<>();
    out.put("gap", losses[0][0]);
    out.put("penalty", losses[1][0]);
    return out;
  }

  @Override
  public Scores scores(long done) {
    IndependentCritic.Estimate estimate =
        critic
            .estimate(
                real,
                made,
                trained.seed(Seeds.ESTIMATED),
                settings.get(ArtificialSettings.HELD_OUT),
                settings.get(ArtificialSettings.JUDGE_BATCH))[0];
    SequencedMap<String, Object> values = new LinkedHashMap<>();
    values.put("wasserstein", estimate.wasserstein());
    values.put("wasserstein_by_mean_norm", estimate.byMeanNorm());
    values.put("lipschitz_k", estimate.maxNorm());
    return new Scores(
        values, String.format(Locale.ROOT, "Wasserstein distance %.4f", estimate.wasserstein()));
  }
}
