package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Garbage;
import java.util.Arrays;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 7})
  void runsEveryTaskOnceInManyCalls(int threads) {
    try (Workers workers = new Workers(threads)) {
      assertThat(workers.threads()).isEqualTo(threads);
      for (int call = 0; call < 3_000; call++) {
        int tasks = call % 23;
        int[] runs = new int[tasks];
        workers.run(tasks, task -> runs[task]++);
        int[] once = new int[tasks];
        Arrays.fill(once, 1);
        assertThat(runs).isEqualTo(once);
        if (call % 500 == 0) {
          LockSupport.parkNanos(
              TimeUnit.MILLISECONDS.toNanos(2)); // long enough for the others to park
        }
      }
    }
  }

  @Test
  void threadsWorkAtTheSameTime() {
    try (Workers workers = new Workers(3)) {
      CyclicBarrier meeting = new CyclicBarrier(3);
      workers.run(
          3,
          task -> {
            try {
              meeting.await(20, TimeUnit.SECONDS);
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void rangesCoverEveryElementOnce(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int n : new int[] {0, 1, 15, 16, 17, 100, 1_000, 1_023, 65_537}) {
        for (int grain : new int[] {0, 1, 5, 16, 100, 1_000, Integer.MAX_VALUE}) {
          AtomicIntegerArray seen = new AtomicIntegerArray(n);
          AtomicInteger calls = new AtomicInteger();
          workers.runRanges(
              n,
              grain,
              (from, to) -> {
                calls.incrementAndGet();
                assertThat(from).isLessThan(to);
                assertThat(to == n || to - from >= grain).isTrue();
                assertThat(from % (grain >= 16 ? 16 : 1)).isZero();
                for (int i = from; i < to; i++) {
                  seen.incrementAndGet(i);
                }
              });
          for (int i = 0; i < n; i++) {
            assertThat(seen.get(i)).isEqualTo(1);
          }
          assertThat(calls.get()).isLessThanOrEqualTo(threads == 1 ? 1 : 4 * threads);
        }
      }
    }
  }

  @Test
  void rangesNearTheLargestIntDoNotOverflow() {
    try (Workers workers = new Workers(4)) {
      AtomicIntegerArray sum = new AtomicIntegerArray(1);
      int n = Integer.MAX_VALUE;
      workers.runRanges(n, 16, (from, to) -> sum.addAndGet(0, to - from));
      assertThat(sum.get(0)).isEqualTo(n);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void anExceptionReachesTheCallerAndThePoolLivesOn(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int bad = 0; bad < 8; bad++) {
        int number = bad;
        AtomicInteger runs = new AtomicInteger();
        assertThatThrownBy(() ->
                workers.run(
                    8,
                    task -> {
                      runs.incrementAndGet();
                      if (task == number) {
                        throw new IllegalArgumentException("task " + task);
                      }
                    }))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("task " + number);
        assertThat(runs.get()).isEqualTo(threads == 1 ? number + 1 : 8);
      }
      assertThatThrownBy(() ->
              workers.run(
                  2,
                  task -> {
                    throw new StackOverflowError("made up");
                  }))
          .isInstanceOf(StackOverflowError.class);
      AtomicInteger runs = new AtomicInteger();
      workers.run(5, task -> runs.incrementAndGet());
      assertThat(runs.get()).isEqualTo(5);
    }
  }

  @Test
  void nestedCallsRunOnTheThreadOfTheirTask() {
    try (Workers workers = new Workers(2)) {
      AtomicInteger inner = new AtomicInteger();
      AtomicBoolean moved = new AtomicBoolean();
      workers.run(
          6,
          task -> {
            Thread outer = Thread.currentThread();
            workers.run(
                5,
                nested -> {
                  inner.incrementAndGet();
                  if (Thread.currentThread() != outer) {
                    moved.set(true);
                  }
                });
            workers.runRanges(100, 1, (from, to) -> inner.addAndGet(to - from));
          });
      assertThat(inner.get()).isEqualTo(6 * 105);
      assertThat(moved).isFalse();
    }
  }

  @Test
  void severalCallersShareOnePool() throws InterruptedException {
    try (Workers workers = new Workers(2)) {
      AtomicInteger total = new AtomicInteger();
      Thread[] callers = new Thread[3];
      for (int i = 0; i < callers.length; i++) {
        callers[i] =
            new Thread(() -> {
              for (int call = 0; call < 500; call++) {
                workers.run(7, task -> total.incrementAndGet());
              }
            });
        callers[i].start();
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(total.get()).isEqualTo(3 * 500 * 7);
    }
  }

  @Test
  void anInterruptedCallerStillGetsItsResultAndKeepsTheFlag() {
    try (Workers workers = new Workers(2)) {
      Thread.currentThread().interrupt();
      AtomicInteger runs = new AtomicInteger();
      workers.run(
          2,
          task -> {
            if (Thread.currentThread() instanceof Thread t && t.isDaemon()) {
              long end = System.nanoTime() + 5_000_000; // the caller has to wait for this one
              while (System.nanoTime() < end) {
                Thread.onSpinWait();
              }
            }
            runs.incrementAndGet();
          });
      assertThat(runs.get()).isEqualTo(2);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void aCallAllocatesNothing() {
    long most = 5_000 * 2; // less than one object in a few calls
    try (Workers workers = new Workers(2)) {
      int[] sums = new int[4];
      Workers.Task task = i -> sums[i]++;
      Workers.RangeTask range = (from, to) -> sums[from / 256]++;
      int[] calls = {0};
      Runnable round =
          () -> {
            for (int i = 0; i < 5_000; i++) {
              workers.run(4, task);
              workers.runRanges(1024, 256, range);
            }
            calls[0] += 5_000;
          };
      assertThat(Garbage.settled(most, round)).isLessThanOrEqualTo(most);
      assertThat(sums).containsOnly(2 * calls[0]);
    }
  }

  @Test
  void refusesNoThreadsAndAClosedPool() {
    assertThatThrownBy(() -> new Workers(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("workers: threads is 0, expected 1 or more");
    Workers workers = new Workers(2);
    workers.close();
    assertThatThrownBy(() -> workers.run(2, task -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("workers: the pool is closed");
  }
}
