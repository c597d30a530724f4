package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.Settings;
import dev.troupe.experiments.ensgan.GanLosses;
import dev.troupe.experiments.report.ContactSheet;
import dev.troupe.experiments.stage.StateTraining;
import dev.troupe.gan.Gan;
import dev.troupe.gan.GanTrainer;
import dev.troupe.gan.Latent;
import dev.troupe.gan.image.Dcgan;
import dev.troupe.gan.image.ImageFeed;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.io.AtomicFiles;
import dev.troupe.tensor.io.HostArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/** GANs side by side, each learning a class of the real images. */
final class GanTraining implements StateTraining {
  /** The folder of sheets, one below for each stage. */
  static final String SHEETS = "sheets";

  /** Images of each member that are generated at once where nothing is trained. */
  private static final int SAMPLE_BATCH = 100;

  private static final int SHOWN = 12; // images of a member on a sheet
  private static final int ROWS = 20; // members on a sheet

  private final Run run;
  private final String name;
  private final List<String> labels;
  private final Draw draw;
  private final int[] indices;
  private final State state;
  private final Gan gan;
  private final ImageFeed feed;
  private final GanTrainer trainer;
  private final long sheetSeed;

  /** Which real images each member sees in a step. */
  @FunctionalInterface
  interface Draw {
    /** Overwrites {@code indices}, [E · N]. */
    void fill(long step, int[] indices);
  }

  /**
   * New GANs.
   *
   * @param labels of the members, for people
   * @param ids of the members, for random numbers
   * @param seed of everything random
   */
  GanTraining(
      Run run, Scope scope, String name, List<String> labels, int[] ids, Draw draw, long seed) {
    Settings s = run.settings();
    int batch = s.get(ImageSettings.BATCH);
    this.run = run;
    this.name = name;
    this.labels = labels;
    this.draw = draw;
    this.indices = new int[ids.length * batch];
    this.state = new State(scope, seed, ids);
    this.gan =
        networks(s, run.data().frame().channels(), run.data().frame().height()).create(state);
    this.feed = new ImageFeed(scope, run.train(), ids.length, batch);
    this.trainer = new GanTrainer(gan, config(s), feed, seed);
    this.sheetSeed = Seeds.SHEET.of(seed);
  }

  /** One that sees no particular images, to count what it takes. */
  static GanTraining alone(Run run, Scope scope) {
    return new GanTraining(
        run, scope, "one", List.of("GAN"), new int[1], (step, indices) -> {}, Seeds.GANS.of(0));
  }

  /** What is done besides training, as far as it takes memory. */
  void generateSome() {
    generate(0, SAMPLE_BATCH);
  }

  private static Dcgan networks(Settings s, int channels, int size) {
    int width = s.get(ImageSettings.WIDTH);
    int numbers = s.get(ImageSettings.LATENT);
    return new Dcgan(
        channels,
        size,
        s.get(ImageSettings.NOISE).equals("uniform")
            ? Latent.uniform(numbers)
            : Latent.normal(numbers),
        Dcgan.reference(channels, size, width).levels(),
        width,
        width,
        s.get(ImageSettings.KERNEL),
        s.get(ImageSettings.BIASED),
        s.get(ImageSettings.TRUNCATED));
  }

  private static GanTrainer.Config config(Settings s) {
    return new GanTrainer.Config(
        s.get(ImageSettings.BATCH),
        1,
        new GanTrainer.Updates(
            false,
            s.get(ImageSettings.GENERATOR_STEPS),
            s.get(ImageSettings.SAME_NOISE),
            s.get(ImageSettings.SEPARATE)),
        Schedule.constant(s.get(ImageSettings.GAN_RATE)),
        AdamSettings.DEFAULT.withBetas(s.get(ImageSettings.BETA1), 0.999).withFoldedCorrection());
  }

  @Override
  public State state() {
    return state;
  }

  @Override
  public void prepare(long done) {
    draw.fill(done, indices);
    feed.set(indices);
  }

  @Override
  public void step() {
    trainer.step();
  }

  @Override
  public SequencedMap<String, Double> losses(long done) {
    return GanLosses.means(trainer, done);
  }

  @Override
  public Scores scores(long done) {
    String file = String.format(Locale.ROOT, "%s/%s/step-%09d.png", SHEETS, name, done);
    try {
      Path path = run.context().directory().resolve(file);
      Files.createDirectories(path.getParent());
      AtomicFiles.write(path, sheet(name + " after " + done + " steps"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SequencedMap<String, Object> values = new LinkedHashMap<>();
    values.put("sheet", file);
    SequencedMap<String, Double> losses = losses(done);
    return new Scores(
        values,
        String.format(
            Locale.ROOT, "D %.2f, G %.2f, %s", losses.get("loss_d"), losses.get("loss_g"), file));
  }

  /** Samples of each member, of the same z each time. */
  byte[] sheet(String title) {
    byte[][] images = generate(sheetSeed, SHOWN);
    List<ContactSheet.Row> rows = new ArrayList<>();
    for (int e = 0; e < Math.min(ROWS, images.length); e++) {
      List<byte[]> row = new ArrayList<>();
      for (int i = 0; i < SHOWN; i++) {
        row.add(run.data().image(images[e], i));
      }
      rows.add(new ContactSheet.Row(labels.get(e), row));
    }
    return run.sheet(title, rows);
  }

  /**
   * Generated images of each member, [E][count · C · H · W], as bytes.
   *
   * @throws dev.troupe.experiments.UserException if the user stops the run
   */
  byte[][] generate(long seed, int count) {
    int size = run.data().frame().size();
    byte[][] out = new byte[gan.members()][Math.multiplyExact(count, size)];
    int[] at = {0};
    gan.sample(
        seed,
        count,
        SAMPLE_BATCH,
        batch -> {
          run.stopIfAsked();
          float[] values = batch.toFloats(); // [E, n, C, H, W]
          int each = values.length / out.length;
          for (int i = 0; i < values.length; i++) {
            out[i / each][at[0] + i % each] = pixel(values[i]);
          }
          at[0] += each;
        });
    return out;
  }

  /** The byte that is nearest to a value of [-1, 1]. */
  static byte pixel(float value) {
    return (byte) Math.clamp(Math.round((value + 1) * 127.5f), 0, 255);
  }

  /** Generators with their batch-norm statistics. */
  SequencedMap<String, HostArray> generators() {
    return gan.generatorState().save();
  }
}
