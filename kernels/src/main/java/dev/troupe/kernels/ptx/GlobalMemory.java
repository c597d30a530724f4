package dev.troupe.kernels.ptx;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The memory that launches share. Each allocation has pages of its own, so that an address tells
 * the allocation, and what lies between two belongs to none. Addresses are not used twice.
 */
final class GlobalMemory {
  private static final int PAGE_SHIFT = 14;
  static final long BASE = 0x10_0000_0000L;

  /** Bytes behind each allocation that belong to none. */
  private static final int GAP = 256;

  private Memory[] pages = new Memory[64];
  private int used = 1; // page 0 stays empty

  long allocate(long bytes) {
    int count = Math.toIntExact((bytes + GAP + (1 << PAGE_SHIFT) - 1) >>> PAGE_SHIFT);
    if (used + count > pages.length) {
      pages = Arrays.copyOf(pages, Math.max(2 * pages.length, used + count));
    }
    Memory memory = new Memory(BASE + ((long) used << PAGE_SHIFT), bytes, true);
    Arrays.fill(pages, used, used + count, memory);
    used += count;
    return memory.address;
  }

  void free(long address) {
    Memory memory = whole("free", address);
    memory.release();
    memory.freed = true;
  }

  /** The allocation on whose pages the address lies, even if behind its end; null if none. */
  Memory at(long address) {
    int page = page(address);
    return page > 0 && page < used ? pages[page] : null;
  }

  private static int page(long address) {
    long offset = address - BASE;
    return offset < 0 || offset >>> PAGE_SHIFT > Integer.MAX_VALUE
        ? 0
        : (int) (offset >>> PAGE_SHIFT);
  }

  void write(MemorySegment source, long target) {
    Memory memory = range("write", target, source.byteSize());
    long offset = target - memory.address;
    MemorySegment.copy(source, 0, MemorySegment.ofArray(memory.words), offset, source.byteSize());
    memory.markWritten(offset, source.byteSize());
  }

  void read(long source, MemorySegment target) {
    Memory memory = range("read", source, target.byteSize());
    MemorySegment.copy(
        MemorySegment.ofArray(memory.words), source - memory.address, target, 0, target.byteSize());
  }

  /** The allocation that begins at the address. */
  Memory whole(String what, long address) {
    Memory memory = at(address);
    if (memory == null || memory.freed || memory.address != address) {
      throw new IllegalArgumentException(
          String.format("ptx: %s: 0x%x is not where an allocation begins", what, address));
    }
    return memory;
  }

  private Memory range(String what, long address, long bytes) {
    Memory memory = at(address);
    if (memory == null
        || memory.released
        || address < memory.address
        || address - memory.address > memory.bytes - bytes) {
      throw new IllegalArgumentException(
          String.format(
              "ptx: %s: %d bytes at 0x%x are not inside an allocation", what, bytes, address));
    }
    return memory;
  }

  /** All allocations forget who accessed what. */
  void forget() {
    Memory last = null;
    for (int p = 0; p < used; p++) {
      if (pages[p] != null && pages[p] != last) {
        last = pages[p];
        last.forget();
      }
    }
  }

  void clear() {
    pages = new Memory[64];
    used = 1;
  }
}
