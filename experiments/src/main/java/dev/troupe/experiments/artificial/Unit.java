package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Settings;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.experiments.stage.Training;
import dev.troupe.gan.Source;
import dev.troupe.kernels.NumericsGuard;
import dev.troupe.kernels.cpu.Workers;
import dev.troupe.tensor.Scope;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One configuration in one repeat: the stages that train its players, and then, with those as they
 * are, the Judge and the independent critic.
 */
final class Unit {
  private final Configuration configuration;
  private final int repeat;
  private final Stage<GanTraining> gan;
  private final Map<Phase, Stage<?>> stages = new EnumMap<>(Phase.class);

  /**
   * @param guard null unless numerics are checked
   */
  Unit(
      RunContext context,
      NumericsGuard guard,
      Workers workers,
      Configuration configuration,
      int repeat) {
    this.configuration = configuration;
    this.repeat = repeat;
    Settings s = context.settings();
    this.gan =
        new Stage<>(
            context,
            guard,
            plan(s, Phase.GAN, s.get(ArtificialSettings.ITERATIONS)),
            scope -> new GanTraining(context, workers, scope, configuration, repeat));
    stages.put(Phase.GAN, gan);
    for (Phase phase : List.of(Phase.JUDGE, Phase.JUDGE_OF_SET)) {
      add(
          context,
          guard,
          plan(s, phase, s.get(ArtificialSettings.JUDGE_ITERATIONS)),
          phase,
          (scope, trained, real) -> new JudgeTraining(s, scope, trained, real));
    }
    for (Phase phase : List.of(Phase.CRITIC, Phase.CRITIC_OF_SET)) {
      add(
          context,
          guard,
          plan(s, phase, s.get(ArtificialSettings.CRITIC_ITERATIONS)),
          phase,
          (scope, trained, real) -> new CriticTraining(s, scope, trained, real));
    }
  }

  private interface Builder<T> {
    T build(Scope scope, GanTraining trained, Source real);
  }

  private <T extends Training> void add(
      RunContext context, NumericsGuard guard, Stage.Plan plan, Phase phase, Builder<T> builder) {
    if (!phase.ofSet() || configuration.trainingSet() > 0) {
      stages.put(
          phase,
          new Stage<>(
              context,
              guard,
              plan,
              scope -> {
                GanTraining trained = gan.open(scope);
                Source real = phase.ofSet() ? trained.trainingData() : trained.data();
                return builder.build(scope, trained, real);
              }));
    }
  }

  private Stage.Plan plan(Settings s, Phase phase, long steps) {
    String kind = phase == Phase.GAN ? phase + " " + configuration.slug() : phase.toString();
    return new Stage.Plan(
        configuration.slug() + "/" + repeat + "/" + phase,
        kind,
        steps,
        s.get(ArtificialSettings.CHECKPOINT_EVERY),
        logEvery(s),
        s.get(ArtificialSettings.MEASURE_EVERY));
  }

  /** Iterations between lines of losses. */
  static long logEvery(Settings s) {
    return Stage.Plan.logEvery(s.get(ArtificialSettings.ITERATIONS));
  }

  /** Iterations of the GANs since the line of losses before the one after {@code done}. */
  static long sinceLog(Settings s, long done) {
    long since = 1;
    while (since < done
        && (done - since) % logEvery(s) != 0
        && (done - since) % s.get(ArtificialSettings.MEASURE_EVERY) != 0) {
      since++;
    }
    return since;
  }

  Configuration configuration() {
    return configuration;
  }

  /** From 1. */
  int repeat() {
    return repeat;
  }

  /** The stages there are, in order. */
  Map<Phase, Stage<?>> stages() {
    return stages;
  }

  /** The trained players, in a scope of the caller's. */
  GanTraining open(Scope scope) throws IOException {
    return gan.open(scope);
  }
}
