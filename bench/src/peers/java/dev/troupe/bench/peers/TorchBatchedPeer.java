package dev.troupe.bench.peers;

import dev.troupe.bench.Peer;
import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import java.util.Optional;

/** libtorch with the members batched by hand. */
public final class TorchBatchedPeer implements Peer {
  @Override
  public String name() {
    return "libtorch-batched";
  }

  @Override
  public String description() {
    return "libtorch, all members in one step on [E, N, features] tensors with baddbmm";
  }

  @Override
  public Optional<Work> open(WorkSpec spec, int members, int threads) {
    return spec instanceof WorkSpec.Grid2d && members > 1
        ? Optional.of(TorchGrid2d.batched(members, threads))
        : Optional.empty();
  }
}
