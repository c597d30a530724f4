package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.experiments.data.BatchPlan.Member;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    BatchPlan plan = plan(MEMBERS, AUGMENTATIONS);
    List<Batch> one = load(plan, 0, 40, 1, 1);
    assertSame(load(plan, 0, 40, 4, 1), one);
    assertSame(load(plan, 0, 40, 3, 7), one);
    assertSame(load(plan, 0, 40, 2, 100), one);
  }

  @Test
  void goesOnFromAnyStep() {
    BatchPlan plan = plan(MEMBERS, AUGMENTATIONS);
    assertSame(load(plan, 23, 10, 2, 3), load(plan, 0, 33, 2, 3).subList(23, 33));
  }

  @Test
  void aMemberHasTheSameBatchesAloneAsAmongOthers() {
    List<Batch> all = load(plan(MEMBERS, AUGMENTATIONS), 0, 12, 2, 2);
    int images = 5 * FRAME.size();
    for (int m = 0; m < MEMBERS.size(); m++) {
      List<Batch> alone = load(plan(List.of(MEMBERS.get(m)), AUGMENTATIONS), 0, 12, 2, 2);
      for (int s = 0; s < 12; s++) {
        assertThat(alone.get(s).images())
            .isEqualTo(Arrays.copyOfRange(all.get(s).images(), m * images, (m + 1) * images));
        assertThat(alone.get(s).labels())
            .isEqualTo(Arrays.copyOfRange(all.get(s).labels(), 5 * m, 5 * m + 5));
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
