package dev.troupe.kernels.ptx;

import java.util.List;

/** Branches, barriers and ends. */
final class ControlOps {
  private ControlOps() {}

  static final class Branch extends Op {
    int target;

    @Override
    void run(Warp w, int mask) {
      w.branch(mask, target);
    }
  }

  /** {@code brx.idx}: to one of a list. */
  static final class IndexedBranch extends Op {
    final int index;
    int[] targets;

    IndexedBranch(int index) {
      this.index = index;
    }

    @Override
    void run(Warp w, int mask) {
      if ((mask & ~w.known32[index]) != 0) {
        throw w.unknownRegister(this, mask);
      }
      int[] which = w.r32[index];
      int rest = mask;
      while (rest != 0) {
        int lane = Integer.numberOfTrailingZeros(rest);
        int value = which[lane];
        if (value < 0 || value >= targets.length) {
          throw w.fault(
              this, lane, "index " + value + " into a list of " + targets.length + " places");
        }
        int same = 0;
        for (int l = 0; l < LANES; l++) {
          if ((rest >>> l & 1) != 0 && which[l] == value) {
            same |= 1 << l;
          }
        }
        rest &= ~same;
        w.branch(same, targets[value]);
      }
    }
  }

  static final class Exit extends Op {
    @Override
    void run(Warp w, int mask) {
      w.exit(mask);
    }
  }

  /**
   * The beginning of a function that {@link Calls} has put here: its registers and variables, and
   * what it is to give, have no values yet.
   */
  static final class Call extends Op {
    private final int[] from; // by file
    private final int[] to;
    private final List<long[]> variables; // begin and end in local memory

    Call(int[] from, int[] to, List<long[]> variables) {
      this.from = from;
      this.to = to;
      this.variables = variables;
    }

    @Override
    void run(Warp w, int mask) {
      forget(w.knownPred, Operand.File.PRED, Program.FIXED_PREDS, mask);
      forget(w.known32, Operand.File.B32, 0, mask);
      forget(w.known64, Operand.File.B64, 0, mask);
      for (long[] variable : variables) {
        for (int m = mask; m != 0; m &= m - 1) {
          long base = (long) Integer.numberOfTrailingZeros(m) * w.block.program.localBytes;
          for (long at = variable[0]; at < variable[1]; at += 4) {
            w.local.state[(int) (base + at >> 2)] = 0;
          }
        }
      }
    }

    private void forget(int[] known, Operand.File file, int first, int mask) {
      for (int r = from[file.ordinal()]; r < to[file.ordinal()]; r++) {
        known[first + r] &= ~mask;
      }
    }
  }

  static final class Trap extends Op {
    @Override
    void run(Warp w, int mask) {
      throw w.fault(this, Integer.numberOfTrailingZeros(mask), "the kernel gives up");
    }
  }

  static final class Nothing extends Op {
    @Override
    void run(Warp w, int mask) {}
  }

  /** How {@code bar.red} joins predicates. */
  enum Reduction {
    NONE,
    AND,
    OR,
    POPC
  }

  /** {@code bar.sync}, and {@code bar.red}. */
  static final class Barrier extends Op {
    final int id; // register
    final int threads; // register, or -1: all
    final Reduction reduction;
    final int d;
    final int p;
    final boolean negated;

    Barrier(int id, int threads, Reduction reduction, int d, int p, boolean negated) {
      this.id = id;
      this.threads = threads;
      this.reduction = reduction;
      this.d = d;
      this.p = p;
      this.negated = negated;
    }

    @Override
    void run(Warp w, int mask) {
      int known = w.known32[id];
      if (threads >= 0) {
        known &= w.known32[threads];
      }
      if (p >= 0) {
        known &= w.knownPred[p];
      }
      if ((mask & ~known) != 0) {
        throw w.unknownRegister(this, mask);
      }
      w.waitAtBarrier(mask);
    }
  }

  /** {@code cp.async.commit_group} and the ways to wait. */
  static final class Copies extends Op {
    /** What to do. */
    enum What {
      COMMIT,
      WAIT_GROUP,
      WAIT_ALL
    }

    final What what;
    final int pending;

    Copies(What what, int pending) {
      this.what = what;
      this.pending = pending;
    }

    @Override
    void run(Warp w, int mask) {
      switch (what) {
        case COMMIT -> w.copies.commit(mask);
        case WAIT_GROUP -> w.copies.await(w, mask, pending);
        case WAIT_ALL -> w.copies.awaitAll(w, mask);
      }
    }
  }
}
