package dev.troupe.experiments.data;

import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes batches ahead of the training, on threads of its own, and hands them out in order. They are
 * the same for any number of threads and any length of the queue. The memory of a batch is used
 * again, so a steady loader allocates next to nothing.
 */
public final class BatchLoader implements AutoCloseable {
  private final BatchPlan plan;
  private final ExecutorService threads;
  private final ArrayDeque<Future<Batch>> queue = new ArrayDeque<>();
  private Batch out;
  private long nextStep;

  /**
   * Begins to load.
   *
   * @param firstStep step of the first batch: 0, or where a training goes on
   * @param threads how many make batches, at least 1
   * @param ahead how many batches may wait, at least 1
   */
  public BatchLoader(BatchPlan plan, long firstStep, int threads, int ahead) {
    if (firstStep < 0 || threads < 1 || ahead < 1) {
      throw new IllegalArgumentException(
          "loader: first step "
              + firstStep
              + ", "
              + threads
              + " threads and "
              + ahead
              + " batches ahead, expected at least 0, 1 and 1");
    }
    this.plan = plan;
    this.nextStep = firstStep;
    this.threads =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("batch-loader-", 0).factory());
    for (int i = 0; i < ahead; i++) {
      submit(plan.allocate(nextStep));
    }
    out = plan.allocate(-1);
  }

  private void submit(Batch memory) {
    Batch batch = new Batch(nextStep++, memory.images(), memory.labels(), memory.indices());
    queue.add(
        threads.submit(() -> {
          plan.fill(batch);
          return batch;
        }));
  }

  /**
   * The batch of the next step; waits for it where it is not made yet. The one before may no longer
   * be used.
   *
   * @throws IllegalStateException if the loader is closed, or the thread was interrupted while it
   *     waited
   */
  public Batch next() {
    if (queue.isEmpty()) {
      throw new IllegalStateException("loader: is closed");
    }
    submit(out);
    try {
      out = queue.remove().get();
      return out;
    } catch (ExecutionException e) {
      close();
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException("loader: a batch could not be made", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new IllegalStateException("loader: interrupted while it waited for a batch", e);
    }
  }

  /** How many batches wait to be asked for. */
  int ready() {
    return (int) queue.stream().filter(Future::isDone).count();
  }

  /** Ends the threads; batches that wait are dropped. */
  @Override
  public void close() {
    queue.clear();
    threads.shutdownNow();
  }
}
