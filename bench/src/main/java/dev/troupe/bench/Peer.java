package dev.troupe.bench;

import java.util.Optional;

/** A library that does the work: Troupe itself, or one that it is compared with. */
public interface Peer {
  /** The name on the command line and in the tables, such as {@code libtorch}. */
  String name();

  /** Name, versions and settings, in one line. */
  String description();

  /**
   * Makes the work ready to run.
   *
   * @param members independent copies (of a training) that one step advances
   * @param threads threads that one step may use
   * @return empty where this peer has no implementation of that work
   */
  Optional<Work> open(WorkSpec spec, int members, int threads);
}
