package dev.troupe.kernels;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Buffers that nobody uses, in lists by type and exact size, and how many of each are in use. A
 * table with open addressing: a HashMap would box its keys.
 */
final class FreeLists {
  private Line[] lines = new Line[64];
  private int used;

  private static final class Line {
    final ElementType type;
    final int size;
    PooledBuffer first;
    int live;

    Line(ElementType type, int size) {
      this.type = type;
      this.size = size;
    }

    long bytes(int realBytes) {
      return (long) live * size * (type == ElementType.REAL ? realBytes : Integer.BYTES);
    }
  }

  /** The buffer that was added last, taken out of its list; null if there is none. */
  PooledBuffer take(ElementType type, int size) {
    return take(line(type, size));
  }

  private static PooledBuffer take(Line line) {
    PooledBuffer buffer = line.first;
    if (buffer != null) {
      line.first = buffer.nextFree;
      buffer.nextFree = null;
    }
    return buffer;
  }

  void add(PooledBuffer buffer) {
    Line line = line(buffer.type(), buffer.size());
    buffer.nextFree = line.first;
    line.first = buffer;
  }

  /** Any buffer, taken out of its list; null if there is none left. */
  PooledBuffer takeAny() {
    for (Line line : lines) {
      if (line != null && line.first != null) {
        return take(line);
      }
    }
    return null;
  }

  /** Counts buffers that are in use. */
  void addLive(PooledBuffer buffer, int count) {
    line(buffer.type(), buffer.size()).live += count;
  }

  /** The sizes whose buffers in use take the most memory, such as {@code 3 REAL of 1000}. */
  String largestLive(int most, int realBytes) {
    return Arrays.stream(lines)
        .filter(Objects::nonNull)
        .filter(line -> line.live > 0)
        .sorted(Comparator.comparingLong((Line line) -> line.bytes(realBytes)).reversed())
        .limit(most)
        .map(line -> line.live + " " + line.type + " of " + line.size)
        .collect(Collectors.joining(", "));
  }

  /** The list of a size, which begins to be if there is none. */
  private Line line(ElementType type, int size) {
    int mask = lines.length - 1;
    int at = start(type, size, mask);
    while (lines[at] != null) {
      if (lines[at].size == size && lines[at].type == type) {
        return lines[at];
      }
      at = (at + 1) & mask;
    }
    if (2 * used >= lines.length) {
      grow();
      return line(type, size);
    }
    used++;
    lines[at] = new Line(type, size);
    return lines[at];
  }

  private void grow() {
    Line[] old = lines;
    lines = new Line[2 * old.length];
    int mask = lines.length - 1;
    for (Line line : old) {
      if (line != null) {
        int at = start(line.type, line.size, mask);
        while (lines[at] != null) {
          at = (at + 1) & mask;
        }
        lines[at] = line;
      }
    }
  }

  private static int start(ElementType type, int size, int mask) {
    long key = ((long) size << 1) | type.ordinal();
    return (int) ((key * 0x9E3779B97F4A7C15L) >>> 40) & mask;
  }
}
