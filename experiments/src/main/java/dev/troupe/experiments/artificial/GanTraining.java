package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Settings;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.experiments.stage.Training;
import dev.troupe.gan.AffineNet;
import dev.troupe.gan.AxisGaussians;
import dev.troupe.gan.MixGan;
import dev.troupe.gan.MixGanTrainer;
import dev.troupe.gan.NetworkOutput;
import dev.troupe.gan.Source;
import dev.troupe.gan.metrics.FrechetDistance;
import dev.troupe.gan.metrics.ModeShares;
import dev.troupe.gan.metrics.Moments;
import dev.troupe.gan.metrics.Summary;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.Workers;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Tensor;
import dev.troupe.tensor.io.HostArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;

/** The players of one configuration, in one repeat. */
final class GanTraining implements Training {
  /** Points that a network is run on at once where nothing is trained. */
  static final int SAMPLE_BATCH = 1000;

  /** Samples of each generator whose modes are counted. */
  static final int COUNTED = 10_000;

  private final RunContext context;
  private final Configuration configuration;
  private final int repeat;
  private final Workers workers;
  private final Scope scope;
  private final Source data;
  private final Tensor trainingSet; // [points, F], null for fresh points in every step
  private final MixGan gan;
  private final MixGanTrainer trainer;
  private Moments real;

  GanTraining(
      RunContext context, Workers workers, Scope scope, Configuration configuration, int repeat) {
    Settings s = context.settings();
    this.context = context;
    this.configuration = configuration;
    this.repeat = repeat;
    this.workers = workers;
    this.scope = scope;
    this.data = data(s);
    this.trainingSet =
        configuration.trainingSet() == 0
            ? null
            : data.sample(scope, seed(Seeds.TRAINING_SET), configuration.trainingSet());
    this.gan =
        new MixGan(
            scope,
            seed(Seeds.TRAINING),
            configuration.generators(),
            configuration.discriminators(),
            configuration.generator(s),
            configuration.discriminator(s),
            Initialiser.glorotUniform());
    this.trainer = new MixGanTrainer(gan, config(s), trainingData(), seed(Seeds.TRAINING));
  }

  private Source data(Settings s) {
    int d = s.get(ArtificialSettings.DIMENSION);
    if (configuration.gaussians() > 0) {
      return new AxisGaussians(scope, configuration.gaussians(), d, s.get(ArtificialSettings.SD));
    }
    AffineNet r = new AffineNet(d, d, d, s.get(Network.LAYERS_R), s.get(ArtificialSettings.SLOPE));
    return new NetworkOutput(scope, seed(Seeds.NETWORK), r, Initialiser.glorotUniform());
  }

  private static MixGanTrainer.Config config(Settings s) {
    return new MixGanTrainer.Config(
        s.get(ArtificialSettings.BATCH_SIZE),
        s.get(ArtificialSettings.CRITIC_UPDATES),
        s.get(ArtificialSettings.LAMBDA),
        Schedule.constant(s.get(ArtificialSettings.RATE_G)),
        Schedule.constant(s.get(ArtificialSettings.RATE_D)),
        adam(s),
        (int) Unit.logEvery(s));
  }

  static AdamSettings adam(Settings s) {
    return AdamSettings.DEFAULT.withBetas(
        s.get(ArtificialSettings.BETA1), s.get(ArtificialSettings.BETA2));
  }

  /** A seed of this repeat. */
  long seed(Seeds what) {
    return what.of(context.seed(), repeat);
  }

  Device device() {
    return scope.device();
  }

  MixGan gan() {
    return gan;
  }

  /** The distribution that the players are to learn. */
  Source data() {
    return data;
  }

  /** What they see of it: the distribution itself, or batches of a finite training set. */
  Source trainingData() {
    return trainingSet == null ? data : Source.finite(trainingSet);
  }

  @Override
  public SequencedMap<String, HostArray> save() {
    return trainer.save();
  }

  @Override
  public void load(Map<String, HostArray> arrays) {
    trainer.load(arrays);
  }

  @Override
  public int members() {
    return configuration.discriminators();
  }

  @Override
  public void step() {
    trainer.step();
  }

  @Override
  public SequencedMap<String, Double> losses(long done) {
    List<MixGanTrainer.Terms> terms = trainer.terms(done - Unit.sinceLog(context.settings(), done));
    SequencedMap<String, Double> out = new LinkedHashMap<>();
    out.put("critic_gap", mean(terms, MixGanTrainer.Terms::gap));
    out.put("penalty", mean(terms, MixGanTrainer.Terms::penalty));
    out.put("loss_g", mean(terms, MixGanTrainer.Terms::generatorLoss));
    out.put("entropy_g", mean(terms, MixGanTrainer.Terms::generatorEntropy));
    out.put("entropy_d", mean(terms, MixGanTrainer.Terms::discriminatorEntropy));
    return out;
  }

