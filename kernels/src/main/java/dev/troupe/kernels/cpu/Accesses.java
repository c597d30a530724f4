package dev.troupe.kernels.cpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which members read and which write each element of the buffers that some primitives use. What
 * several members only read, or one member alone uses, may be used by them in any order; everything
 * else is a conflict.
 */
final class Accesses {
  private static final int NOBODY = -1;

  /** Several, or who is no member: in conflict with everybody. */
  private static final int MANY = -2;

  private final Map<HostBuffer, TreeMap<Integer, Use>> buffers = new IdentityHashMap<>();

  /** Of the elements from an entry's key to {@code to}. The entries of a buffer do not overlap. */
  private record Use(int to, int reader, int writer) {
    Use upTo(int end) {
      return new Use(end, reader, writer);
    }

    boolean conflictsWith(Use other) {
      return differ(writer, other.writer)
          || differ(writer, other.reader)
          || differ(reader, other.writer);
    }

    Use and(Use other) {
      return new Use(to, both(reader, other.reader), both(writer, other.writer));
    }

    private static boolean differ(int one, int other) {
      return one != NOBODY && other != NOBODY && (one == MANY || one != other);
    }

    private static int both(int one, int other) {
      if (differ(one, other)) {
        return MANY;
      }
      return one == NOBODY ? other : one;
    }
  }

  /** Of a primitive that is run whole. */
  static Accesses whole(Primitive primitive) {
    Accesses all = new Accesses();
    all.add(primitive, MANY);
    return all;
  }

  /** Of the members' shares of one primitive; null if these are in conflict with each other. */
  static Accesses shares(List<Primitive> shares) {
    Accesses all = new Accesses();
    for (int member = 0; member < shares.size(); member++) {
      Accesses own = new Accesses();
      own.add(shares.get(member), member);
      if (all.conflictsWith(own)) {
        return null;
      }
      all.add(own);
    }
    return all;
  }

  private void add(Primitive primitive, int who) {
    for (Buffer buffer : primitive.reads()) {
      add((HostBuffer) buffer, new Use(0, who, NOBODY));
    }
    for (Buffer buffer : primitive.writes()) {
      add((HostBuffer) buffer, new Use(0, NOBODY, who));
    }
  }

  private void add(HostBuffer buffer, Use use) {
    TreeMap<Integer, Use> uses = buffers.computeIfAbsent(buffer.whole(), _ -> new TreeMap<>());
    add(uses, buffer.start(), use.upTo(buffer.start() + buffer.size()));
  }

  /** Adds what others use. */
  void add(Accesses others) {
    others.buffers.forEach((whole, theirs) -> {
      TreeMap<Integer, Use> mine = buffers.computeIfAbsent(whole, _ -> new TreeMap<>());
      theirs.forEach((from, use) -> add(mine, from, use));
    });
  }

  private static void add(TreeMap<Integer, Use> uses, int from, Use use) {
    split(uses, from);
    split(uses, use.to);
    int at = from;
    while (at < use.to) {
      Map.Entry<Integer, Use> next = uses.ceilingEntry(at);
      if (next != null && next.getKey() == at) {
        uses.put(at, next.getValue().and(use));
        at = next.getValue().to;
      } else {
        int end = next == null ? use.to : Math.min(use.to, next.getKey());
        uses.put(at, use.upTo(end));
        at = end;
      }
    }
  }

  /** Lets no entry reach over {@code at}. */
  private static void split(TreeMap<Integer, Use> uses, int at) {
    Map.Entry<Integer, Use> before = uses.lowerEntry(at);
    if (before != null && before.getValue().to > at) {
      uses.put(before.getKey(), before.getValue().upTo(at));
      uses.put(at, before.getValue());
    }
  }

  /** Whether the order of these and the others matters. */
  boolean conflictsWith(Accesses others) {
    return others.buffers.entrySet().stream()
        .anyMatch(theirs -> conflict(buffers.get(theirs.getKey()), theirs.getValue()));
  }

  private static boolean conflict(TreeMap<Integer, Use> mine, TreeMap<Integer, Use> theirs) {
    if (mine == null) {
      return false;
    }
    for (Map.Entry<Integer, Use> entry : theirs.entrySet()) {
      Map.Entry<Integer, Use> one = mine.lowerEntry(entry.getValue().to);
      while (one != null && one.getValue().to > entry.getKey()) {
        if (one.getValue().conflictsWith(entry.getValue())) {
          return true;
        }
        one = mine.lowerEntry(one.getKey());
      }
    }
    return false;
  }
}
