package dev.troupe.experiments.data;

import dev.troupe.gan.boosting.WeightedDraw;
import dev.troupe.kernels.Permutation;
import dev.troupe.kernels.Philox;
import dev.troupe.tensor.Rng;
import java.util.List;
import java.util.Optional;

/**
 * Which images are in the batch of a step: a pure function of the step. Each member goes through
 * its own images in shuffled epochs, which drop their last partial batch: the order of {@link
 * Rng#shuffledBatch}, with the number of the member's images as the population. So members may have
 * different numbers of images, and then begin their epochs at different steps. A member with
 * weights has no epochs: each of its batches is drawn anew, without replacement. A member's batches
 * do not depend on who else is trained.
 *
 * @param members who gets batches, in this order
 * @param size N, images of a batch and member
 * @param seed of the run
 * @param stream names the order of the images among the run's random numbers
 */
public record BatchOrder(List<Member> members, int size, long seed, String stream) {
  /**
   * One member of the ensemble.
   *
   * @param id its identity, which keys its random numbers
   * @param images what it learns from, as indices; not to be changed
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
  public BatchOrder {
    members = List.copyOf(members);
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

  /**
   * The number of a member's epoch at a step, which no image has twice; with weights, a batch is
   * one.
   */
  int epoch(int m, long step) {
    Member member = members.get(m);
    return Math.toIntExact(
        member.weights.isPresent() ? step : step / (member.images.length / size));
  }

  /**
   * The images of a step.
   *
   * @param indices is overwritten: [E · N], member by member
   */
  public void fill(long step, int[] indices) {
    int id = Rng.id(stream);
    for (int m = 0; m < members.size(); m++) {
      Member member = members.get(m);
      int at = m * size;
      Philox.Key key = new Philox.Key(seed, epoch(m, step), id, member.id);
      if (member.weights.isPresent()) {
        member.weights.get().draw(key, size, indices, at);
      } else {
        int first = (int) (step % (member.images.length / size)) * size;
        new Permutation(member.images.length, key).fill(first, size, indices, at);
      }
      for (int i = at; i < at + size; i++) {
        indices[i] = member.images[indices[i]];
      }
    }
  }
}
