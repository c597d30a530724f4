package dev.troupe.bench.peers;

import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec.Grid2d;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Members that know nothing of each other, spread over Java threads that each compute alone. */
final class ParallelMembers implements Work {
  private final int members;
  private final List<ExecutorService> threads = new ArrayList<>();
  private final List<List<TorchGrid2d>> ofThread = new ArrayList<>();

  ParallelMembers(int members, int threads) {
    this.members = members;
    for (int thread = 0; thread < Math.min(members, threads); thread++) {
      this.threads.add(Executors.newSingleThreadExecutor());
      this.ofThread.add(new ArrayList<>());
    }
    for (int member = 0; member < members; member++) {
      int thread = member % this.threads.size();
      await(
          List.of(
              this.threads
                  .get(thread)
                  .submit(() -> ofThread.get(thread).add(TorchGrid2d.single(1)))));
    }
  }

  private void onAll(Consumer<List<TorchGrid2d>> action) {
    List<Future<?>> running = new ArrayList<>();
    for (int thread = 0; thread < threads.size(); thread++) {
      List<TorchGrid2d> own = ofThread.get(thread);
      running.add(threads.get(thread).submit(() -> action.accept(own)));
    }
    await(running);
  }

  private static void await(List<? extends Future<?>> running) {
    try {
      for (Future<?> future : running) {
        future.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("libtorch-parallel: a member failed", e);
    }
  }

  @Override
  public String name() {
    return new Grid2d().name();
  }

  @Override
  public void step() {
    onAll(own -> own.forEach(TorchGrid2d::step));
  }

  @Override
  public double flops() {
    return new Grid2d().flops(members);
  }

  @Override
  public void close() {
    onAll(own -> own.forEach(TorchGrid2d::close));
    threads.forEach(ExecutorService::close);
  }
}
