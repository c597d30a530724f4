package dev.troupe.kernels.cpu;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A fork-join pool for kernels of a few microseconds. The calling thread takes part, so a pool of
 * {@code n} threads starts {@code n - 1} daemon threads. Tasks are taken one by one from a shared
 * counter; idle threads spin for some tens of microseconds before they park, so that consecutive
 * small kernels find them awake.
 *
 * <p>One call runs at a time. A call from inside a task, or while another thread's call is running,
 * runs all of its tasks on the calling thread: kernels give the same bits on any number of threads,
 * so only time can differ.
 */
public final class Workers implements AutoCloseable {
  /** Work that is split into numbered tasks. */
  @FunctionalInterface
  public interface Task {
    /**
     * Runs one task.
     *
     * @param task number of the task, from 0
     */
    void run(int task);
  }

  /** Work over a range of elements. */
  @FunctionalInterface
  public interface RangeTask {
    /**
     * Runs one range.
     *
     * @param from first element
     * @param to one past the last element
     */
    void run(int from, int to);
  }

  /** Ranges begin at multiples of this, so that two threads seldom write the same cache line. */
  private static final int RANGE_ALIGNMENT = 16;

  /** Ranges offered per thread: enough to even out a thread that is held up. */
  private static final int RANGES_PER_THREAD = 4;

  private static final long SPIN_NANOS = 50_000;

  // Places in the counter array, a cache line or more apart.
  private static final int NEXT = 32; // tasks not yet taken; never above the true number
  private static final int UNFINISHED = 64; // tasks not yet finished

  private final AtomicIntegerArray counters = new AtomicIntegerArray(96);
  private final AtomicReference<Thread> caller = new AtomicReference<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Worker[] workers;

  // The current call; written before NEXT is set, read after a task was taken from NEXT.
  private Task task;
  private RangeTask rangeTask;
  private int tasks;
  private int length;
  private int chunk;

  private volatile boolean callerParked;
  private volatile boolean closed;

