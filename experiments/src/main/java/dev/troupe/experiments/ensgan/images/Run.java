package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.Version;
import dev.troupe.experiments.data.Frame;
import dev.troupe.experiments.report.ContactSheet;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.experiments.run.RunIdentity;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.experiments.stage.StageCache;
import dev.troupe.experiments.stage.Training;
import dev.troupe.gan.image.ImageTable;
import dev.troupe.kernels.NumericsGuard;
import dev.troupe.kernels.cpu.Workers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What all stages of a run share.
 *
 * @param guard null unless numerics are checked
 * @param workers for what is computed on the host
 * @param data the real images
 * @param train those to learn from, on the device
 * @param test those that classifiers are tested on, on the device
 * @param cache of stages, if there is one
 */
record Run(
    RunContext context,
    NumericsGuard guard,
    Workers workers,
    ImageData data,
    ImageTable train,
    ImageTable test,
    Optional<StageCache> cache) {
  Settings settings() {
    return context.settings();
  }

  /** All that decides the bits of a stage. */
  RunIdentity inputs(String kind, List<Setting<?>> settings, Map<String, String> more) {
    SequencedMap<String, String> values = new LinkedHashMap<>();
    values.put("stage", kind);
    values.put("version", Version.current());
    values.put("seed", Long.toString(context.seed()));
    values.put("device", context.choice().toString());
    values.put("data", data.checksums());
    Map<String, String> canonical = settings().canonical();
    for (Setting<?> setting : settings) {
      values.put("set." + setting.name(), canonical.get(setting.name()));
    }
    values.putAll(more);
    return new RunIdentity(values);
  }

  /** A stage of this run, which other runs may share. */
  <T extends Training> Stage<T> stage(
      String name,
      String kind,
      long steps,
      long scoreEvery,
      RunIdentity inputs,
      Stage.Builder<T> builder) {
    Stage.Plan plan =
        new Stage.Plan(
            name,
            kind,
            steps,
            settings().get(ImageSettings.CHECKPOINT_EVERY),
            Stage.Plan.logEvery(steps),
            Math.max(1, scoreEvery));
    return new Stage<>(context, guard, plan, builder, inputs, cache);
  }

  /** Ends the run if the user wants that; all stages have their checkpoints. */
  void stopIfAsked() {
    if (context.stopRequested()) {
      throw context.stopped();
    }
  }

  /** A sheet of images as a PNG file. */
  byte[] sheet(String title, List<ContactSheet.Row> rows) {
    Frame f = data.frame();
    return ContactSheet.png(title, rows, f.channels(), f.height(), f.width());
  }
}
