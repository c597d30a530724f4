package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.Settings;
import dev.troupe.experiments.run.RunIdentity;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.gan.image.ImageTable;
import dev.troupe.tensor.Scope;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Classifiers that learn from one set, several runs of them side by side. */
final class Learners {
  /** What they learn from. */
  @FunctionalInterface
  interface Source {
    /** The set, [N, C, H, W] with N labels, of {@code total} images. */
    Pools.Set set(int total) throws IOException;
  }

  private final Run run;
  private final String row;
  private final int members;
  private final Source source;
  private final List<GanGroup> groups;
  private final Stage<ClassifierTraining> stage;

  /**
   * @param row what the tables call the set
   * @param name of the stage
   * @param members GANs of each class behind the set; 0 for real images
   * @param groups the trainings behind the set
   */
  Learners(Run run, String row, String name, int members, List<GanGroup> groups, Source source) {
    this.run = run;
    this.row = row;
    this.members = members;
    this.source = source;
    this.groups = groups;
    Settings s = run.settings();
    long steps = s.get(ImageSettings.CLASSIFIER_STEPS);
    String made = String.join(" ", groups.stream().map(GanGroup::hash).toList());
    RunIdentity inputs =
        run.inputs(
            "classifiers",
            Stream.of(ImageSettings.OF_DATA, ImageSettings.OF_CLASSIFIERS)
                .flatMap(List::stream)
                .toList(),
            Map.of("images", made.isEmpty() ? "real" : members + " of " + made));
    this.stage =
        run.stage(
            name,
            "classifiers",
            steps,
            steps / s.get(ImageSettings.EVALUATIONS),
            inputs,
            scope -> build(scope, steps));
  }

  private ClassifierTraining build(Scope scope, long steps) throws IOException {
    Settings s = run.settings();
    ImageData data = run.data();
    // Before the GANs are there, the time is measured with real images in place of theirs.
    boolean there = groups.stream().allMatch(g -> g.stage().isDone());
    boolean real = groups.isEmpty() || !there;
    Pools.Set set =
        real ? new Pools.Set(data.train(), data.told().labels()) : source.set(data.told().total());
    ImageTable images = real ? run.train() : data.table(scope, set.pixels());
    return new ClassifierTraining(
        s,
        scope,
        new ClassifierTraining.Kind(
            s.get(ImageSettings.CLASSIFIER).equals("resnet18"),
            data.told().size(),
            s.get(ImageSettings.CLASSIFIER_BATCH),
            steps),
        new ClassifierTraining.Labelled(images, set.labels()),
        ClassifierTraining.everyone(s.get(ImageSettings.RUNS), set.labels().length),
        Optional.of(new ClassifierTraining.Labelled(run.test(), data.told().tested())),
        Seeds.CLASSIFIERS.of(run.context().seed()));
  }

  /** The set's name in tables. */
  String row() {
    return row;
  }

  /** GANs of each class behind the set; 0 for real images. */
  int members() {
    return members;
  }

  /** Whether the set is generated. */
  boolean generated() {
    return members > 0;
  }

  /** The set, or the first images of each class of it. */
  Pools.Set set(int total) throws IOException {
    return source.set(total);
  }

  Stage<ClassifierTraining> stage() {
    return stage;
  }
}
