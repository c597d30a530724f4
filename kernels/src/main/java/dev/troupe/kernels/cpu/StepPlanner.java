package dev.troupe.kernels.cpu;

import dev.troupe.kernels.Primitive;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Gathers stretches, each as long as possible: a primitive that cannot be cut goes in front of the
 * open stretch where nothing in that minds, or else behind it.
 */
final class StepPlanner {
  /**
   * Some primitives, each computed whole before the next, or all for one member before the next.
   *
   * @param members 0 where there is one primitive, which is not cut
   */
  record Part(List<Primitive> primitives, int members) {}

  private final Deque<Primitive> todo;
  private final int threads;
  private final List<Part> plan = new ArrayList<>();

  // The open stretch; none where members is 0.
  private int members;
  private final List<Primitive> stretch = new ArrayList<>();
  private Accesses used;
  // What cannot be cut with it, and may come in front of it, or has to come behind it.
  private final List<Primitive> front = new ArrayList<>();
  private final List<Primitive> behind = new ArrayList<>();
  private Accesses usedBehind;

  private StepPlanner(List<Primitive> step, int threads) {
    this.todo = new ArrayDeque<>(step);
    this.threads = threads;
  }

  /** The parts of a step, in an order in which they may be run. */
  static List<Part> plan(List<Primitive> step, int threads) {
    return new StepPlanner(step, threads).plan();
  }

  private List<Part> plan() {
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
    Accesses shares = count < 2 || count < threads ? null : shares(first, count);
    if (shares == null) {
      plan.add(new Part(List.of(first), 0));
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
    plan.addAll(plan(front, threads));
    front.clear();
    // One primitive alone is as well shared among the threads.
    plan.add(new Part(List.copyOf(stretch), stretch.size() == 1 ? 0 : members));
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
