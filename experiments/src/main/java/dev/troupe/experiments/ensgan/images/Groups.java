package dev.troupe.experiments.ensgan.images;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.experiments.DeviceKind;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.run.Json;
import dev.troupe.experiments.stage.Training;
import dev.troupe.kernels.MemoryMeter;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.io.AtomicFiles;
import dev.troupe.tensor.io.HostArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * How many members train side by side, at most: those that were asked for, or as many as the memory
 * holds. What one takes is counted by a step of it that computes nothing ({@link MemoryMeter}). A
 * run keeps to its choice when it is resumed, also where there is other memory then; no bit depends
 * on it.
 *
 * @param gans members of a training of GANs
 * @param classifiers members of a training of classifiers
 */
record Groups(int gans, int classifiers) {
  /** Where the choice is kept, in the run's directory. */
  static final String FILE = "groups.json";

  private static final String GANS = "gans";
  private static final String CLASSIFIERS = "classifiers";

  /** The share of the room that is planned with; the rest is for what nobody counts. */
  private static final double PLANNED = 0.8;

  /**
   * Bytes that the Java heap holds beside the members for each byte of the training images: a set
   * of samples as bytes (1), as floats on their way to the device (4) and on it (4).
   */
  private static final int SET = 9;

  /** The same of AdaGAN's classifiers: real and generated images. */
  private static final int BOOSTING_SET = 2 * SET;

  /** The samples of an ensemble, for T up to 20: N (1 + 1/2 + … + 1/T). */
  private static final int SAMPLES = 4;

  /** What a GPU holds of AdaGAN's images. */
  private static final int ON_GPU = 8;

  /**
   * What one member takes.
   *
   * @param device bytes of the device
   * @param host bytes of the Java heap besides
   * @param largest elements of its largest buffer
   */
  record Need(long device, long host, int largest) {}

  /**
   * What there is for all members.
   *
   * @param device bytes of the device
   * @param host bytes of the Java heap
   * @param shared whether the device's memory is the Java heap
   */
  record Room(double device, double host, boolean shared) {
    /** How many members it holds. */
    int members(Need need) {
      double most =
          shared
              ? device / (need.device + need.host)
              : Math.min(device / need.device, host / Math.max(1, need.host));
      return (int) Math.clamp(most, 0.0, (double) Integer.MAX_VALUE / need.largest);
    }
  }

  /**
   * A number of members.
   *
   * @param line why, for the user
   */
  record Choice(int most, String line) {}

  /** What the run keeps to: what it chose when it began, or else what fits now. */
  static Groups of(Run run) throws IOException {
    Path file = run.context().directory().resolve(FILE);
    if (Files.exists(file)) {
      return read(file);
    }
    Settings s = run.settings();
    int classes = run.data().told().size();
    int gans = s.get(ImageSettings.ENSEMBLE).equals("adagan") ? 1 : s.get(ImageSettings.MEMBERS);
    int most = Math.max(gans * classes, ImageSettings.withTenClassGans(s) ? 10 : 0);
    Groups chosen =
        new Groups(
            choose(run, "GANs", most, gan(run)),
            choose(run, "classifiers", s.get(ImageSettings.RUNS), classifier(run)));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(GANS, chosen.gans);
    json.put(CLASSIFIERS, chosen.classifiers);
    AtomicFiles.write(file, (Json.write(json, false) + "\n").getBytes(UTF_8));
    return chosen;
  }

  private static Groups read(Path file) throws IOException {
    String text = Files.readString(file);
    try {
      Map<String, Object> json = Json.readObject(text);
      int gans = ((Number) json.get(GANS)).intValue();
      int classifiers = ((Number) json.get(CLASSIFIERS)).intValue();
      if (gans > 0 && classifiers > 0) {
        return new Groups(gans, classifiers);
      }
    } catch (IOException | RuntimeException e) {
      throw new UserException(ExitCode.FILES, damaged(file, text), e);
    }
    throw new UserException(ExitCode.FILES, damaged(file, text));
  }

