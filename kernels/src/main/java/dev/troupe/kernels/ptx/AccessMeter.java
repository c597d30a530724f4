package dev.troupe.kernels.ptx;

import dev.troupe.kernels.AccessCounts;
import dev.troupe.kernels.AccessCounts.Requests;
import dev.troupe.kernels.ptx.MemoryOp.Space;
import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.Map;

/** Counts the accesses of a launch: sees each instruction before it is executed. */
final class AccessMeter {
  private static final int LANES = Warp.LANES;
  private static final int SECTOR_SHIFT = 5; // 32 bytes
  private static final int BANKS = 32;
  private static final int BANK_BYTES = 4;

  /** Requests of one kind. */
  private static final class Tally {
    long count;
    long sectors;
    long idealSectors;
    long bytes;

    Requests requests() {
      return new Requests(count, sectors, idealSectors, bytes);
    }
  }

  /** Which bytes of allocations have been touched. */
  private static final class Touched {
    private final Map<Memory, BitSet> bytes = new IdentityHashMap<>();
    private Memory last;
    private BitSet ofLast;

    void add(Memory memory, int from, int count) {
      if (memory != last) {
        last = memory;
        ofLast = bytes.computeIfAbsent(memory, m -> new BitSet());
      }
      ofLast.set(from, from + count);
    }

    long count() {
      return bytes.values().stream().mapToLong(BitSet::cardinality).sum();
    }
  }

  private final Tally loads = new Tally();
  private final Tally stores = new Tally();
  private final Tally local = new Tally();
  private final Touched read = new Touched();
  private final Touched written = new Touched();
  private long instructions;
  private long threadInstructions;
  private long wavefronts;
  private long idealWavefronts;

  // Of the request that is being counted.
  private final int[] sizes = new int[LANES]; // bytes of each lane
  private final long[] ofGlobal = new long[LANES];
  private final long[] ofLocal = new long[LANES];
  private final long[] ofShared = new long[LANES];
  private final long[] keys = new long[4 * LANES];
  private final int[] perBank = new int[BANKS];

  AccessCounts counts() {
    return new AccessCounts(
        instructions,
        threadInstructions,
        loads.requests(),
        stores.requests(),
        local.requests(),
        read.count(),
        written.count(),
        wavefronts,
        idealWavefronts);
  }

  /** Lanes of {@code mask} are about to execute {@code op}. */
  void count(Warp w, Op op, int mask) {
    instructions++;
    threadInstructions += Integer.bitCount(mask);
    switch (op) {
      case MemoryOps.AsyncCopy copy -> {
        int reading = 0;
        for (int m = mask; m != 0; m &= m - 1) {
          int lane = Integer.numberOfTrailingZeros(m);
          sizes[lane] = copy.copied(w, lane);
          reading |= sizes[lane] > 0 ? 1 << lane : 0;
        }
        count(w, copy.from, reading, loads, read, false);
        Arrays.fill(sizes, copy.bytes);
        count(w, copy, mask, stores, written, false);
      }
      case MatrixOps.LoadMatrix load -> {
        if (mask == -1) { // otherwise it waits, and comes again
          Arrays.fill(sizes, load.bytes);
          count(w, load, load.addressed(), loads, read, false);
        }
      }
      case MemoryOps.Load load -> {
        Arrays.fill(sizes, load.bytes);
        count(w, load, mask, loads, read, false);
      }
      case MemoryOps.Store store -> {
        Arrays.fill(sizes, store.bytes);
        count(w, store, mask, stores, written, false);
      }
      case MemoryOps.Atomic atomic -> {
        Arrays.fill(sizes, atomic.bytes);
        count(w, atomic, mask, stores, written, true);
      }
      default -> {}
    }
  }

