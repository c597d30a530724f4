package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.Settings;
import dev.troupe.experiments.run.RunIdentity;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.tensor.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * What a run trains: GANs, with AdaGAN's classifiers between them, then classifiers on each set,
 * and one whose features are compared.
 */
final class Plan {
  private static final String INDEPENDENT = "independent";
  private static final String ADAGAN = "adagan";

  private final Run run;
  private final Groups sizes;
  private final List<Stage<?>> stages = new ArrayList<>();
  private final List<GanGroup> groups = new ArrayList<>();
  private final SequencedMap<Learners, String> sets =
      new LinkedHashMap<>(); // to the ensemble, or ""
  private final Stage<ClassifierTraining> extractor;

  /**
   * Makes the stages; nothing is computed.
   *
   * @param sizes how many members train side by side
   */
  Plan(Run run, Groups sizes) {
    this.run = run;
    this.sizes = sizes;
    Settings s = run.settings();
    Partition told = run.data().told();
    String ensemble = s.get(ImageSettings.ENSEMBLE);
    SequencedMap<String, Pools> ensembles = new LinkedHashMap<>();
    if (!ensemble.equals(ADAGAN)) {
      ensembles.put(INDEPENDENT, independent(INDEPENDENT, told, members(), Seeds.GANS));
    }
    if (!ensemble.equals(INDEPENDENT)) {
      ensembles.put(ADAGAN, boosted(told));
    }
    Optional<Pools> ten = Optional.empty();
    if (ImageSettings.withTenClassGans(s)) {
      ten = Optional.of(independent("ten", run.data().ten(), 1, Seeds.TEN_CLASS_GANS));
    }
    sets.put(real(), "");
    ten.ifPresent(pools -> sets.put(tenClass(pools), ""));
    ensembles.forEach((name, pools) -> {
      for (int t = 1; t <= members(); t++) {
        sets.put(learners(name, pools, t), name);
      }
    });
    sets.keySet().forEach(set -> stages.addAll(set.stages()));
    this.extractor = extractor();
    stages.add(extractor);
  }

  private int members() {
    return run.settings().get(ImageSettings.MEMBERS);
  }

  /** T GANs of each class, which know nothing of each other. */
  private Pools independent(String name, Partition classes, int t, Seeds seeds) {
    List<GanGroup.Member> all = new ArrayList<>();
    for (int i = 0; i < t; i++) {
      for (int k = 0; k < classes.size(); k++) {
        all.add(new GanGroup.Member(i, k));
      }
    }
    List<GanGroup> own = new ArrayList<>();
    for (List<GanGroup.Member> some : Groups.divide(all, sizes.gans())) {
      own.add(group(name + "/gans-" + (own.size() + 1), classes, some, seeds, Optional.empty()));
    }
    return new Pools(run, classes, List.copyOf(own));
  }

  /** T GANs of each class, each trained on what those before it do not cover. */
  private Pools boosted(Partition classes) {
    List<GanGroup> own = new ArrayList<>();
    for (int t = 0; t < members(); t++) {
      Optional<Boosting> boosting = Optional.empty();
      if (t > 0) {
        Pools before = new Pools(run, classes, List.copyOf(own));
        boosting = Optional.of(new Boosting(run, ADAGAN + "/weights-" + (t + 1), before, t));
        stages.add(boosting.get().stage());
      }
      int place = t;
      List<List<GanGroup.Member>> parts =
          Groups.divide(
              IntStream.range(0, classes.size())
                  .mapToObj(k -> new GanGroup.Member(place, k))
                  .toList(),
              sizes.gans());
      for (int i = 0; i < parts.size(); i++) {
        String part = parts.size() == 1 ? "" : "-" + (i + 1);
        String name = ADAGAN + "/gans-" + (t + 1) + part;
        own.add(group(name, classes, parts.get(i), Seeds.GANS, boosting));
      }
    }
    return new Pools(run, classes, List.copyOf(own));
  }

  private GanGroup group(
      String name,
      Partition classes,
      List<GanGroup.Member> members,
      Seeds seeds,
      Optional<Boosting> boosting) {
    GanGroup group = new GanGroup(run, name, classes, List.copyOf(members), seeds, boosting);
    groups.add(group);
    stages.add(group.stage());
    return group;
  }

  private Learners real() {
    return new Learners(
        run,
        "real images",
        "classifiers/real",
        sizes.classifiers(),
        0,
        List.of(),
        total -> {
          throw new IllegalStateException("real images are not generated");
        });
  }

  private Learners learners(String ensemble, Pools pools, int t) {
    String row = (ensemble.equals(ADAGAN) ? "AdaGAN, T = " : "T = ") + t;
    return new Learners(
        run,
        row,
        "classifiers/" + ensemble + "-" + t,
        sizes.classifiers(),
        t,
        pools.groups(t),
        total -> pools.set(t, total));
  }

  /** Samples of GANs of one of ten classes each, labelled by the two. */
  private Learners tenClass(Pools pools) {
    Partition ten = run.data().ten();
    Partition told = run.data().told();
    int[] groupOf = new int[ten.size()];
    for (int i = 0; i < ten.total(); i++) {
      groupOf[ten.labels()[i]] = told.labels()[i];
    }
    return new Learners(
        run,
        "ten-class GANs",
        "classifiers/ten",
        sizes.classifiers(),
        1,
        pools.groups(),
        total -> {
          Pools.Set set = pools.set(1, total);
          int[] labels = IntStream.of(set.labels()).map(c -> groupOf[c]).toArray();
          return new Pools.Set(set.pixels(), labels);
        });
  }

  private Stage<ClassifierTraining> extractor() {
    Settings s = run.settings();
    long steps = s.get(ImageSettings.EXTRACTOR_STEPS);
    RunIdentity inputs =
        run.inputs(
            "extractor",
            List.of(
                ImageSettings.DATASET,
                ImageSettings.IMAGES,
                ImageSettings.TEST_IMAGES,
                ImageSettings.INCOMPLETE,
                ImageSettings.EXTRACTOR_STEPS,
                ImageSettings.CLASSIFIER_BATCH,
                ImageSettings.CNN_RATE,
                ImageSettings.CNN_RATE_END),
            Map.of());
    return run.stage(
        "extractor", "extractor", steps, steps, inputs, scope -> extractor(scope, steps));
  }

  private ClassifierTraining extractor(Scope scope, long steps) {
    Settings s = run.settings();
    Partition ten = run.data().ten();
    return new ClassifierTraining(
        s,
        scope,
        new ClassifierTraining.Kind(
            false, ten.size(), s.get(ImageSettings.CLASSIFIER_BATCH), steps),
        new ClassifierTraining.Labelled(run.train(), ten.labels()),
        ClassifierTraining.everyone(List.of(0), ten.total()),
        Optional.of(new ClassifierTraining.Labelled(run.test(), ten.tested())),
        Seeds.EXTRACTOR.of(run.context().seed()));
  }

  /** Everything that is trained, in order. */
  List<Stage<?>> stages() {
    return List.copyOf(stages);
  }

  /** The trainings of GANs. */
  List<GanGroup> groups() {
    return groups;
  }

  /** What classifiers learn from, with the name of the ensemble, or "" for the references. */
  SequencedMap<Learners, String> sets() {
    return sets;
  }

  /** The classifier whose features are compared. */
  Stage<ClassifierTraining> featureExtractor() {
    return extractor;
  }
}
