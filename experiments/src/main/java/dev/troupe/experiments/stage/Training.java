package dev.troupe.experiments.stage;

import dev.troupe.tensor.io.HostArray;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** What a {@link Stage} trains: a model with its optimisers, data and noise. */
public interface Training {
  /** Copies of everything that changes while training: what a checkpoint holds. */
  SequencedMap<String, HostArray> save();

  /**
   * Goes on from what {@link #save} gave.
   *
   * @throws IllegalArgumentException if a name is missing or unknown, or a shape or type differs
   */
  void load(Map<String, HostArray> arrays);

  /**
   * Hands the device what the host chooses for the next step, such as the indices of its batch;
   * called before each one, and no part of what a device may capture. The same for the same number
   * of steps done, so that a resumed training goes on as one that was not interrupted.
   *
   * @param done steps done so far
   */
  default void prepare(long done) {}

  /**
   * One step. It reads and writes nothing on the host and runs the same primitives on the same
   * buffers each time, so that a device may capture it once and replay it.
   */
  void step();

  /**
   * The losses, as means over the steps since they were read last; cheap.
   *
   * @param done steps done so far
   */
  SequencedMap<String, Double> losses(long done);

  /**
   * What is kept of every single step since the losses were read last, oldest first, such as the
   * gap of each iteration; called right after {@link #losses}.
   *
   * @param done steps done so far
   */
  default SequencedMap<String, double[]> series(long done) {
    return new LinkedHashMap<>();
  }

  /**
   * What the model is worth now; costly. Must change nothing that a later step depends on.
   *
   * @param done steps done so far
   */
  Scores scores(long done);

  /**
   * What to say when a loss or score is NaN or infinite, as in {@code loss_d is NaN or infinite
   * after step 17}.
   *
   * @param loss its name
   * @param done steps done so far
   */
  default String broken(String loss, long done) {
    return loss + " is NaN or infinite after step " + done;
  }

  /** How many members the messages of {@code --check-numerics} tell apart. */
  int members();

  /**
   * What {@link #scores} found.
   *
   * @param values names to numbers, texts or lists of them, for {@code metrics.jsonl}
   * @param message a few words for the progress display
   */
  record Scores(SequencedMap<String, Object> values, String message) {}
}
