package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.Settings;
import dev.troupe.experiments.run.RunIdentity;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.tensor.Scope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
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
  private final List<Stage<ClassifierTraining>> stages = new ArrayList<>();

  /**
   * @param row what the tables call the set
   * @param name of the stage, or what their names begin with
   * @param most runs that train side by side
   * @param members GANs of each class behind the set; 0 for real images
   * @param groups the trainings behind the set
   */
  Learners(
      Run run,
      String row,
      String name,
      int most,
      int members,
      List<GanGroup> groups,
      Source source) {
    this.run = run;
    this.row = row;
    this.members = members;
    this.source = source;
    this.groups = groups;
    List<Integer> ids = IntStream.range(0, run.settings().get(ImageSettings.RUNS)).boxed().toList();
    for (List<Integer> part : Groups.divide(ids, most)) {
      boolean whole = part.size() == ids.size();
      stages.add(stage(whole ? name : name + "/runs-" + (stages.size() + 1), part, whole));
    }
  }

  private Stage<ClassifierTraining> stage(String name, List<Integer> ids, boolean whole) {
    Settings s = run.settings();
    long steps = s.get(ImageSettings.CLASSIFIER_STEPS);
    String made = String.join(" ", groups.stream().map(GanGroup::hash).toList());
    Map<String, String> more = new LinkedHashMap<>();
    more.put("images", made.isEmpty() ? "real" : members + " of " + made);
    if (!whole) {
      more.put("runs", String.join(" ", ids.stream().map(String::valueOf).toList()));
    }
    RunIdentity inputs =
        run.inputs(
            "classifiers",
            Stream.of(ImageSettings.OF_DATA, ImageSettings.OF_CLASSIFIERS)
                .flatMap(List::stream)
                .toList(),
            more);
    return run.stage(
        name,
        "classifiers " + ids.size(),
        steps,
        steps / s.get(ImageSettings.EVALUATIONS),
        inputs,
        scope -> build(scope, ids));
  }

  private ClassifierTraining build(Scope scope, List<Integer> ids) throws IOException {
    ImageData data = run.data();
    // Before the GANs are there, the time is measured with real images in place of theirs.
    boolean there = groups.stream().allMatch(g -> g.stage().isDone());
    if (groups.isEmpty() || !there) {
      return onReal(run, scope, ids);
    }
    Pools.Set set = source.set(data.told().total());
    return training(
        run,
        scope,
        ids,
        new ClassifierTraining.Labelled(data.table(scope, set.pixels()), set.labels()));
  }

  /** One classifier, to count what it takes. */
  static ClassifierTraining alone(Run run, Scope scope) {
    return onReal(run, scope, List.of(0));
  }

  private static ClassifierTraining onReal(Run run, Scope scope, List<Integer> ids) {
    return training(
        run, scope, ids, new ClassifierTraining.Labelled(run.train(), run.data().told().labels()));
  }

  private static ClassifierTraining training(
      Run run, Scope scope, List<Integer> ids, ClassifierTraining.Labelled images) {
    Settings s = run.settings();
    return new ClassifierTraining(
        s,
        scope,
        new ClassifierTraining.Kind(
            s.get(ImageSettings.CLASSIFIER).equals("resnet18"),
            run.data().told().size(),
            s.get(ImageSettings.CLASSIFIER_BATCH),
            s.get(ImageSettings.CLASSIFIER_STEPS)),
        images,
        ClassifierTraining.everyone(ids, images.labels().length),
        Optional.of(new ClassifierTraining.Labelled(run.test(), run.data().told().tested())),
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

  /** The trainings of the runs, of some at a time, in order. */
  List<Stage<ClassifierTraining>> stages() {
    return stages;
  }
}
