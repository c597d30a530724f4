package dev.troupe.kernels.cpu;

import dev.troupe.kernels.BadIndexException;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.HostMemory;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cpu.StepPlanner.Part;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The primitives of a step, arranged so that each thread takes whole members: a run of primitives
 * that can be cut by members becomes a stretch, in which one thread computes all of them for one
 * member, while what it needs is in its cache, and waits for nobody. Between stretches stand the
 * primitives that cannot be cut, each shared among all threads.
 *
 * <p>Within a stretch no member touches what another one writes ({@link Accesses}), so each reads
 * what it would have read in the order of the step, and has the same bits.
 */
final class StepPlan implements CapturedStep {
  private final Workers workers;
  private final CpuKernels together;
  private final CpuKernels alone;
  private final HostMemory memory;
  private final HostBuffer[] outside;
  private final Runnable[] parts;

  /**
   * The plan of a step. Those of its buffers that have no memory get theirs from {@code memory},
   * where nobody else must get it before the step is closed.
   */
  StepPlan(List<Primitive> step, Workers workers, HostMemory memory) {
    this.workers = workers;
    this.together = new CpuKernels(workers, HostBuffer.class::cast);
    this.alone = new CpuKernels(new Workers(1), HostBuffer.class::cast);
    this.memory = memory;
    this.outside =
        step.stream()
            .flatMap(p -> Stream.concat(p.reads().stream(), p.writes().stream()))
            .map(buffer -> ((HostBuffer) buffer).whole())
            .filter(whole -> whole.hasMemory() && whole.isLive())
            .distinct()
            .toArray(HostBuffer[]::new);
    List<Part> plan = StepPlanner.plan(step, workers.threads());
    Placement placement = new Placement(plan, workers.threads(), memory);
    this.parts =
        plan.stream()
            .map(part -> part.members() == 0 ? whole(part) : new Stretch(part, placement))
            .toArray(Runnable[]::new);
  }

  @Override
  public void run() {
    for (HostBuffer buffer : outside) {
      memory.check(buffer);
    }
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
      count += part instanceof Stretch stretch ? stretch.indices.length : 0;
    }
    return count;
  }

  /** How many stretches there are, for tests. */
  int stretches() {
    int count = 0;
    for (Runnable part : parts) {
      count += part instanceof Stretch ? 1 : 0;
    }
    return count;
  }

  private Runnable whole(Part part) {
    Primitive primitive = part.primitives().getFirst();
    return () -> together.run(primitive);
  }

  /** Some primitives, all for one member and then for the next. */
  private final class Stretch implements Runnable, Workers.Task {
    private final Primitive[][] shares; // [member][primitive]
    private final Primitive[] rest; // of the members that are too few for all threads
    private final int[] indices; // [primitive]: how many a member has

    Stretch(Part part, Placement placement) {
      int members = part.members();
      int threads = workers.threads();
      int taken = members - members % threads;
      shares = new Primitive[taken][];
      for (int e = 0; e < taken; e++) {
        shares[e] = shares(part, e, e + 1, placement.of(e % threads, e));
      }
      rest =
          taken == members
              ? new Primitive[0]
              : shares(part, taken, members, placement.ofRest(taken, members));
      indices = part.primitives().stream().mapToInt(p -> indices(p) / members).toArray();
    }

    private static Primitive[] shares(
        Part part, int from, int to, UnaryOperator<HostBuffer> place) {
      return part.primitives().stream()
          .map(p -> MemberCut.share(p, from, to, part.members(), place))
          .toArray(Primitive[]::new);
    }

    /** How many indices a primitive takes from a buffer. */
    private static int indices(Primitive primitive) {
      return primitive.reads().stream()
          .filter(buffer -> buffer.type() == ElementType.INT32)
          .mapToInt(Buffer::size)
          .findFirst()
          .orElse(0);
    }

    @Override
    public void run() {
      workers.run(workers.threads(), this);
      run(together, rest, shares.length);
    }

    /** Each thread has members, and memory, of its own. */
    @Override
    public void run(int thread) {
      for (int e = thread; e < shares.length; e += workers.threads()) {
        run(alone, shares[e], e);
      }
    }

    private void run(CpuKernels kernels, Primitive[] primitives, int firstMember) {
      for (int i = 0; i < primitives.length; i++) {
        try {
          kernels.run(primitives[i]);
        } catch (BadIndexException e) {
          throw e.inWhole(firstMember * indices[i]);
        }
      }
    }
  }
}