  /**
   * Starts a pool.
   *
   * @param threads number of threads, the calling one included
   * @throws IllegalArgumentException if {@code threads < 1}
   */
  public Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("workers: threads is " + threads + ", expected 1 or more");
    }
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker("troupe-worker-" + (i + 1));
      workers[i].start();
    }
  }

  /** Number of threads that work on one call, the calling thread included. */
  public int threads() {
    return workers.length + 1;
  }

  /**
   * Runs {@code body} for every task in {@code [0, tasks)} and returns when all are done. Tasks
   * start in rising order. If tasks throw, the others still run, and the first exception reaches
   * the caller, with the rest suppressed in it.
   *
   * @param tasks number of tasks; none run if it is 0 or less
   * @param body what to run
   */
  public void run(int tasks, Task body) {
    if (tasks <= 1 || !enter()) {
      for (int i = 0; i < tasks; i++) {
        body.run(i);
      }
      return;
    }
    this.task = body;
    forkJoin(tasks);
  }

  /**
   * Runs {@code body} over {@code [0, n)}, cut into ranges of at least {@code grain} elements (the
   * last one may be shorter) that begin at multiples of 16 elements where the grain is 16 or more.
   * Runs on the calling thread if one range is enough.
   *
   * @param n number of elements
   * @param grain least number of elements worth a task of their own
   * @param body what to run
   */
  public void runRanges(int n, int grain, RangeTask body) {
    if (n <= 0) {
      return;
    }
    int least = Math.max(1, grain);
    if (n <= least || !enter()) {
      body.run(0, n);
      return;
    }
    int even = ceilDiv(n, threads() * RANGES_PER_THREAD);
    int size = Math.max(least, even);
    if (least >= RANGE_ALIGNMENT) {
      size = (int) Math.min(n, (long) ceilDiv(size, RANGE_ALIGNMENT) * RANGE_ALIGNMENT);
    }
    this.rangeTask = body;
    this.length = n;
    this.chunk = size;
    forkJoin(ceilDiv(n, size));
  }

  /** Ends the pool's threads. Work already begun is finished by its caller. */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
  }

  /**
   * Reserves the pool for the calling thread; false if the call has to run on this thread alone.
   */
  private boolean enter() {
    if (closed) {
      throw new IllegalStateException("workers: the pool is closed");
    }
    return workers.length > 0
        && caller.get() == null
        && caller.compareAndSet(null, Thread.currentThread());
  }

  private void forkJoin(int count) {
    tasks = count;
    counters.set(UNFINISHED, count);
    counters.set(NEXT, count); // publishes the call
    int wanted = Math.min(workers.length, count - 1);
    for (int i = 0; i < wanted; i++) {
      if (workers[i].parked) {
        LockSupport.unpark(workers[i]);
      }
    }
    finished(takeTasks());
    awaitOthers();
    task = null;
    rangeTask = null;
    Throwable thrown = failure.get() == null ? null : failure.getAndSet(null);
    caller.set(null);
    if (thrown instanceof Error error) {
      throw error;
    } else if (thrown instanceof RuntimeException exception) {
      throw exception;
    } else if (thrown != null) {
      throw new IllegalStateException("workers: a task failed", thrown);
    }
  }

  /**
   * Runs tasks until none is left and returns how many it ran. A call cannot end while a task taken
   * from it is running, so a thread that comes late either finds nothing or takes a task of the
   * call whose fields it then reads.
   */
  private int takeTasks() {
    int done = 0;
    while (counters.get(NEXT) > 0) {
      int left = counters.getAndDecrement(NEXT);
      if (left <= 0) {
        break;
      }
      int number = tasks - left;
      try {
        Task body = task;
        if (body != null) {
          body.run(number);
        } else {
          int from = number * chunk;
          rangeTask.run(from, Math.min(chunk, length - from) + from);
        }
      } catch (Throwable t) {
        if (!failure.compareAndSet(null, t)) {
          Throwable first = failure.get();
          if (first != t) {
            first.addSuppressed(t);
          }
        }
      }
      done++;
    }
    return done;
  }

  private void finished(int done) {
    if (done > 0 && counters.addAndGet(UNFINISHED, -done) == 0 && callerParked) {
      LockSupport.unpark(caller.get());
    }
  }

  private void awaitOthers() {
    if (spinUntil(UNFINISHED)) {
      return;
    }
    boolean interrupted = false;
    callerParked = true;
    while (counters.get(UNFINISHED) != 0) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    callerParked = false;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Spins until the tasks of the call are finished ({@link #UNFINISHED}) or there are tasks to take
   * ({@link #NEXT}); false if that took too long.
   */
  private boolean spinUntil(int counter) {
    long deadline = 0;
    for (int spins = 0; ; spins++) {
      int value = counters.get(counter);
      if (counter == UNFINISHED ? value == 0 : value > 0) {
        return true;
      }
      Thread.onSpinWait();
      if ((spins & 15) == 15) {
        long now = System.nanoTime();
        if (deadline == 0) {
          deadline = now + SPIN_NANOS;
        } else if (now - deadline > 0) {
          return false;
        }
      }
    }
  }

  private static int ceilDiv(int a, int b) {
    return Math.ceilDiv(a, b);
  }

  private final class Worker extends Thread {
    volatile boolean parked;

    Worker(String name) {
      super(null, null, name, 0, false);
      setDaemon(true);
    }

    @Override
    public void run() {
      while (!closed) {
        if (!spinUntil(NEXT)) {
          parked = true;
          while (counters.get(NEXT) <= 0 && !closed) {
            LockSupport.park(Workers.this);
            Thread.interrupted(); // an interrupt would turn the park into a busy loop
          }
          parked = false;
        }
        finished(takeTasks());
      }
    }
  }
}
