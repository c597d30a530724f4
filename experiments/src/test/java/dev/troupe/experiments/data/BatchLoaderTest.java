package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.experiments.data.BatchOrder.Member;
import dev.troupe.gan.boosting.WeightedDraw;
import dev.troupe.kernels.Philox;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchLoaderTest {
  private static final Frame FRAME = new Frame(3, 4, 5);
  private static final ImageSet SET = TestSets.set(50, FRAME, 10);
  private static final List<Augmentation> AUGMENTATIONS =
      List.of(
          new Augmentation.PadCrop(1, Border.REFLECT),
          new Augmentation.FlipHorizontal(),
          new Augmentation.Hue(0.1));

  /** Members with 50, 12 and 7 images. */
  private static final List<Member> MEMBERS =
      List.of(
          new Member(0, IntStream.range(0, 50).toArray()),
          new Member(1, IntStream.range(20, 32).toArray()),
          new Member(7, new int[] {49, 3, 5, 8, 13, 21, 34}));

  /** The same images by weight, but for the second member, which has epochs. */
  private static final List<Member> WEIGHTED =
      List.of(
          weighted(MEMBERS.get(0), i -> i < 10 ? 0 : i),
          MEMBERS.get(1),
          weighted(MEMBERS.get(2), i -> i == 6 ? 1e-9 : 1));

  private static Member weighted(Member member, IntToDoubleFunction weight) {
    double[] weights = IntStream.range(0, member.images().length).mapToDouble(weight).toArray();
    return new Member(member.id(), member.images(), new WeightedDraw(weights));
  }

  private static BatchPlan plan(List<Member> members, List<Augmentation> augmentations) {
    return new BatchPlan(SET, members, 5, Scaling.SIGNED, augmentations, 9, "test.batches");
  }

  private static List<Batch> load(BatchPlan plan, long first, int steps, int threads, int ahead) {
    List<Batch> batches = new ArrayList<>();
    try (BatchLoader loader = new BatchLoader(plan, first, threads, ahead)) {
      for (int i = 0; i < steps; i++) {
        Batch b = loader.next();
        batches.add(
            new Batch(b.step(), b.images().clone(), b.labels().clone(), b.indices().clone()));
      }
    }
    return batches;
  }

  private static void assertSame(List<Batch> found, List<Batch> expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i).step()).isEqualTo(expected.get(i).step());
      assertThat(found.get(i).images()).isEqualTo(expected.get(i).images());
      assertThat(found.get(i).labels()).isEqualTo(expected.get(i).labels());
      assertThat(found.get(i).indices()).isEqualTo(expected.get(i).indices());
    }
  }

  @Test
  void batchesAreTheSameForAnyNumberOfThreadsAndAnyQueue() {
    for (List<Member> members : List.of(MEMBERS, WEIGHTED)) {
      BatchPlan plan = plan(members, AUGMENTATIONS);
      List<Batch> one = load(plan, 0, 40, 1, 1);
      assertSame(load(plan, 0, 40, 4, 1), one);
      assertSame(load(plan, 0, 40, 3, 7), one);
      assertSame(load(plan, 0, 40, 2, 100), one);
    }
  }

  @Test
  void goesOnFromAnyStep() {
    for (List<Member> members : List.of(MEMBERS, WEIGHTED)) {
      BatchPlan plan = plan(members, AUGMENTATIONS);
      assertSame(load(plan, 23, 10, 2, 3), load(plan, 0, 33, 2, 3).subList(23, 33));
    }
  }

  @Test
  void aMemberHasTheSameBatchesAloneAsAmongOthers() {
    for (List<Member> members : List.of(MEMBERS, WEIGHTED)) {
      List<Batch> all = load(plan(members, AUGMENTATIONS), 0, 12, 2, 2);
      int images = 5 * FRAME.size();
      for (int m = 0; m < members.size(); m++) {
        List<Batch> alone = load(plan(List.of(members.get(m)), AUGMENTATIONS), 0, 12, 2, 2);
        for (int s = 0; s < 12; s++) {
          assertThat(alone.get(s).images())
              .isEqualTo(Arrays.copyOfRange(all.get(s).images(), m * images, (m + 1) * images));
          assertThat(alone.get(s).labels())
              .isEqualTo(Arrays.copyOfRange(all.get(s).labels(), 5 * m, 5 * m + 5));
        }
      }
    }
  }

  @Test
  void weightsSayWhichImagesComeAndBatchesAreDrawnAnew() {
    List<Batch> batches = load(plan(WEIGHTED, AUGMENTATIONS), 0, 300, 2, 2);
    int[] counts = new int[50];
    for (Batch batch : batches) {
      List<Integer> first = IntStream.range(0, 5).mapToObj(i -> batch.indices()[i]).toList();
      assertThat(first).doesNotHaveDuplicates();
      first.forEach(i -> counts[i]++);
      List<Integer> third = IntStream.range(10, 15).mapToObj(i -> batch.indices()[i]).toList();
      assertThat(third).doesNotHaveDuplicates().isSubsetOf(49, 3, 5, 8, 13, 21); // 34: 1e-9
    }
    assertThat(Arrays.stream(counts, 0, 10)).containsOnly(0);
    // 300 · 5 draws with the weights 10 to 49, whose sum is 1180: about 1500 · 235 / 1180 = 299 of
    // the largest five, 1500 · 60 / 1180 = 76 of the smallest.
    assertThat(Arrays.stream(counts, 45, 50).sum()).isBetween(245, 350);
    assertThat(Arrays.stream(counts, 10, 15).sum()).isBetween(45, 110);
    int[] places = new int[5];
    WEIGHTED
        .getFirst()
        .weights()
        .orElseThrow()
        .draw(new Philox.Key(9, 123, Rng.id("test.batches"), 0), 5, places, 0);
    assertThat(Arrays.copyOf(batches.get(123).indices(), 5)).isEqualTo(places);
    // The second member is as it is without weights around it.
    Batch plain = load(plan(MEMBERS, AUGMENTATIONS), 77, 1, 1, 1).getFirst();
    assertThat(Arrays.copyOfRange(batches.get(77).indices(), 5, 10))
        .isEqualTo(Arrays.copyOfRange(plain.indices(), 5, 10));
  }

  /** An image that is drawn twice is augmented twice. */
  @Test
  void anImageDrawnAgainIsAugmentedAnew() {
    Member two = weighted(new Member(0, new int[] {1, 2, 3, 4, 5}), i -> 1);
    List<Batch> batches = load(plan(List.of(two), AUGMENTATIONS), 0, 2, 1, 1);
    int size = FRAME.size();
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < 5; j++) {
        if (batches.get(0).indices()[i] == batches.get(1).indices()[j]) {
          assertThat(Arrays.copyOfRange(batches.get(0).images(), i * size, (i + 1) * size))
              .isNotEqualTo(Arrays.copyOfRange(batches.get(1).images(), j * size, (j + 1) * size));
        }
      }
    }
  }

  @Test
  void eachMemberSeesEachOfItsImagesOnceAnEpoch() {
    List<Batch> batches = load(plan(MEMBERS, List.of()), 0, 10, 2, 2);
    List<Integer> first = new ArrayList<>();
    for (Batch batch : batches) {
      for (int i = 0; i < 5; i++) {
        first.add(batch.indices()[i]);
      }
    }
    assertThat(first).doesNotHaveDuplicates().hasSize(50);
    // 12 images are two batches an epoch, 7 are one
    for (int s = 0; s < 10; s += 2) {
      assertThat(
              IntStream.concat(
                      Arrays.stream(batches.get(s).indices(), 5, 10),
                      Arrays.stream(batches.get(s + 1).indices(), 5, 10))
                  .boxed())
          .doesNotHaveDuplicates()
          .allMatch(i -> i >= 20 && i < 32);
    }
    assertThat(Arrays.stream(batches.get(4).indices(), 10, 15).boxed())
        .doesNotHaveDuplicates()
        .isSubsetOf(49, 3, 5, 8, 13, 21, 34);
  }

  /** What is gathered on a device and what comes from the loader is in the same order. */
  @Test
  void theOrderIsThatOfTheDevice() {
    List<Batch> batches = load(plan(BatchPlan.everything(SET, 3), List.of()), 0, 25, 1, 2);
    try (CpuDevice device = new CpuDevice(1);
        Scope scope = Scope.open(device, "test")) {
      Rng rng = new Rng(scope, 9, 0, 1, 2);
      for (Batch batch : batches) {
        assertThat(batch.indices()).isEqualTo(rng.shuffledBatch("test.batches", 50, 5).toInts());
        rng.nextStep();
      }
    }
  }

  @Test
  void imagesAreScaledAndLabelled() {
    Batch batch = load(plan(MEMBERS, List.of()), 0, 1, 1, 1).getFirst();
    for (int i = 0; i < 15; i++) {
      int index = batch.indices()[i];
      assertThat(batch.labels()[i]).isEqualTo(index % 10);
      byte[] image = TestSets.image(index, FRAME);
      for (int p = 0; p < image.length; p++) {
        assertThat(batch.images()[i * image.length + p]).isEqualTo((image[p] & 0xff) / 127.5f - 1);
      }
    }
  }

  /** Augmentation works in [0, 1] and is scaled afterwards: that costs no bit. */
  @Test
  void augmentationThatChangesNothingKeepsTheBits() {
    List<Augmentation> none =
        List.of(new Augmentation.Brightness(0), new Augmentation.PadCrop(0, Border.ZERO));
    assertSame(load(plan(MEMBERS, none), 0, 5, 1, 1), load(plan(MEMBERS, List.of()), 0, 5, 1, 1));
  }

  @Test
  void scalings() {
    for (int b = 0; b < 256; b++) {
      assertThat(Scaling.UNIT.of((byte) b))
          .isEqualTo(b / 255f)
          .isEqualTo(Scaling.UNIT.of(b / 255f));
      assertThat(Scaling.SIGNED.of((byte) b))
          .isEqualTo(b / 127.5f - 1)
          .isEqualTo(Scaling.SIGNED.of(b / 255f));
    }
    assertThat(Scaling.SIGNED.of((byte) 0)).isEqualTo(-1);
    assertThat(Scaling.SIGNED.of((byte) 255)).isEqualTo(1);
  }

  /** The training computes while the loader works: after a wait, the queue is full. */
  @Test
  void loadsAheadOfTheTraining() throws InterruptedException {
    BatchPlan plan = plan(MEMBERS, List.of());
    try (BatchLoader loader = new BatchLoader(plan, 0, 1, 4)) {
      long deadline = System.nanoTime() + 20_000_000_000L;
      while (loader.ready() < 4) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.sleep(1);
      }
      assertThat(loader.next().step()).isZero();
    }
  }

  @Test
  void aClosedLoaderAndItsThreadsEnd() {
    BatchLoader loader = new BatchLoader(plan(MEMBERS, List.of()), 0, 2, 2);
    loader.next();
    loader.close();
    assertThatThrownBy(loader::next).hasMessage("loader: is closed");
    loader.close();
  }

  @Test
  void aFaultInALoaderThreadReachesTheTraining() {
    ImageSet grey = TestSets.set(10, new Frame(1, 2, 2), 2);
    BatchPlan plan =
        new BatchPlan(
            grey,
            BatchPlan.everything(grey, 1),
            5,
            Scaling.UNIT,
            List.of(new Augmentation.Hue(0.1)),
            1,
            "test");
    try (BatchLoader loader = new BatchLoader(plan, 0, 1, 2)) {
      assertThatThrownBy(loader::next).hasMessage("hue: the image has 1 channels, expected 3");
    }
  }

  @Test
  void refusesWhatCannotBeServed() {
    assertThatThrownBy(() -> plan(List.of(new Member(4, new int[] {1, 2, 3, 4})), List.of()))
        .hasMessage("batches: member 4 has 4 images, expected at least a batch of 5");
    Member five = new Member(4, new int[] {1, 2, 3, 4, 5});
    assertThatThrownBy(() -> plan(List.of(weighted(five, i -> i < 3 ? 1 : 0)), List.of()))
        .hasMessage(
            "batches: member 4 has 3 images with a weight above 0, expected at least a batch of 5");
    WeightedDraw six = new WeightedDraw(new double[] {1, 1, 1, 1, 1, 1});
    assertThatThrownBy(() -> plan(List.of(new Member(4, five.images(), six)), List.of()))
        .hasMessage("batches: member 4 has 6 weights for 5 images");
    assertThatThrownBy(() -> plan(List.of(new Member(4, new int[] {1, 2, 3, 4, 50})), List.of()))
        .hasMessage("batches: member 4 has image 50 of 50");
    assertThatThrownBy(() ->
            plan(
                MEMBERS,
                List.of(new Augmentation.Brightness(0.1), new Augmentation.Brightness(0.2))))
        .hasMessageStartingWith(
            "batches: an augmentation is there twice and would draw the same numbers: ");
    assertThatThrownBy(() -> new BatchLoader(plan(MEMBERS, List.of()), 0, 0, 1))
        .hasMessage(
            "loader: first step 0, 0 threads and 1 batches ahead, expected at least 0, 1 and 1");
  }
}
