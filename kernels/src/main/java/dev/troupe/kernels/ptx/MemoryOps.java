package dev.troupe.kernels.ptx;

/** Loads, stores and atomic operations. */
final class MemoryOps {
  private MemoryOps() {}

  /** {@code ld}, also of vectors. */
  static final class Load extends MemoryOp {
    final PtxType type;
    final Operand.File file;
    final int[] d; // -1: nobody wants it

    Load(Space space, PtxType type, Operand.File file, int[] d, Base base) {
      super(space, type.bytes * d.length, base);
      this.type = type;
      this.file = file;
      this.d = d;
    }

    @Override
    void run(Warp w, int mask) {
      checkAddressKnown(w, mask);
      memory = null;
      if (type.bytes == 4 && file == Operand.File.B32) {
        words(w, mask);
      } else {
        general(w, mask);
      }
      for (int r : d) {
        if (r >= 0) {
          if (file == Operand.File.B32) {
            w.known32[r] |= mask;
          } else {
            w.known64[r] |= mask;
          }
        }
      }
    }

    private void words(Warp w, int mask) {
      for (int m = mask; m != 0; m &= m - 1) {
        int lane = Integer.numberOfTrailingZeros(m);
        resolve(w, lane);
        int word = (int) (at >> 2);
        for (int k = d.length - 1; k >= 0; k--) { // the address register may be the first
          int value = loadWord(w, lane, word + k);
          if (d[k] >= 0) {
            w.r32[d[k]][lane] = value;
          }
        }
      }
    }

    private void general(Warp w, int mask) {
      for (int m = mask; m != 0; m &= m - 1) {
        int lane = Integer.numberOfTrailingZeros(m);
        resolve(w, lane);
        long from = at;
        for (int k = 0; k < d.length; k++) {
          at = from + (long) k * type.bytes;
          int word = (int) (at >> 2);
          long value;
          if (type.bytes == 8) {
            value =
                loadWord(w, lane, word) & 0xffffffffL | (long) loadWord(w, lane, word + 1) << 32;
          } else if (type.bytes == 4) {
            value = loadWord(w, lane, word);
            value = type.signed ? value : value & 0xffffffffL;
          } else {
            value = Conversions.integer(type, loadPart(w, lane, type.bytes));
          }
          if (d[k] < 0) {
            continue;
          }
          if (file == Operand.File.B64) {
            w.r64[d[k]][lane] = value;
          } else {
            w.r32[d[k]][lane] = (int) value;
          }
        }
      }
    }
  }

  /** {@code st}, also of vectors. */
  static final class Store extends MemoryOp {
    final PtxType type;
    final Operand.File file;
    final int[] a;

    Store(Space space, PtxType type, Operand.File file, int[] a, Base base) {
      super(space, type.bytes * a.length, base);
      this.type = type;
      this.file = file;
      this.a = a;
    }

    @Override
    void run(Warp w, int mask) {
      checkAddressKnown(w, mask);
      memory = null;
      int known = -1;
      for (int r : a) {
        known &= file == Operand.File.B32 ? w.known32[r] : w.known64[r];
      }
      if ((mask & ~known) != 0 && space != Space.LOCAL) {
        throw w.unknownRegister(this, mask);
      }
      if (space == Space.CONST || space == Space.PARAM) {
        throw w.fault(this, Integer.numberOfTrailingZeros(mask), "writes to memory for reading");
      }
      for (int m = mask; m != 0; m &= m - 1) {
        int lane = Integer.numberOfTrailingZeros(m);
        resolve(w, lane);
        long to = at;
        for (int k = 0; k < a.length; k++) {
          at = to + (long) k * type.bytes;
          int word = (int) (at >> 2);
          if (type.bytes == 4) {
            storeWord(
                w,
                lane,
                word,
                file == Operand.File.B32 ? w.r32[a[k]][lane] : (int) w.r64[a[k]][lane]);
          } else if (type.bytes == 8) {
            long value = w.r64[a[k]][lane];
            storeWord(w, lane, word, (int) value);
            storeWord(w, lane, word + 1, (int) (value >>> 32));
          } else {
            storePart(
                w,
                lane,
                type.bytes,
                file == Operand.File.B32 ? w.r32[a[k]][lane] : (int) w.r64[a[k]][lane]);
          }
          if ((known >>> lane & 1) == 0) { // local memory: what has no value goes on having none
            for (long b = at; b < at + type.bytes; b += 4) {
              memory.state[(int) (b >> 2)] = 0;
            }
          }
        }
      }
    }
  }

