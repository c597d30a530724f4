package dev.troupe.bench;

import java.util.Optional;

/** Troupe's own side of every comparison. */
final class TroupePeer implements Peer {
  static final String NAME = "troupe";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "Troupe, CPU kernels";
  }

  /** The one place where Troupe's implementation of each kind of work is added. */
  @Override
  public Optional<Work> open(WorkSpec spec, int members, int threads) {
    return switch (spec) {
      case WorkSpec.Sgemm sgemm -> Optional.empty();
      case WorkSpec.Elementwise elementwise -> Optional.empty();
      case WorkSpec.Grid2d grid2d -> Optional.empty();
    };
  }
}
