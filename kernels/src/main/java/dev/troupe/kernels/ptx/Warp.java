package dev.troupe.kernels.ptx;

import java.util.Arrays;

/**
 * Up to 32 threads that execute together: their registers, and the groups that they have fallen
 * into.
 *
 * <p>A group is a set of lanes at one place of the program. Instructions are numbered so that a
 * place where lanes meet again comes after all that lies between (see {@link FlowGraph}); the group
 * that is furthest behind runs, until it has caught up with the next, and they become one. A group
 * that waits for other lanes of its warp, or at a barrier, is passed over.
 */
final class Warp {
  static final int LANES = 32;

  private static final int RUNNABLE = 0;
  private static final int AT_SYNC = 1;
  static final int AT_BARRIER = 2;

  final BlockRun block;
  final int index; // in the block
  final int[][] r32;
  final long[][] r64;
  final int[] pred;

  // Lanes for which a register has a value.
  final int[] known32;
  final int[] known64;
  final int[] knownPred;

  private final int[] scratch32 = new int[LANES];
  private final long[] scratch64 = new long[LANES];

  /** Lanes that have not exited. */
  int live;

  /** The lanes that run now. */
  int active;

  /** Where they are. */
  int pc;

  private int nextPc; // where the next group that could run is
  private int groups; // those that do not run now
  private final int[] groupPc = new int[LANES + 1];
  private final int[] groupMask = new int[LANES + 1];
  private final int[] groupState = new int[LANES + 1];

  // What orders accesses: the time of the last barrier, and of each lane's last warp barrier.
  int barrierTime;
  final int[] syncTime = new int[LANES];
  final int[] syncMask = new int[LANES];
  long stamp; // of an access by lane 0 now
  final int carry[] = new int[1]; // lanes whose last add.cc carried
  final AsyncCopies copies = new AsyncCopies();
  Memory local; // all lanes' local memory

  Warp(BlockRun block, int index) {
    Program program = block.program;
    this.block = block;
    this.index = index;
    this.r32 = new int[program.count32][];
    this.r64 = new long[program.count64][];
    for (int i = 0; i < r32.length; i++) {
      int[] constant = program.constants32[i];
      r32[i] = constant != null ? constant : new int[LANES];
    }
    for (int i = 0; i < r64.length; i++) {
      long[] constant = program.constants64[i];
      r64[i] = constant != null ? constant : new long[LANES];
    }
    this.pred = new int[program.countPred];
    this.known32 = new int[r32.length];
    this.known64 = new int[r64.length];
    this.knownPred = new int[program.countPred];
    if (program.localBytes > 0) {
      local = new Memory(0, (long) LANES * program.localBytes, false);
    }
  }

  /** All lanes at the beginning. */
  void start(int lanes) {
    Program program = block.program;
    Arrays.fill(known32, 0, program.fixed32, 0);
    Arrays.fill(known32, program.fixed32, known32.length, -1);
    Arrays.fill(known64, 0, program.fixed64, 0);
    Arrays.fill(known64, program.fixed64, known64.length, -1);
    Arrays.fill(knownPred, 0);
    knownPred[Program.TRUE] = -1;
    knownPred[Program.FALSE] = -1;
    pred[Program.TRUE] = -1;
    live = lanes == LANES ? -1 : (1 << lanes) - 1;
    active = 0;
    groups = 1;
    groupPc[0] = 0;
    groupMask[0] = live;
    groupState[0] = RUNNABLE;
    barrierTime = 0;
    Arrays.fill(syncTime, 0);
    Arrays.fill(syncMask, 0);
    copies.clear();
    if (local != null) {
      local.markAll(false);
    }
    newTime();
  }

  // ---------------------------------------------------------------- registers

  /** Where results for a register go: into it, or beside it if not all lanes take part. */
  int[] out32(int d, int mask) {
    return (mask | ~live) == -1 ? r32[d] : scratch32;
  }

  long[] out64(int d, int mask) {
    return (mask | ~live) == -1 ? r64[d] : scratch64;
  }

  /** The lanes of the mask have their results, those of {@code known} with a value. */
  void done32(int d, int mask, int[] out, int known) {
    int[] to = r32[d];
    if (out != to) {
      for (int m = mask; m != 0; m &= m - 1) {
        int l = Integer.numberOfTrailingZeros(m);
        to[l] = out[l];
      }
    }
    known32[d] = known32[d] & ~mask | known & mask;
  }

