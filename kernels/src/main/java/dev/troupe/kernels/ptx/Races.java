package dev.troupe.kernels.ptx;

/**
 * Finds accesses to one word that nothing orders, at least one of them a write, and not both
 * atomic. Two accesses of a block are ordered by a barrier between, two of a warp also by a {@code
 * bar.warp.sync} that both lanes took part in (a shuffle or a vote orders no memory); two of
 * different blocks of a launch by nothing.
 */
final class Races {
  private Races() {}

  /** A read of a word by a lane of the warp. */
  static void read(Memory m, int i, Warp w, long me, long floor, Op op) {
    long wrote = m.writers[i];
    if (wrote >= floor && !ordered(wrote, me, w)) {
      throw race(m, i, w, me, op, "reads", "wrote", wrote);
    }
    noteRead(m, i, w, me, floor);
  }

  static void noteRead(Memory m, int i, Warp w, long me, long floor) {
    long read = m.readers[i];
    if (read < floor) {
      m.readers[i] = me;
    } else if (read != me) {
      m.readers[i] = merged(read, me, w);
    }
  }

  private static long merged(long read, long me, Warp w) {
    if (read >>> Memory.BLOCK_SHIFT != me >>> Memory.BLOCK_SHIFT
        || (read & Memory.KIND) == Memory.MANY_OF_GRID) {
      return me | Memory.MANY_OF_GRID;
    }
    if (time(read) < w.barrierTime) {
      return me;
    }
    if ((read & Memory.KIND) == Memory.MANY_OF_BLOCK) {
      return me | Memory.MANY_OF_BLOCK;
    }
    if (thread(read) / Warp.LANES != thread(me) / Warp.LANES) {
      return me | Memory.MANY_OF_BLOCK;
    }
    if ((read & Memory.KIND) == 0 && thread(read) == thread(me)) {
      return me;
    }
    int lane = thread(me) % Warp.LANES;
    boolean met = time(read) < w.syncTime[lane] && w.syncMask[lane] == -1;
    return met ? me : me | Memory.MANY_OF_WARP;
  }

  /** A write of a word by a lane of the warp. */
  static void write(Memory m, int i, Warp w, long me, long floor, Op op) {
    long wrote = m.writers[i];
    if (wrote >= floor && !ordered(wrote, me, w)) {
      throw race(m, i, w, me, op, "writes", "wrote", wrote);
    }
    long read = m.readers[i];
    if (read >= floor && !ordered(read, me, w)) {
      throw race(m, i, w, me, op, "writes", "read", read);
    }
    m.writers[i] = me;
  }

  /** An atomic access of a word by a lane of the warp. */
  static void atomic(Memory m, int i, Warp w, long me, long floor, Op op) {
    long wrote = m.writers[i];
    if (wrote >= floor && (wrote & Memory.ATOMIC) == 0 && !ordered(wrote, me, w)) {
      throw race(m, i, w, me, op, "changes atomically", "wrote", wrote);
    }
    long read = m.readers[i];
    if (read >= floor && !ordered(read, me, w)) {
      throw race(m, i, w, me, op, "changes atomically", "read", read);
    }
    m.writers[i] = me | Memory.ATOMIC;
  }

  /** Whether an access that has happened is ordered before one of the warp now. */
  private static boolean ordered(long before, long me, Warp w) {
    if (before >>> Memory.BLOCK_SHIFT != me >>> Memory.BLOCK_SHIFT) {
      return false;
    }
    long kind = before & Memory.KIND;
    if (kind == Memory.MANY_OF_GRID) {
      return false;
    }
    int time = time(before);
    if (time < w.barrierTime) {
      return true;
    }
    if (kind == Memory.MANY_OF_BLOCK) {
      return false;
    }
    int other = thread(before);
    int self = thread(me);
    if (kind == 0 && other == self) {
      return true;
    }
    if (other / Warp.LANES != self / Warp.LANES) {
      return false;
    }
    int lane = self % Warp.LANES;
    boolean both =
        kind == 0 ? (w.syncMask[lane] >>> other % Warp.LANES & 1) != 0 : w.syncMask[lane] == -1;
    return both && time < w.syncTime[lane];
  }

  private static int time(long stamp) {
    return (int) (stamp >>> Memory.TIME_SHIFT) & Memory.MOST_TIME - 1;
  }

  private static int thread(long stamp) {
    return (int) (stamp & Memory.THREAD);
  }

  private static PtxFault race(
      Memory m, int i, Warp w, long me, Op op, String does, String did, long stamp) {
    String who =
        switch ((int) ((stamp & Memory.KIND) >>> Memory.KIND_SHIFT)) {
          case 0 -> w.block.thread(stamp);
          case 1 -> "several threads of the warp, " + w.block.thread(stamp) + " last,";
          case 2 -> "several threads of the block, " + w.block.thread(stamp) + " last,";
          default -> "threads of several blocks, " + w.block.thread(stamp) + " last,";
        };
    boolean otherBlock = stamp >>> Memory.BLOCK_SHIFT != me >>> Memory.BLOCK_SHIFT;
    return w.fault(
        op,
        (int) (me & 31),
        String.format(
            "race: %s the word at 0x%x, which %s %s in the same launch%s",
            does,
            m.address + 4L * i,
            who,
            (stamp & Memory.ATOMIC) != 0 ? "changed atomically" : did,
            otherBlock
                ? "; expected no such sharing between blocks"
                : "; expected a barrier between"));
  }
}
