package dev.troupe.bench.jmh;

import dev.troupe.bench.Peers;
import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;

/** Opens the work of a benchmark; {@code threads} of 0 means one for each core. */
final class Opened {
  private Opened() {}

  static Work open(String peer, WorkSpec spec, int members, int threads) {
    int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    return Peers.open(peer, spec, members, count);
  }
}
