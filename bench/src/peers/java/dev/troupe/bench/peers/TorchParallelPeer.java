package dev.troupe.bench.peers;

import dev.troupe.bench.Peer;
import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import java.util.Optional;

/** libtorch with the members spread over threads that each compute alone. */
public final class TorchParallelPeer implements Peer {
  @Override
  public String name() {
    return "libtorch-parallel";
  }

  @Override
  public String description() {
    return "libtorch, each thread trains its share of the members alone, on one core";
  }

  @Override
  public Optional<Work> open(WorkSpec spec, int members, int threads) {
    return spec instanceof WorkSpec.Grid2d && members > 1 && threads > 1
        ? Optional.of(new ParallelMembers(members, threads))
        : Optional.empty();
  }
}
