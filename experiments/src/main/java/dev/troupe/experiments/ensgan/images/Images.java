package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Outcome;
import dev.troupe.experiments.Preset;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.data.DataDirectory;
import dev.troupe.experiments.data.KnownSet;
import dev.troupe.experiments.data.KnownSets;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.experiments.stage.StageCache;
import dev.troupe.experiments.stage.Stages;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.NumericsGuard;
import dev.troupe.kernels.cpu.Workers;
import dev.troupe.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Experiment 2 of "Ensembles of GANs for synthetic training data generation" (Eilertsen et al.
 * 2021): classifiers that learn from the samples of ensembles alone, and are tested on real images;
 * Figures 2, 3 and 6 to 10.
 */
public final class Images implements Experiment {
  private final List<KnownSet> known;

  /** On the published sets. */
  public Images() {
    this(KnownSets.all());
  }

  /**
   * For tests.
   *
   * @param known the sets there are
   */
  Images(List<KnownSet> known) {
    this.known = known;
  }

  @Override
  public String name() {
    return "ensgan/images";
  }

  @Override
  public String description() {
    return "classifiers that learn from the samples of ensembles of GANs, on real images";
  }

  @Override
  public String paper() {
    return "Eilertsen et al. 2021, Ensembles of GANs, Figures 2, 3 and 6 to 10";
  }

  @Override
  public List<Setting<?>> settings() {
    return ImageSettings.ALL;
  }

  @Override
  public void check(Settings settings) {
    ImageSettings.check(settings);
  }

  @Override
  public boolean readsData() {
    return true;
  }

  @Override
  public Outcome run(RunContext context) throws IOException {
    Settings s = context.settings();
    ImageData data = ImageData.read(new DataDirectory(Path.of(context.folders().data()), known), s);
    Optional<StageCache> cache =
        context.folders().cache().map(f -> StageCache.open(f, context.console()::note));
    try (Device device = context.openDevice();
        Workers workers = new Workers(context.threads())) {
      NumericsGuard guard = context.checkNumerics() ? new NumericsGuard(device) : null;
      try (Scope scope = Scope.open(guard == null ? device : guard, "images")) {
        Run run =
            new Run(
                context,
                guard,
                workers,
                data,
                data.table(scope, data.train()),
                data.table(scope, data.test()),
                cache);
        Plan plan = new Plan(run, Groups.of(run));
        List<Stage<?>> stages = plan.stages();
        if (s.preset() == Preset.PAPER && !context.resuming()) {
          Stages.announce(context, stages);
          discard(context.directory().resolve(GanTraining.SHEETS)); // of GANs that were thrown away
        }
        Stages.train(context, stages);
        return new ImageEvaluation(this, run, plan).outcome();
      }
    }
  }

  private static void discard(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
