package dev.troupe.kernels.ptx;

/** An instruction with an address: finds what it points at, and checks each access. */
abstract class MemoryOp extends Op {
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
  private static final long SHARED_WINDOW = 0x1_0000_0000L;
  private static final long LOCAL_WINDOW = 0x2_0000_0000L;
  private static final long CONST_WINDOW = 0x3_0000_0000L;
  private static final long PARAM_WINDOW = 0x4_0000_0000L;

  /**
   * Where an address is.
   *
   * @param wide whether the register has 64 bits
   * @param register with the address, or with a constant
   * @param offset to be added to it
   */
  record Base(boolean wide, int register, long offset) {}

  final Space space;
  final int bytes; // of an access
  private final boolean wide;
  private final int base;
  private final long offset;

  // What the lane's address was found to be in.
  Memory memory;
  long at;
  long floor;

  MemoryOp(Space space, int bytes, Base base) {
    this.space = space;
    this.bytes = bytes;
    this.wide = base.wide;
    this.base = base.register;
    this.offset = base.offset;
  }

  void checkAddressKnown(Warp w, int mask) {
    if ((mask & ~(wide ? w.known64[base] : w.known32[base])) != 0) {
      throw w.unknownRegister(this, mask);
    }
  }

  long address(Warp w, int lane) {
    return wide ? w.r64[base][lane] + offset : w.r32[base][lane] + (int) offset & 0xffffffffL;
  }

  /** Where the generic addresses of a space begin. */
  static long window(Space space) {
    return switch (space) {
      case SHARED -> SHARED_WINDOW;
      case LOCAL -> LOCAL_WINDOW;
      case CONST -> CONST_WINDOW;
      case PARAM -> PARAM_WINDOW;
      case GLOBAL, GENERIC -> 0;
    };
  }

  /** Which memory an address is in; GENERIC if in none. */
  final Space spaceOf(long address) {
    if (space != Space.GENERIC) {
      return space;
    }
    return address >= GlobalMemory.BASE
        ? Space.GLOBAL
        : address >= PARAM_WINDOW
            ? Space.PARAM
            : address >= CONST_WINDOW
                ? Space.CONST
                : address >= LOCAL_WINDOW
                    ? Space.LOCAL
                    : address >= SHARED_WINDOW ? Space.SHARED : Space.GENERIC;
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
          && !m.released) {
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
        if (memory == null || memory.released) {
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
        Space found = spaceOf(address);
        if (found == Space.GENERIC) {
          throw nowhere(w, lane, address);
        }
        resolve(w, lane, found, address - window(found));
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
