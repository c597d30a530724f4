package dev.troupe.kernels.ptx;

/** Loads, stores and atomic operations, with their checks. */
final class MemoryOps {
  private MemoryOps() {}

  /** State spaces. */
  enum Space {
    PARAM,
    GLOBAL,
    CONST,
    SHARED,
    LOCAL,
    GENERIC
  }

  // Where generic addresses of the spaces begin; global ones are as they are.
  static final long SHARED_WINDOW = 0x1_0000_0000L;
  static final long LOCAL_WINDOW = 0x2_0000_0000L;
  static final long CONST_WINDOW = 0x3_0000_0000L;
  static final long PARAM_WINDOW = 0x4_0000_0000L;

  /** An instruction with an address. */
  abstract static class MemoryOp extends Op {
    final Space space;
    final int bytes; // of an access
    final boolean wide; // whether the register with the address has 64 bits
    final int base; // register
    final long offset;

    // What the lane's address was found to be in.
    Memory memory;
    long at;
    long floor;

    MemoryOp(Space space, int bytes, boolean wide, int base, long offset) {
      this.space = space;
      this.bytes = bytes;
      this.wide = wide;
      this.base = base;
      this.offset = offset;
    }

    void checkAddressKnown(Warp w, int mask) {
      if ((mask & ~(wide ? w.known64[base] : w.known32[base])) != 0) {
        throw w.unknownRegister(this, mask);
      }
    }

    long address(Warp w, int lane) {
      return wide ? w.r64[base][lane] + offset : w.r32[base][lane] + (int) offset & 0xffffffffL;
    }

    /** Finds and checks what the lane accesses: {@link #memory}, {@link #at}, {@link #floor}. */
    void resolve(Warp w, int lane) {
      long address = address(w, lane);
      if (space == Space.GLOBAL || space == Space.GENERIC) {
        Memory m = memory;
        long o = m == null ? -1 : address - m.address;
        if (o >= 0
            && o + bytes <= m.bytes
            && (o & bytes - 1) == 0
            && m.address >= GlobalMemory.BASE
            && !m.pooled
            && !m.freed) {
          at = o;
          return;
        }
      }
      resolve(w, lane, space, address);
    }

    void resolve(Warp w, int lane, Space in, long address) {
      BlockRun block = w.block;
      switch (in) {
        case GLOBAL -> {
          memory = block.global.at(address);
          floor = block.launchFloor;
          if (memory == null || memory.freed || memory.pooled) {
            throw nowhere(w, lane, address);
          }
          at = address - memory.address;
        }
        case SHARED -> {
          memory = block.shared;
          floor = block.blockFloor;
          at = address;
        }
        case LOCAL -> {
          memory = w.local;
          at = address;
          if (at < 0 || at + bytes > block.program.localBytes) {
            throw w.fault(
                this,
                lane,
                String.format(
                    "%d bytes at local address %d are outside this thread's local memory of %d"
                        + " bytes",
                    bytes, address, block.program.localBytes));
          }
          checkAligned(w, lane, address);
          at += (long) lane * block.program.localBytes;
          return;
        }
        case CONST -> {
          memory = block.constants;
          at = address;
        }
        case PARAM -> {
          memory = block.arguments;
          at = address;
        }
        case GENERIC -> {
          if (address >= GlobalMemory.BASE) {
            resolve(w, lane, Space.GLOBAL, address);
          } else if (address >= PARAM_WINDOW) {
            resolve(w, lane, Space.PARAM, address - PARAM_WINDOW);
          } else if (address >= CONST_WINDOW) {
            resolve(w, lane, Space.CONST, address - CONST_WINDOW);
          } else if (address >= LOCAL_WINDOW) {
            resolve(w, lane, Space.LOCAL, address - LOCAL_WINDOW);
          } else if (address >= SHARED_WINDOW) {
            resolve(w, lane, Space.SHARED, address - SHARED_WINDOW);
          } else {
            throw nowhere(w, lane, address);
          }
          return;
        }
      }
      if (at < 0 || at + bytes > memory.bytes) {
        throw outside(w, lane, in, address);
      }
      checkAligned(w, lane, address);
    }

    private void checkAligned(Warp w, int lane, long address) {
      if ((address & bytes - 1) != 0) {
        throw w.fault(
            this,
            lane,
            String.format(
                "misaligned: %d bytes at 0x%x, expected a multiple of %d", bytes, address, bytes));
      }
    }

    private PtxFault nowhere(Warp w, int lane, long address) {
      Memory m = w.block.global.at(address);
      String what =
          m == null
              ? "no allocation is there"
              : String.format(
                  "the allocation of %d bytes there has been %s",
                  m.bytes, m.freed ? "freed" : "released to the pool");
      return w.fault(this, lane, String.format("%d bytes at 0x%x: %s", bytes, address, what));
    }

