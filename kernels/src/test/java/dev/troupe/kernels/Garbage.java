package dev.troupe.kernels;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** What code leaves to be collected in the steady state. */
public final class Garbage {
  private static final int ROUNDS = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Garbage() {}

  /**
   * Bytes that all threads allocate in one round: in the first that allocates no more than {@code
   * most}, or in the last of a minute's. What is allocated once does not count (classes, tables of
   * kernels, objects of code that is not compiled yet), nor what other threads happen to do in one
   * round; how soon code is compiled depends on how busy the machine is, and so rounds are many.
   */
  public static long settled(long most, Runnable round) {
    return settled(most, PATIENCE, round);
  }

  /** The same for as long as is said, but at least three rounds. */
  public static long settled(long most, Duration patience, Runnable round) {
    long end = System.nanoTime() + patience.toNanos();
    long bytes = Long.MAX_VALUE;
    for (int i = 0; bytes > most && (i < ROUNDS || System.nanoTime() < end); i++) {
      long before = THREADS.getTotalThreadAllocatedBytes();
      round.run();
      bytes = THREADS.getTotalThreadAllocatedBytes() - before;
    }
    return bytes;
  }
}
