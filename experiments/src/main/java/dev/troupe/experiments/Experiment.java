package dev.troupe.experiments;

import dev.troupe.experiments.run.RunContext;
import java.io.IOException;
import java.util.List;

/** One experiment of a paper, as {@code troupe run NAME} starts it. */
public interface Experiment {
  /** {@code paper/experiment}, as in {@code ensgan/grid2d}. */
  String name();

  /** One line without a full stop. */
  String description();

  /** The paper and its table or figure. */
  String paper();

  /** Every key that may be set, in the order {@code --help} shows them. */
  List<Setting<?>> settings();

  /**
   * Checks what no single setting can know, such as one being at most another.
   *
   * @throws UserException with {@link ExitCode#USAGE}
   */
  default void check(Settings settings) {}

  /** Whether it reads data sets, so that {@code --data} says where they are. */
  default boolean readsData() {
    return false;
  }

  /**
   * Trains, measures and writes the results into {@link RunContext#directory()}.
   *
   * <p>Between steps it asks {@link RunContext#stopRequested()}; on true it writes a checkpoint and
   * throws {@link RunContext#stopped}. When {@link RunContext#resuming()} it goes on from its
   * newest sound checkpoint. Either way it calls {@link
   * dev.troupe.experiments.run.MetricsLog#startAt} before the first metric.
   *
   * @throws IOException if a file cannot be read or written
   * @throws UserException for whatever else the user can put right
   */
  Outcome run(RunContext context) throws IOException;
}