    private PtxFault outside(Warp w, int lane, Space in, long address) {
      long behind = at - memory.bytes;
      String where =
          at < 0
              ? -at + " bytes before"
              : behind >= 0 ? behind + " bytes behind the end of" : "across the end of";
      String what =
          switch (in) {
            case GLOBAL -> "an allocation";
            case SHARED -> "shared memory";
            case PARAM -> "the arguments";
            default -> "constant memory";
          };
      return w.fault(
          this,
          lane,
          String.format(
              "out of bounds: %d bytes at 0x%x, %s %s of %d bytes",
              bytes, address, where, what, memory.bytes));
    }

    /** Why a word cannot be read or written. */
    PtxFault badState(Warp w, int lane, int word, boolean read) {
      int state = memory.state[word];
      String what;
      if ((state & Memory.RED_ZONE) != 0) {
        what = "out of bounds: belongs to no variable";
      } else if ((state & Memory.IN_FLIGHT) != 0) {
        what = "cp.async has not been waited for";
      } else {
        what = "uninitialised: nobody has written it";
      }
      return w.fault(
          this,
          lane,
          String.format(
              "%s 4 bytes at 0x%x: %s%s",
              read ? "reads" : "writes",
              memory.address + 4L * word,
              what,
              memory == w.block.shared ? " (shared memory)" : ""));
    }

    int loadWord(Warp w, int lane, int word) {
      Memory m = memory;
      if (m.state[word] != Memory.WRITTEN) {
        throw badState(w, lane, word, true);
      }
      long[] writers = m.writers;
      if (writers != null) {
        long me = w.stamp + lane;
        if (writers[word] >= floor) {
          Races.read(m, word, w, me, floor, this);
        } else {
          long[] readers = m.readers;
          if (readers[word] < floor) {
            readers[word] = me;
          } else if (readers[word] != me) {
            Races.noteRead(m, word, w, me, floor);
          }
        }
      }
      return m.words[word];
    }

    void storeWord(Warp w, int lane, int word, int value) {
      Memory m = memory;
      if ((m.state[word] & ~Memory.WRITTEN) != 0) {
        throw badState(w, lane, word, false);
      }
      if (m.writers != null) {
        Races.write(m, word, w, w.stamp + lane, floor, this);
      }
      m.words[word] = value;
      m.state[word] = Memory.WRITTEN;
    }

    int loadPart(Warp w, int lane, int size) {
      int word = (int) (at >> 2);
      int bits = (1 << size) - 1 << (at & 3);
      int state = memory.state[word];
      if ((state & ~Memory.WRITTEN) != 0 || (state & bits) != bits) {
        throw badState(w, lane, word, true);
      }
      int value = memory.getByte(at);
      return size == 1 ? value : value | memory.getByte(at + 1) << 8;
    }

    void storePart(Warp w, int lane, int size, int value) {
      int word = (int) (at >> 2);
      if ((memory.state[word] & ~Memory.WRITTEN) != 0) {
        throw badState(w, lane, word, false);
      }
      memory.setByte(at, value);
      memory.state[word] |= (byte) (1 << (at & 3));
      if (size == 2) {
        memory.setByte(at + 1, value >> 8);
        memory.state[word] |= (byte) (2 << (at & 3));
      }
    }
  }

  /** {@code ld}, also of vectors. */
  static final class Load extends MemoryOp {
    final PtxType type;
    final Operand.File file;
    final int[] d; // -1: nobody wants it

    Load(
        Space space,
        PtxType type,
        Operand.File file,
        int[] d,
        boolean wide,
        int base,
        long offset) {
      super(space, type.bytes * d.length, wide, base, offset);
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

    Store(
        Space space,
        PtxType type,
        Operand.File file,
        int[] a,
        boolean wide,
        int base,
        long offset) {
      super(space, type.bytes * a.length, wide, base, offset);
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

    Atomic(
        Space space,
        Change change,
        int bytes,
        int d,
        int b,
        int c,
        boolean wide,
        int base,
        long offset) {
      super(space, bytes, wide, base, offset);
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
    private final MemoryOp from;
    private final int size; // register with the bytes to copy; the rest is 0. Or -1: all

    AsyncCopy(int bytes, boolean wide, int base, long offset, MemoryOp from, int size) {
      super(Space.SHARED, bytes, wide, base, offset);
      this.from = from;
      this.size = size;
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
        int copied = size < 0 ? bytes : Math.min(bytes, w.r32[size][lane]);
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
    Source(int bytes, boolean wide, int base, long offset) {
      super(Space.GENERIC, bytes, wide, base, offset);
    }

    @Override
    void run(Warp w, int mask) {
      throw new IllegalStateException("cp.async: only a part of an instruction");
    }
  }
}