  @Override
  public SequencedMap<String, double[]> series(long done) {
    SequencedMap<String, double[]> out = new LinkedHashMap<>();
    List<MixGanTrainer.Terms> terms = trainer.terms(done - Unit.sinceLog(context.settings(), done));
    out.put("critic_gaps", terms.stream().mapToDouble(MixGanTrainer.Terms::gap).toArray());
    return out;
  }

  private static double mean(
      List<MixGanTrainer.Terms> terms, ToDoubleFunction<MixGanTrainer.Terms> what) {
    double sum = 0;
    for (MixGanTrainer.Terms t : terms) {
      sum += what.applyAsDouble(t);
    }
    return sum / terms.size();
  }

  @Override
  public String broken(String loss, long done) {
    return trainer.divergence().map(Object::toString).orElse(Training.super.broken(loss, done));
  }

  @Override
  public Scores scores(long done) {
    SequencedMap<String, Object> values = new LinkedHashMap<>();
    Moments made = moments(gan.mixture(), seed(Seeds.FRECHET_SAMPLES));
    // Samples that are not finite have no covariance; their distance stops the run.
    boolean finite = Arrays.stream(made.mean()).allMatch(Double::isFinite);
    double distance = finite ? FrechetDistance.between(workers, real(), made) : Double.NaN;
    values.put("frechet_distance", distance);
    if (trainingSet != null && finite) {
      Moments set = new Moments(workers, data.features());
      set.add(trainingSet.toFloats());
      values.put("frechet_distance_to_set", FrechetDistance.between(workers, set, made));
    }
    values.put("weights_g", doubles(gan.generatorMixture().weights()));
    values.put("weights_d", doubles(gan.discriminatorMixture().weights()));
    if (configuration.gaussians() > 0) {
      shares(values);
    }
    return new Scores(values, String.format(Locale.ROOT, "Fréchet distance %.4f", distance));
  }

  /** Where the samples of each generator lie. */
  private void shares(SequencedMap<String, Object> values) {
    ModeShares shares = new ModeShares(configuration.generators(), configuration.gaussians());
    float[][] samples =
        gan.eachGenerator()
            .points(
                scope.device(),
                seed(Seeds.SHARES),
                configuration.generators(),
                COUNTED,
                SAMPLE_BATCH);
    List<List<Double>> all = new ArrayList<>();
    for (int i = 0; i < samples.length; i++) {
      shares.add(i, samples[i], gan.features());
      all.add(doubles(shares.ofGenerator(i)));
    }
    values.put("shares", all);
    double[] ofMixture = shares.ofMixture(gan.generatorMixture().weights());
    values.put("least_mode_share", Arrays.stream(ofMixture).min().orElseThrow());
    if (configuration.oneGeneratorEach()) {
      values.put("least_own_share", OwnModes.of(all).least());
    }
  }

  private static List<Double> doubles(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private Moments real() {
    if (real == null) {
      real = moments(data, seed(Seeds.FRECHET_REAL));
    }
    return real;
  }

  /** The Fréchet distance of as many real points from those that samples are compared with. */
  double floor() {
    return FrechetDistance.between(workers, real(), moments(data, seed(Seeds.FRECHET_FLOOR)));
  }

  private Moments moments(Source source, long seed) {
    Moments moments = new Moments(workers, source.features());
    int count = context.settings().get(ArtificialSettings.FRECHET_POINTS);
    source.forEach(
        scope.device(), seed, 1, count, SAMPLE_BATCH, points -> moments.add(points.toFloats()));
    return moments;
  }

  /** SHA-256 over the parameters of all players. */
  String hash() {
    return gan.generatorState().parameterHash() + gan.discriminatorState().parameterHash();
  }

  /** The generators with their mixed strategy, without their optimiser. */
  SequencedMap<String, HostArray> generators() {
    SequencedMap<String, HostArray> out = new LinkedHashMap<>();
    gan.generatorState()
        .save()
        .forEach((name, array) -> {
          if (name.matches("generator\\.(affine\\d+|mixture)\\..*")) {
            out.put(name, array);
          }
        });
    return out;
  }

  /** Mean and spread of a number over repeats, as tables show it. */
  static Summary summary(List<Double> values) {
    return Summary.of(values.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
