package dev.troupe.bench.peers;

import dev.troupe.bench.Peer;
import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import java.util.Optional;

/** Intel's MKL, for matrix products. */
public final class MklPeer implements Peer {
  @Override
  public String name() {
    return "mkl";
  }

  @Override
  public String description() {
    return Native.mklVersion() + ", GNU threading layer";
  }

  @Override
  public Optional<Work> open(WorkSpec spec, int members, int threads) {
    return spec instanceof WorkSpec.Sgemm sgemm && members == 1
        ? Optional.of(new MklSgemm(sgemm, threads))
        : Optional.empty();
  }
}
