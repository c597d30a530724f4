package dev.troupe.bench.peers;

import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec.Grid2d;
import java.util.List;
import java.util.stream.Stream;

/** Members that know nothing of each other, one after the other. */
final class SequentialMembers implements Work {
  private final List<TorchGrid2d> members;

  SequentialMembers(int members, int threads) {
    this.members = Stream.generate(() -> TorchGrid2d.single(threads)).limit(members).toList();
  }

  @Override
  public String name() {
    return new Grid2d().name();
  }

  @Override
  public void step() {
    members.forEach(TorchGrid2d::step);
  }

  @Override
  public double flops() {
    return new Grid2d().flops(members.size());
  }

  @Override
  public void close() {
    members.forEach(TorchGrid2d::close);
  }
}
