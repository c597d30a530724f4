package dev.troupe.kernels.cpu;

import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.HostMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places for buffers of which only some are in use at a time, in few arrays: two may share elements
 * where the last use of one is before the first of the other. What is used soon after each other
 * lies together, at the beginning, and so stays in a cache.
 */
final class Arena {
  /** Elements of an array, unless one buffer alone needs more. */
  private static final int LEAST = 1 << 24;

  /** Buffers begin at 64 bytes, as large ones of a {@link HostMemory} do. */
  private static final int ALIGNMENT = 16;

  private final ElementType type;
  private final List<Slab> slabs = new ArrayList<>();

  /** A place, from the first to the last of the moments in which it is used. */
  private record Block(int offset, int size, int last) {}

  private static final class Slab {
    final int capacity;
    int used;
    final List<Block> blocks = new ArrayList<>(); // in use, by offset

    Slab(int capacity) {
      this.capacity = capacity;
    }
  }

  /** Elements of one of the arrays that {@link Arena#arrays} gives. */
  record Place(int array, int offset, int size) {}

  Arena(ElementType type) {
    this.type = type;
  }

  /**
   * A place for {@code size} elements from moment {@code first} to moment {@code last}, both
   * included; moments rise from call to call.
   */
  Place place(int size, int first, int last) {
    for (int i = 0; ; i++) {
      if (i == slabs.size()) {
        slabs.add(new Slab(Math.max(LEAST, size)));
      }
      Slab slab = slabs.get(i);
      slab.blocks.removeIf(block -> block.last < first);
      int at = gap(slab, size);
      if (at >= 0) {
        slab.blocks.add(new Block(at, size, last));
        slab.blocks.sort(Comparator.comparingInt(Block::offset));
        slab.used = Math.max(slab.used, at + size);
        return new Place(i, at, size);
      }
    }
  }

  private static int gap(Slab slab, int size) {
    int at = 0;
    for (Block block : slab.blocks) {
      if (block.offset - at >= size) {
        return at;
      }
      at = block.offset + block.size;
      at += Math.floorMod(-at, ALIGNMENT);
    }
    return slab.capacity - at >= size ? at : -1;
  }

  /** New arrays, as large as the places that were given need. */
  List<HostBuffer> arrays(HostMemory memory) {
    return slabs.stream().map(slab -> memory.allocate(type, length(slab.used))).toList();
  }

  /** Large arrays are made large enough to be aligned. */
  private static int length(int used) {
    return used < Tiles.LEAST_ALIGNED / 4 ? used : Math.max(used, Tiles.LEAST_ALIGNED);
  }
}