  void done64(int d, int mask, long[] out, int known) {
    long[] to = r64[d];
    if (out != to) {
      for (int m = mask; m != 0; m &= m - 1) {
        int l = Integer.numberOfTrailingZeros(m);
        to[l] = out[l];
      }
    }
    known64[d] = known64[d] & ~mask | known & mask;
  }

  void setPred(int p, int mask, int value, int known) {
    pred[p] = pred[p] & ~mask | value & mask;
    knownPred[p] = knownPred[p] & ~mask | known & mask;
  }

  // ---------------------------------------------------------------- execution

  boolean isDone() {
    return live == 0;
  }

  /** Whether a group could run. */
  boolean isRunnable() {
    for (int g = 0; g < groups; g++) {
      if (groupState[g] == RUNNABLE) {
        return true;
      }
    }
    return false;
  }

  /** Runs until all lanes have exited or wait, or for about so many instructions. */
  void run(int slice) {
    Op[] code = block.program.code;
    int left = slice;
    while (schedule()) {
      while (pc < nextPc && left > 0) {
        Op op = code[pc];
        int mask = active;
        if (op.guard >= 0) {
          mask = guarded(op);
        }
        pc++;
        if (mask != 0) {
          block.count(mask, this, op);
          op.run(this, mask);
        }
        left--;
      }
      suspend();
      if (left <= 0) {
        return;
      }
    }
  }

  private int guarded(Op op) {
    if ((active & ~knownPred[op.guard]) != 0) {
      throw unknownRegister(op, active);
    }
    return active & (op.guardNegated ? ~pred[op.guard] : pred[op.guard]);
  }

  /** Puts the running group among the others. */
  private void suspend() {
    if (active != 0) {
      add(pc, active, RUNNABLE);
      active = 0;
    }
  }

  private void add(int at, int mask, int state) {
    for (int g = 0; g < groups; g++) {
      if (groupPc[g] == at && groupState[g] == state) {
        groupMask[g] |= mask;
        return;
      }
    }
    groupPc[groups] = at;
    groupMask[groups] = mask;
    groupState[groups] = state;
    groups++;
  }

  private void remove(int g) {
    groups--;
    groupPc[g] = groupPc[groups];
    groupMask[g] = groupMask[groups];
    groupState[g] = groupState[groups];
  }

  /** Takes up the group that is furthest behind. */
  private boolean schedule() {
    int first = -1;
    nextPc = Integer.MAX_VALUE;
    for (int g = 0; g < groups; g++) {
      if (groupState[g] == RUNNABLE) {
        if (first < 0) {
          first = g;
        } else if (groupPc[g] < groupPc[first]) {
          nextPc = Math.min(nextPc, groupPc[first]);
          first = g;
        } else {
          nextPc = Math.min(nextPc, groupPc[g]);
        }
      }
    }
    if (first < 0) {
      return wake();
    }
    pc = groupPc[first];
    active = groupMask[first];
    remove(first);
    return true;
  }

  /** Nobody can run: perhaps those whom a group waits for have exited. */
  private boolean wake() {
    boolean woken = false;
    for (int g = 0; g < groups; g++) {
      if (groupState[g] == AT_SYNC && block.program.code[groupPc[g]].ready(this, groupMask[g])) {
        groupState[g] = RUNNABLE;
        woken = true;
      }
    }
    if (woken) {
      return schedule();
    }
    for (int g = 0; g < groups; g++) {
      if (groupState[g] == AT_SYNC) {
        throw stuck(g);
      }
    }
    if (groups > 1) {
      throw dividedBarrier();
    }
    return false;
  }

  /** Lets lanes of the running group go on elsewhere. */
  void branch(int mask, int target) {
    if (mask == active) {
      pc = target;
      if (target > nextPc) {
        stop();
      }
    } else {
      active &= ~mask;
      add(target, mask, RUNNABLE);
      nextPc = Math.min(nextPc, target);
      if (pc >= nextPc) {
        stop();
      }
    }
  }

  private void stop() {
    nextPc = -1;
  }

  /** The lanes are through. */
  void exit(int mask) {
    live &= ~mask;
    active &= ~mask;
    if (active == 0) {
      stop();
    }
  }

