package dev.troupe.experiments.data;

import dev.troupe.gan.boosting.WeightedDraw;
import dev.troupe.kernels.Permutation;
import dev.troupe.kernels.Philox;
import dev.troupe.tensor.Rng;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which images are in the batch of a step, and how they look: a pure function of the step, so that
 * any thread can make any batch, and a resumed training needs the step alone.
 *
 * <p>Each member goes through its own images in shuffled epochs, which drop their last partial
 * batch: the order of {@link Rng#shuffledBatch}, with the number of the member's images as the
 * population. So members may have different numbers of images, and then begin their epochs at
 * different steps. A member with weights has no epochs: each of its batches is drawn anew, without
 * replacement. A member's batches do not depend on who else is trained.
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
    List<Member> members,
    int size,
    Scaling scaling,
    List<Augmentation> augmentations,
    long seed,
    String stream) {
  /**
   * One member of the ensemble.
   *
   * @param id its identity, which keys its random numbers
   * @param images indices into the set; not to be changed
   * @param weights draws places in {@code images} for each batch; without it the images come in
   *     shuffled epochs
   */
  public record Member(int id, int[] images, Optional<WeightedDraw> weights) {
    /** A member with shuffled epochs. */
    public Member(int id, int[] images) {
      this(id, images, Optional.empty());
    }

    /** A member whose images are drawn by weight. */
    public Member(int id, int[] images, WeightedDraw weights) {
      this(id, images, Optional.of(weights));
    }
  }

  /** Checks that everyone can be served. */
  public BatchPlan {
    members = List.copyOf(members);
    augmentations = List.copyOf(augmentations);
    if (members.isEmpty() || size < 1) {
      throw new IllegalArgumentException(
          "batches: " + members.size() + " members and " + size + " images a batch, expected 1");
    }
    for (Member member : members) {
      if (member.images.length < size) {
        throw new IllegalArgumentException(
            "batches: member "
                + member.id
                + " has "
                + member.images.length
                + " images, expected at least a batch of "
                + size);
      }
      member.weights.ifPresent(weights -> check(member, weights, size));
      for (int index : member.images) {
        if (index < 0 || index >= set.size()) {
          throw new IllegalArgumentException(
              "batches: member " + member.id + " has image " + index + " of " + set.size());
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

  private static void check(Member member, WeightedDraw weights, int size) {
    if (weights.size() != member.images.length) {
      throw new IllegalArgumentException(
          "batches: member "
              + member.id
              + " has "
              + weights.size()
              + " weights for "
              + member.images.length
              + " images");
    }
    if (weights.positive() < size) {
      throw new IllegalArgumentException(
          "batches: member "
              + member.id
              + " has "
              + weights.positive()
              + " images with a weight above 0, expected at least a batch of "
              + size);
    }
  }

  /** All images of a set for each of the members 0 to count - 1. */
  public static List<Member> everything(ImageSet set, int count) {
    int[] all = IntStream.range(0, set.size()).toArray();
    return IntStream.range(0, count).mapToObj(id -> new Member(id, all)).toList();
  }

  /** A batch to be filled. */
  Batch allocate(long step) {
    int count = members.size() * size;
    return new Batch(step, new float[count * set.frame().size()], new int[count], new int[count]);
  }

  /** Overwrites all of a batch with what its step needs. */
  void fill(Batch batch) {
    int id = Rng.id(stream);
    int[] places = new int[size];
    Painter painter = new Painter();
    for (int m = 0; m < members.size(); m++) {
      Member member = members.get(m);
      int epoch = places(id, member, batch.step(), places);
      for (int i = 0; i < size; i++) {
        int index = member.images[places[i]];
        int at = m * size + i;
        batch.indices()[at] = index;
        batch.labels()[at] = set.labels()[index];
        painter.paint(batch.images(), at, new Draw(seed, epoch, member.id, index));
      }
    }
  }

  /**
   * Which of a member's images are in the batch of a step. Returns the number of their epoch, which
   * no image has twice; with weights, a batch is one.
   */
  private int places(int id, Member member, long step, int[] places) {
    if (member.weights.isPresent()) {
      int epoch = Math.toIntExact(step);
      member.weights.get().draw(new Philox.Key(seed, epoch, id, member.id), size, places, 0);
      return epoch;
    }
    int batches = member.images.length / size; // of an epoch
    int epoch = Math.toIntExact(step / batches);
    int first = (int) (step % batches) * size;
    new Permutation(member.images.length, new Philox.Key(seed, epoch, id, member.id))
        .fill(first, size, places, 0);
    return epoch;
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
