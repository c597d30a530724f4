package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.data.BatchOrder;
import dev.troupe.experiments.run.RunIdentity;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.experiments.stage.StageCache;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.io.CheckpointStore;
import dev.troupe.tensor.io.HostArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** GANs that are trained side by side, and what they generate. */
final class GanGroup {
  /**
   * One GAN.
   *
   * @param t its place in the ensemble of its class, from 0
   * @param k the class that it learns
   */
  record Member(int t, int k) {}

  private final Run run;
  private final Partition classes;
  private final List<Member> members;
  private final long seed;
  private final RunIdentity inputs;
  private final Stage<GanTraining> stage;
  private byte[][] samples; // once they are generated or read

  /**
   * @param name of the stage
   * @param classes what the members learn
   * @param seeds which random numbers
   * @param boosting what chooses the images; nothing where all have the same weight
   */
  GanGroup(
      Run run,
      String name,
      Partition classes,
      List<Member> members,
      Seeds seeds,
      Optional<Boosting> boosting) {
    this.run = run;
    this.classes = classes;
    this.members = members;
    this.seed = seeds.of(run.context().seed());
    Map<String, String> more = new LinkedHashMap<>();
    more.put("classes", Integer.toString(classes.size()));
    more.put("numbers", seeds.name());
    more.put("gans", String.join(" ", members.stream().map(m -> m.t + ":" + m.k).toList()));
    boosting.ifPresent(b -> more.put("boosting", b.hash()));
    this.inputs =
        run.inputs(
            "gans",
            Stream.of(ImageSettings.OF_DATA, ImageSettings.OF_GANS)
                .flatMap(List::stream)
                .filter(setting -> setting != ImageSettings.TEST_IMAGES)
                .filter(setting -> setting != ImageSettings.CLASSES)
                .toList(),
            more);
    this.stage =
        run.stage(
            name,
            "gans " + members.size(),
            run.settings().get(ImageSettings.GAN_STEPS),
            run.settings().get(ImageSettings.SHEET_EVERY),
            inputs,
            scope -> build(scope, name, boosting));
  }

  private GanTraining build(Scope scope, String name, Optional<Boosting> boosting)
      throws IOException {
    int[] ids = members.stream().mapToInt(m -> m.t * classes.size() + m.k).toArray();
    List<String> labels =
        members.stream().map(m -> "GAN " + (m.t + 1) + ": " + classes.names().get(m.k)).toList();
    GanTraining.Draw draw;
    // Before the classifier is there, the time is measured with equal weights.
    if (boosting.isPresent() && boosting.get().stage().isDone()) {
      draw = boosting.get().draw(members.stream().mapToInt(Member::k).toArray(), ids, seed);
    } else {
      List<BatchOrder.Member> all = new ArrayList<>();
      for (int i = 0; i < ids.length; i++) {
        all.add(new BatchOrder.Member(ids[i], classes.images(members.get(i).k)));
      }
      draw = new BatchOrder(all, run.settings().get(ImageSettings.BATCH), seed, "batch")::fill;
    }
    return new GanTraining(run, scope, name, labels, ids, draw, seed);
  }

  List<Member> members() {
    return members;
  }

  Stage<GanTraining> stage() {
    return stage;
  }

  /** Names the group by all that decides its bits. */
  String hash() {
    return StageCache.hash(inputs);
  }

  /**
   * How many images a member generates: as many as any ensemble that it is in takes from it, of
   * which the smallest takes most.
   */
  int pool(Member m) {
    return Math.ceilDiv(classes.count(m.k), m.t + 1);
  }

  /**
   * The generated images of each member, [pool · C · H · W]. They are generated when they are first
   * asked for, and kept in the run's directory and its cache.
   */
  byte[][] samples() throws IOException {
    if (samples == null) {
      samples = read().orElse(null);
    }
    if (samples == null) {
      samples = generate();
    }
    return samples;
  }

  private RunIdentity samplesInputs() {
    return run.inputs("samples", List.of(), Map.of("gans", hash()));
  }

  private Path folder() {
    return run.context().directory().resolve("samples").resolve(stage.plan().name());
  }

  private Optional<byte[][]> read() throws IOException {
    RunIdentity wanted = samplesInputs();
    Optional<CheckpointStore.Loaded> own =
        new CheckpointStore(folder(), 1).loadLatest(run.context().console()::note);
    Optional<SequencedMap<String, HostArray>> arrays = Optional.empty();
    if (own.isPresent() && own.get().settings().equals(wanted.values())) {
      arrays = Optional.of(own.get().arrays());
    } else if (run.cache().isPresent()) {
      arrays = run.cache().get().find(wanted, 1).map(StageCache.Entry::arrays);
    }
    return arrays.map(a -> a.values().stream().map(HostArray::bytes).toArray(byte[][]::new));
  }

  private byte[][] generate() throws IOException {
    if (!stage.isDone()) {
      throw new IllegalStateException(stage.plan().name() + ": asked for samples before its end");
    }
    run.context().console().note(stage.plan().name() + ": generating samples");
    int most = members.stream().mapToInt(this::pool).max().orElseThrow();
    byte[][] out;
    try (Scope scope = Scope.open("samples")) {
      out = stage.open(scope).generate(Seeds.SAMPLES.of(seed), most);
    }
    SequencedMap<String, HostArray> arrays = new LinkedHashMap<>();
    int size = run.data().frame().size();
    for (int i = 0; i < out.length; i++) {
      Member m = members.get(i);
      out[i] = Arrays.copyOf(out[i], pool(m) * size);
      arrays.put(
          "t" + m.t + ".k" + m.k,
          HostArray.of(
              out[i],
              pool(m),
              run.data().frame().channels(),
              run.data().frame().height(),
              run.data().frame().width()));
    }
    new CheckpointStore(folder(), 1).save(1, arrays, samplesInputs().values());
    if (run.cache().isPresent()) {
      run.cache().get().put(samplesInputs(), 1, arrays, List.of());
    }
    return out;
  }
}