  /** Parts lanes by the memory that they access: a generic address may be in any. */
  private void count(Warp w, MemoryOp op, int mask, Tally global, Touched touched, boolean atomic) {
    int inGlobal = 0;
    int inShared = 0;
    int inLocal = 0;
    for (int m = mask; m != 0; m &= m - 1) {
      int lane = Integer.numberOfTrailingZeros(m);
      long address = op.address(w, lane);
      switch (op.spaceOf(address)) {
        case GLOBAL -> {
          ofGlobal[lane] = address;
          inGlobal |= 1 << lane;
        }
        case SHARED -> {
          ofShared[lane] =
              op.space == Space.GENERIC ? address - MemoryOp.window(Space.SHARED) : address;
          inShared |= 1 << lane;
        }
        case LOCAL -> {
          ofLocal[lane] =
              op.space == Space.GENERIC ? address - MemoryOp.window(Space.LOCAL) : address;
          inLocal |= 1 << lane;
        }
        case PARAM, CONST, GENERIC -> {} // constant banks, and addresses of nothing
      }
    }
    if (inGlobal != 0) {
      countGlobal(w, inGlobal, global, touched);
    }
    if (inShared != 0) {
      countShared(inShared, op.bytes, atomic);
    }
    if (inLocal != 0 && !op.source.opcode().contains(".param")) { // what calls take and give
      countLocal(inLocal, op.bytes);
    }
  }

  private void countGlobal(Warp w, int mask, Tally tally, Touched touched) {
    // An access is aligned to its size, so that it lies in one sector, and two are apart or equal.
    int n = 0;
    for (int m = mask; m != 0; m &= m - 1) {
      int lane = Integer.numberOfTrailingZeros(m);
      long address = ofGlobal[lane];
      keys[n++] = address << SECTOR_SHIFT | sizes[lane];
      tally.bytes += sizes[lane];
      Memory memory = w.block.global.at(address);
      if (memory != null) {
        touched.add(memory, Math.toIntExact(address - memory.address), sizes[lane]);
      }
    }
    Arrays.sort(keys, 0, n);
    long distinct = 0;
    int sectors = 0;
    for (int i = 0; i < n; i++) {
      long address = keys[i] >> SECTOR_SHIFT;
      long before = i == 0 ? -1 : keys[i - 1] >> SECTOR_SHIFT;
      if (address != before) {
        distinct += keys[i] & (1 << SECTOR_SHIFT) - 1;
      }
      if (i == 0 || address >> SECTOR_SHIFT != before >> SECTOR_SHIFT) {
        sectors++;
      }
    }
    add(tally, sectors, distinct);
  }

  private static void add(Tally tally, int sectors, long distinctBytes) {
    tally.count++;
    tally.sectors += sectors;
    tally.idealSectors += (distinctBytes + (1 << SECTOR_SHIFT) - 1) >> SECTOR_SHIFT;
  }

  /** Word i of all lanes lies side by side in a GPU's local memory. */
  private void countLocal(int mask, int bytes) {
    int n = 0;
    for (int m = mask; m != 0; m &= m - 1) {
      int lane = Integer.numberOfTrailingZeros(m);
      long word = ofLocal[lane] / BANK_BYTES;
      for (int k = 0; k < Math.ceilDiv(bytes, BANK_BYTES); k++) {
        keys[n++] = (word + k) * LANES + lane >> SECTOR_SHIFT - 2;
      }
    }
    int lanes = Integer.bitCount(mask);
    local.bytes += (long) lanes * bytes;
    add(local, distinct(n), (long) lanes * bytes);
  }

  private int distinct(int n) {
    Arrays.sort(keys, 0, n);
    int distinct = 0;
    for (int i = 0; i < n; i++) {
      distinct += i == 0 || keys[i] != keys[i - 1] ? 1 : 0;
    }
    return distinct;
  }

  private void countShared(int mask, int bytes, boolean atomic) {
    int wordsOfLane = Math.ceilDiv(bytes, BANK_BYTES);
    int together = LANES / wordsOfLane; // lanes
    for (int first = 0; first < LANES; first += together) {
      int n = 0;
      for (int lane = first; lane < first + together; lane++) {
        if ((mask >>> lane & 1) != 0) {
          long word = ofShared[lane] / BANK_BYTES;
          for (int k = 0; k < wordsOfLane; k++) {
            keys[n++] = word + k;
          }
        }
      }
      if (n > 0) {
        idealWavefronts++;
        wavefronts += passes(n, atomic);
      }
    }
  }

  /** How many of n words the busiest bank has; a word that several want is one, unless atomic. */
  private int passes(int n, boolean atomic) {
    Arrays.sort(keys, 0, n);
    Arrays.fill(perBank, 0);
    int most = 0;
    for (int i = 0; i < n; i++) {
      if (i == 0 || atomic || keys[i] != keys[i - 1]) {
        int bank = (int) keys[i] & BANKS - 1;
        most = Math.max(most, ++perBank[bank]);
      }
    }
    return most;
  }
}