  private static String damaged(Path file, String text) {
    return file
        + ": is '"
        + text.strip()
        + "', expected {\"gans\":N,\"classifiers\":N} with numbers of 1 or more";
  }

  /**
   * How many train side by side at most, and what to say of it.
   *
   * @param all how many there are
   * @param asked the setting; 0 for as many as fit
   * @throws UserException if more are asked for than there is room for
   */
  static Choice choose(String what, int all, int asked, Need need, Room room, String device) {
    int fit = room.members(need);
    int most = Math.min(all, asked == 0 ? Math.max(1, fit) : asked);
    String takes =
        String.format(
            Locale.ROOT,
            "takes %.1f MiB, and %s has room for %d",
            (need.device + (room.shared ? need.host : 0)) / 0x1p20,
            device,
            fit);
    if (asked > 0 && fit < most) {
      throw new UserException(
          ExitCode.MEMORY,
          "setting group is "
              + asked
              + ", expected at most "
              + fit
              + ": each of the "
              + what
              + " "
              + takes);
    }
    int parts = Math.ceilDiv(all, most);
    String line =
        String.format(
            "%s: %d side by side, of %d; each %s%s",
            what, Math.ceilDiv(all, parts), all, takes, fit == 0 ? ", one is tried" : "");
    return new Choice(most, line);
  }

  private static int choose(Run run, String what, int all, Need need) {
    int asked = run.settings().get(ImageSettings.GROUP);
    Room room = asked == 0 ? planned(run) : all(run);
    Choice choice = choose(what, all, asked, need, room, run.context().choice().toString());
    run.context().console().note(choice.line);
    return choice.most;
  }

  /** Divided into as few parts as possible, of at most {@code most}, as even as possible. */
  static <T> List<List<T>> divide(List<T> all, int most) {
    int parts = Math.ceilDiv(all.size(), most);
    List<List<T>> out = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      out.add(List.copyOf(all.subList(all.size() * i / parts, all.size() * (i + 1) / parts)));
    }
    return out;
  }

  /** All that there is now. */
  private static Room all(Run run) {
    boolean shared = run.context().device() != DeviceKind.CUDA;
    double loaded = run.data().train().length + run.data().test().length;
    double device = run.train().tensor().device().room();
    return new Room(
        device - (shared ? loaded : 0), Runtime.getRuntime().maxMemory() - loaded, shared);
  }

  /** What of it is left for members. */
  private static Room planned(Run run) {
    Room all = all(run);
    double images = run.data().train().length;
    String ensemble = run.settings().get(ImageSettings.ENSEMBLE);
    int ensembles = ensemble.equals("both") ? 2 : 1;
    boolean boosted = !ensemble.equals("independent");
    double beside = (SAMPLES * ensembles + 1 + (boosted ? BOOSTING_SET : SET)) * images;
    return new Room(
        PLANNED * (all.device - (all.shared ? beside : ON_GPU * images)),
        PLANNED * (all.host - beside),
        all.shared);
  }

  private static Need gan(Run run) {
    Partition told = run.data().told();
    int most = IntStream.range(0, told.size()).map(told::count).max().orElseThrow();
    return need(
        run,
        scope -> GanTraining.alone(run, scope),
        GanTraining::generateSome,
        (long) most * run.data().frame().size());
  }

  private static Need classifier(Run run) {
    return need(run, scope -> Learners.alone(run, scope), one -> one.scores(1), 0);
  }

  /**
   * Counts what a member takes.
   *
   * @param more what it does besides training
   * @param results bytes of the Java heap that it leaves
   */
  private static <T extends Training> Need need(
      Run run, Function<Scope, T> make, Consumer<T> more, long results) {
    MemoryMeter meter = new MemoryMeter(run.train().tensor().device().realBytes());
    try (Scope scope = Scope.open(meter, "one member")) {
      T one = make.apply(scope);
      one.prepare(0);
      one.step();
      more.accept(one);
      long saved = 0;
      for (HostArray array : one.save().values()) {
        saved += (long) array.size() * array.dtype().bytes();
      }
      return new Need(meter.held(), saved + results, meter.largest());
    }
  }
}
