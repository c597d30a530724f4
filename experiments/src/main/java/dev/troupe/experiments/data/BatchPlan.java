package dev.troupe.experiments.data;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which images are in the batch of a step, and how they look: a pure function of the step, so that
 * any thread can make any batch, and a resumed training needs the step alone. Which ones they are
 * is {@link BatchOrder}'s affair.
 *
 * @param set the images
 * @param members who gets batches, in this order
 * @param size N, images of a batch and member
 * @param scaling what the floats are
 * @param augmentations applied one after the other
 * @param seed of the run
 * @param stream names the order of the images among the run's random numbers
 */
public record BatchPlan(
    ImageSet set,
    List<BatchOrder.Member> members,
    int size,
    Scaling scaling,
    List<Augmentation> augmentations,
    long seed,
    String stream) {
  /** Checks that everyone can be served. */
  public BatchPlan {
    members = List.copyOf(members);
    augmentations = List.copyOf(augmentations);
    for (BatchOrder.Member member : new BatchOrder(members, size, seed, stream).members()) {
      for (int index : member.images()) {
        if (index < 0 || index >= set.size()) {
          throw new IllegalArgumentException(
              "batches: member " + member.id() + " has image " + index + " of " + set.size());
        }
      }
    }
    if (augmentations.stream().map(Augmentation::stream).distinct().count()
        < augmentations.size()) {
      throw new IllegalArgumentException(
          "batches: an augmentation is there twice and would draw the same numbers: "
              + augmentations.stream().map(Object::toString).collect(Collectors.joining(", ")));
    }
    if ((long) members.size() * size * set.frame().size() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "batches: "
              + members.size()
              + " x "
              + size
              + " images of "
              + set.frame()
              + " are more than an array can hold");
    }
  }

  /** All images of a set for each of the members 0 to count - 1. */
  public static List<BatchOrder.Member> everything(ImageSet set, int count) {
    int[] all = IntStream.range(0, set.size()).toArray();
    return IntStream.range(0, count).mapToObj(id -> new BatchOrder.Member(id, all)).toList();
  }

  /** A batch to be filled. */
  Batch allocate(long step) {
    int count = members.size() * size;
    return new Batch(step, new float[count * set.frame().size()], new int[count], new int[count]);
  }

  /** Overwrites all of a batch with what its step needs. */
  void fill(Batch batch) {
    BatchOrder order = new BatchOrder(members, size, seed, stream);
    order.fill(batch.step(), batch.indices());
    Painter painter = new Painter();
    for (int m = 0; m < members.size(); m++) {
      int epoch = order.epoch(m, batch.step());
      for (int i = 0; i < size; i++) {
        int at = m * size + i;
        int index = batch.indices()[at];
        batch.labels()[at] = set.labels()[index];
        painter.paint(batch.images(), at, new Draw(seed, epoch, members.get(m).id(), index));
      }
    }
  }

  /** Bytes to augmented floats, with the memory that this takes. */
  private final class Painter {
    private final int length = set.frame().size();
    private final byte[] bytes = new byte[length];
    private float[] x = new float[augmentations.isEmpty() ? 0 : length];
    private float[] y = new float[x.length];

    void paint(float[] images, int at, Draw draw) {
      set.copyImage(draw.index(), bytes);
      int to = at * length;
      if (augmentations.isEmpty()) {
        for (int i = 0; i < length; i++) {
          images[to + i] = scaling.of(bytes[i]);
        }
        return;
      }
      for (int i = 0; i < length; i++) {
        x[i] = Scaling.UNIT.of(bytes[i]);
      }
      for (Augmentation augmentation : augmentations) {
        augmentation.apply(x, y, set.frame(), draw);
        float[] swap = x;
        x = y;
        y = swap;
      }
      for (int i = 0; i < length; i++) {
        images[to + i] = scaling.of(x[i]);
      }
    }
  }
}