  /** What an atomic operation makes of the old value and its operands. */
  @FunctionalInterface
  interface Change {
    long apply(long old, long b, long c);
  }

  /** {@code atom} and {@code red} of 4 or 8 bytes. */
  static final class Atomic extends MemoryOp {
    final Change change;
    final int d; // or -1
    final int b;
    final int c;

    Atomic(Space space, Change change, int bytes, int d, int b, int c, Base base) {
      super(space, bytes, base);
      this.change = change;
      this.d = d;
      this.b = b;
      this.c = c;
    }

    @Override
    void run(Warp w, int mask) {
      checkAddressKnown(w, mask);
      memory = null;
      int known = bytes == 4 ? w.known32[b] & w.known32[c] : w.known64[b] & w.known64[c];
      if ((mask & ~known) != 0) {
        throw w.unknownRegister(this, mask);
      }
      for (int m = mask; m != 0; m &= m - 1) {
        int lane = Integer.numberOfTrailingZeros(m);
        resolve(w, lane);
        int word = (int) (at >> 2);
        for (int k = 0; k < bytes / 4; k++) {
          if (memory.state[word + k] != Memory.WRITTEN) {
            throw badState(w, lane, word + k, true);
          }
          if (memory.writers != null) {
            Races.atomic(memory, word + k, w, w.stamp + lane, floor, this);
          }
        }
        if (bytes == 4) {
          int old = memory.words[word];
          memory.words[word] = (int) change.apply(old, w.r32[b][lane], w.r32[c][lane]);
          if (d >= 0) {
            w.r32[d][lane] = old;
          }
        } else {
          long old = memory.words[word] & 0xffffffffL | (long) memory.words[word + 1] << 32;
          long value = change.apply(old, w.r64[b][lane], w.r64[c][lane]);
          memory.words[word] = (int) value;
          memory.words[word + 1] = (int) (value >>> 32);
          if (d >= 0) {
            w.r64[d][lane] = old;
          }
        }
      }
      if (d >= 0) {
        if (bytes == 4) {
          w.known32[d] |= mask;
        } else {
          w.known64[d] |= mask;
        }
      }
    }
  }

  /**
   * {@code cp.async}: global to shared memory; the copy may not be used before it is waited for.
   */
  static final class AsyncCopy extends MemoryOp {
    final MemoryOp from;
    private final int size; // register with the bytes to copy; the rest is 0. Or -1: all

    AsyncCopy(int bytes, Base base, MemoryOp from, int size) {
      super(Space.SHARED, bytes, base);
      this.from = from;
      this.size = size;
    }

    /** How many bytes a lane reads. */
    int copied(Warp w, int lane) {
      return size < 0 ? bytes : Math.min(bytes, w.r32[size][lane]);
    }

    @Override
    void run(Warp w, int mask) {
      checkAddressKnown(w, mask);
      from.source = source;
      from.checkAddressKnown(w, mask);
      if (size >= 0 && (mask & ~w.known32[size]) != 0) {
        throw w.unknownRegister(this, mask);
      }
      from.memory = null;
      for (int m = mask; m != 0; m &= m - 1) {
        int lane = Integer.numberOfTrailingZeros(m);
        int copied = copied(w, lane);
        resolve(w, lane);
        int word = (int) (at >> 2);
        if (copied > 0) {
          from.resolve(w, lane);
        }
        for (int k = 0; k < bytes / 4; k++) {
          int left = copied - 4 * k;
          int value = left > 0 ? from.loadWord(w, lane, (int) (from.at >> 2) + k) : 0;
          if (left > 0 && left < 4) {
            value &= (1 << 8 * left) - 1;
          }
          storeWord(w, lane, word + k, value);
          memory.state[word + k] = Memory.IN_FLIGHT;
        }
        w.copies.add(lane, word, bytes / 4);
      }
    }
  }

  /** The global half of a {@code cp.async}. */
  static final class Source extends MemoryOp {
    Source(int bytes, Base base) {
      super(Space.GENERIC, bytes, base);
    }

    @Override
    void run(Warp w, int mask) {
      throw new IllegalStateException("cp.async: only a part of an instruction");
    }
  }
}