  /** The lanes wait at the op that runs now until {@link Op#ready} says that they can go on. */
  void waitForLanes(int mask) {
    int at = pc - 1;
    active &= ~mask;
    int all = mask;
    for (int g = groups - 1; g >= 0; g--) {
      if (groupState[g] == AT_SYNC && groupPc[g] == at) {
        all |= groupMask[g];
        remove(g);
      }
    }
    boolean ready = block.program.code[at].ready(this, all);
    add(at, all, ready ? RUNNABLE : AT_SYNC);
    suspendNow();
  }

  /** The lanes wait at the barrier that runs now. */
  void waitAtBarrier(int mask) {
    active &= ~mask;
    add(pc - 1, mask, AT_BARRIER);
    suspendNow();
  }

  private void suspendNow() {
    stop();
  }

  /** The lanes that wait at barriers. */
  int atBarrier() {
    int mask = 0;
    for (int g = 0; g < groups; g++) {
      if (groupState[g] == AT_BARRIER) {
        mask |= groupMask[g];
      }
    }
    return mask;
  }

  /** Where lanes wait at a barrier; -1 if none does. */
  int barrierPc() {
    for (int g = 0; g < groups; g++) {
      if (groupState[g] == AT_BARRIER) {
        return groupPc[g];
      }
    }
    return -1;
  }

  /** Lets those go on that wait at the barrier at {@code at}. */
  void passBarrier(int at) {
    for (int g = 0; g < groups; g++) {
      if (groupState[g] == AT_BARRIER && groupPc[g] == at) {
        groupState[g] = RUNNABLE;
        groupPc[g]++;
      }
    }
    barrierTime = block.time;
  }

  /** The lanes have met: what they did before is ordered before what they do from now on. */
  void meet(int mask) {
    block.time++;
    for (int m = mask; m != 0; m &= m - 1) {
      int l = Integer.numberOfTrailingZeros(m);
      syncTime[l] = block.time;
      syncMask[l] = mask;
    }
    block.newTime();
  }

  void newTime() {
    stamp =
        (block.serial << Memory.BLOCK_SHIFT)
            | ((long) block.time << Memory.TIME_SHIFT)
            | ((long) index * LANES);
  }

  // ---------------------------------------------------------------- faults

  PtxFault fault(Op op, int lane, String what) {
    return block.fault(op, index * LANES + lane, what);
  }

  PtxFault fault(int at, int lane, String what) {
    return fault(block.program.code[at], lane, what);
  }

  PtxFault unknownRegister(Op op, int mask) {
    StringBuilder names = new StringBuilder();
    int lane = -1;
    if (op.guard >= 0 && (active & ~knownPred[op.guard]) != 0) {
      names.append(op.source.guard().name());
      lane = Integer.numberOfTrailingZeros(active & ~knownPred[op.guard]);
    }
    // A result may not be known yet; if an operand is both, it is the operand that counts.
    for (int i = op.source.operands().size() - 1; i >= 0 && lane < 0; i--) {
      for (Operand.Reg reg : block.program.registersOf(op.source.operands().get(i))) {
        int place = block.program.place(reg);
        int known =
            switch (reg.file()) {
              case PRED -> knownPred[place];
              case B32 -> known32[place];
              case B64 -> known64[place];
            };
        if ((mask & ~known) != 0) {
          names.append(reg.name());
          lane = Integer.numberOfTrailingZeros(mask & ~known);
          break;
        }
      }
    }
    return fault(
        op,
        Math.max(lane, 0),
        "register " + names + " has no value: it comes from nothing that was written");
  }

  private PtxFault stuck(int g) {
    Op op = block.program.code[groupPc[g]];
    int lane = Integer.numberOfTrailingZeros(groupMask[g]);
    StringBuilder others = new StringBuilder();
    for (int h = 0; h < groups; h++) {
      if (h != g) {
        others.append(
            String.format(
                "; lanes 0x%08x wait in %s",
                groupMask[h], block.place(block.program.code[groupPc[h]])));
      }
    }
    return fault(
        op,
        lane,
        String.format(
            "lanes 0x%08x wait for lanes that the mask names, which never come here (live are"
                + " 0x%08x)%s",
            groupMask[g], live, others));
  }

  private PtxFault dividedBarrier() {
    Op one = block.program.code[groupPc[0]];
    Op two = block.program.code[groupPc[1]];
    return fault(
        one,
        Integer.numberOfTrailingZeros(groupMask[0]),
        String.format(
            "divergent barrier: lanes 0x%08x of the warp wait here, lanes 0x%08x in %s; expected"
                + " all at one barrier",
            groupMask[0], groupMask[1], block.place(two)));
  }
}
