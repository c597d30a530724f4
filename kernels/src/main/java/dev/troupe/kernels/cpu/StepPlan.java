package dev.troupe.kernels.cpu;

import dev.troupe.kernels.BadIndexException;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The primitives of a step, arranged so that each thread takes whole members: a run of primitives
 * that can be cut by members becomes a {@link Stretch}, in which one thread computes all of them
 * for one member, while what it needs is in its cache, and waits for nobody. Between stretches
 * stand the primitives that cannot be cut, each shared among all threads.
 *
 * <p>Within a stretch no member touches what another one writes ({@link Accesses}), so each reads
 * what it would have read in the order of the step, and has the same bits.
 */
final class StepPlan implements CapturedStep {
  private final Workers workers;
  private final CpuKernels together;
  private final CpuKernels alone;
  private final Runnable[] parts;

  /** The plan of a step whose buffers are all of one device, and stay as they are. */
  StepPlan(List<Primitive> step, Workers workers) {
    this.workers = workers;
    this.together = new CpuKernels(workers, HostBuffer.class::cast);
    this.alone = new CpuKernels(new Workers(1), HostBuffer.class::cast);
    this.parts = new Planner(step).plan().toArray(Runnable[]::new);
  }

  @Override
  public void run() {
    for (Runnable part : parts) {
      part.run();
    }
  }

  @Override
  public void close() {}

  /** How many primitives of the step are cut, for tests. */
  int cut() {
    int count = 0;
    for (Runnable part : parts) {
      count += part instanceof Stretch stretch ? stretch.whole.length : 0;
    }
    return count;
  }

  /** How many stretches there are, for tests. */
  int stretches() {
    return (int) List.of(parts).stream().filter(Stretch.class::isInstance).count();
  }

  /** One primitive on all threads. */
  private final class Whole implements Runnable {
    private final Primitive primitive;

    Whole(Primitive primitive) {
      this.primitive = primitive;
    }

    @Override
    public void run() {
      together.run(primitive);
    }
  }

  /** Some primitives, all for one member and then for the next. */
  private final class Stretch implements Runnable, Workers.Task {
    private final Primitive[] whole;
    private final Primitive[][] shares; // [member][primitive]
    private final Primitive[] rest; // of the members that are too few for all threads

    Stretch(List<Primitive> primitives, int members) {
      whole = primitives.toArray(Primitive[]::new);
      int taken = members - members % workers.threads();
      shares = new Primitive[taken][];
      for (int e = 0; e < taken; e++) {
        shares[e] = shares(e, e + 1, members);
      }
      rest = taken == members ? new Primitive[0] : shares(taken, members, members);
    }

    private Primitive[] shares(int from, int to, int members) {
      Primitive[] shares = new Primitive[whole.length];
      for (int i = 0; i < shares.length; i++) {
        shares[i] = MemberCut.share(whole[i], from, to, members);
      }
      return shares;
    }

    @Override
    public void run() {
      workers.run(shares.length, this);
      run(together, rest);
    }

    @Override
    public void run(int member) {
      run(alone, shares[member]);
    }

    private void run(CpuKernels kernels, Primitive[] primitives) {
      for (int i = 0; i < primitives.length; i++) {
        try {
          kernels.run(primitives[i]);
        } catch (BadIndexException e) {
          throw e.inWhole(indexOffset(primitives[i]) - indexOffset(whole[i]));
        }
      }
    }

    /** Where the indices of a primitive begin in their array. */
    private static int indexOffset(Primitive primitive) {
      for (Buffer buffer : primitive.reads()) {
        if (buffer.type() == ElementType.INT32) {
          return ((HostBuffer) buffer).offset();
        }
      }
      return 0;
    }
  }

  /**
   * Gathers stretches, each as long as possible: a primitive that cannot be cut goes in front of
   * the open stretch where nothing in that minds, or else behind it.
   */
  private final class Planner {
    private final Deque<Primitive> todo;
    private final List<Runnable> plan = new ArrayList<>();

    // The open stretch; none where members is 0.
    private int members;
    private final List<Primitive> stretch = new ArrayList<>();
    private Accesses used;
    // What cannot be cut with it, and may come in front of it, or has to come behind it.
    private final List<Primitive> front = new ArrayList<>();
    private final List<Primitive> behind = new ArrayList<>();
    private Accesses usedBehind;

    Planner(List<Primitive> step) {
      todo = new ArrayDeque<>(step);
    }

    List<Runnable> plan() {
      while (!todo.isEmpty() || members > 0) {
        if (todo.isEmpty()) {
          end();
          continue;
        }
        Primitive next = todo.remove();
        if (members == 0) {
          begin(next);
        } else {
          place(next);
        }
      }
      return plan;
    }

    private void begin(Primitive first) {
      int count = MemberCut.members(first);
      for (Primitive p : todo) {
        if (count > 0) {
          break;
        }
        count = MemberCut.members(p);
      }
      Accesses shares = count < 2 || count < workers.threads() ? null : shares(first, count);
      if (shares == null) {
        plan.add(new Whole(first));
        return;
      }
      members = count;
      stretch.add(first);
      used = shares;
      usedBehind = new Accesses();
    }

    private void place(Primitive next) {
      Accesses shares = shares(next, members);
      if (shares != null && isFree(shares)) {
        stretch.add(next);
        used.add(shares);
        return;
      }
      Accesses whole = Accesses.whole(next);
      if (isFree(whole)) {
        front.add(next);
      } else if (shares == null) {
        behind.add(next);
        usedBehind.add(whole);
      } else {
        todo.addFirst(next);
        end();
      }
    }

    private boolean isFree(Accesses accesses) {
      return !used.conflictsWith(accesses) && !usedBehind.conflictsWith(accesses);
    }

    private void end() {
      plan.addAll(new Planner(front).plan());
      front.clear();
      if (stretch.size() == 1) {
        plan.add(new Whole(stretch.getFirst()));
      } else {
        plan.add(new Stretch(stretch, members));
      }
      stretch.clear();
      members = 0;
      behind.reversed().forEach(todo::addFirst);
      behind.clear();
    }

    /** What the members' shares use, or null if there are none. */
    private Accesses shares(Primitive primitive, int count) {
      return MemberCut.isPossible(primitive, count)
          ? Accesses.shares(
              IntStream.range(0, count)
                  .mapToObj(e -> MemberCut.share(primitive, e, e + 1, count))
                  .toList())
          : null;
    }
  }
}
