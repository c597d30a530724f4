package dev.troupe.kernels.cpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.HostMemory;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cpu.StepPlanner.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Memory for the buffers that a step takes and releases. {@link Arena Arenas} hold each from its
 * first use to its last. What is used in one stretch alone, by each member its own slice, needs to
 * be there only for the members that are at work: as often as there are threads, and each member
 * finds the places of the last one in the cache.
 */
final class Placement {
  private final Map<HostBuffer, Life> lives = new IdentityHashMap<>();
  private final List<Arrays> ofThreads = new ArrayList<>();
  private final Arrays ofRest;

  /** When a buffer is used. Moments count the primitives of the plan. */
  private static final class Life {
    final HostBuffer buffer;
    final Part part; // the first in which it is used
    final int partBegins;
    final int first;
    int last;
    int partEnds; // the last in which it is used
    boolean ofMembers = true; // is used in one part, by each member its own slice
    Arena.Place place; // of the whole, or of the slice of a member
    Arena.Place restPlace; // of the slices of the members that are too few for all threads

    Life(HostBuffer buffer, Part part, int partBegins, int first) {
      this.buffer = buffer;
      this.part = part;
      this.partBegins = partBegins;
      this.first = first;
    }

    /** Elements of a member. */
    int each() {
      return buffer.size() / part.members();
    }
  }

  /** An arena for each type. */
  private static final class Arenas {
    private final Map<ElementType, Arena> byType = new EnumMap<>(ElementType.class);

    Arena.Place place(Life life, int size, int first, int last) {
      return byType.computeIfAbsent(life.buffer.type(), Arena::new).place(size, first, last);
    }

    Arrays arrays(HostMemory memory) {
      Map<ElementType, List<HostBuffer>> arrays = new EnumMap<>(ElementType.class);
      byType.forEach((type, arena) -> arrays.put(type, arena.arrays(memory)));
      return new Arrays(arrays);
    }
  }

  private record Arrays(Map<ElementType, List<HostBuffer>> byType) {
    HostBuffer at(Life life, Arena.Place place) {
      return byType.get(life.buffer.type()).get(place.array()).slice(place.offset(), place.size());
    }

    void release(HostMemory memory) {
      byType.values().forEach(list -> list.forEach(memory::release));
    }
  }

  /**
   * Gives memory to all buffers of the plan that have none. It is released to whoever has reserved
   * it, those that are still in use excepted.
   */
  Placement(List<Part> plan, int threads, HostMemory memory) {
    int moment = 0;
    for (Part part : plan) {
      int begin = moment;
      for (Primitive primitive : part.primitives()) {
        use(part, primitive, begin, moment++);
      }
    }
    List<Life> shared = new ArrayList<>();
    List<Life> ofMembers = new ArrayList<>();
    for (Life life : lives.values()) {
      if (!life.buffer.isLive()) {
        (life.ofMembers ? ofMembers : shared).add(life);
      } else { // stays when the step is over
        life.ofMembers = false;
        memory.back(life.buffer);
      }
    }
    Arenas sharedArenas = new Arenas();
    shared.sort(Comparator.comparingInt(life -> life.partBegins));
    for (Life life : shared) {
      life.place = sharedArenas.place(life, life.buffer.size(), life.partBegins, life.partEnds);
    }
    Arenas threadArenas = new Arenas();
    Arenas restArenas = new Arenas();
    ofMembers.sort(Comparator.comparingInt(life -> life.first));
    for (Life life : ofMembers) {
      int rest = life.part.members() % threads;
      life.place = threadArenas.place(life, life.each(), life.first, life.last);
      if (rest > 1) {
        life.restPlace = restArenas.place(life, rest * life.each(), life.first, life.last);
      }
    }
    Arrays sharedArrays = sharedArenas.arrays(memory);
    shared.forEach(life -> life.buffer.takeMemory(sharedArrays.at(life, life.place)));
    for (int thread = 0; thread < threads; thread++) {
      ofThreads.add(threadArenas.arrays(memory));
    }
    ofRest = restArenas.arrays(memory);
    sharedArrays.release(memory);
    ofThreads.forEach(arrays -> arrays.release(memory));
    ofRest.release(memory);
  }

  private void use(Part part, Primitive primitive, int begin, int moment) {
    if (part.members() == 0) {
      use(part, 0, primitive, begin, moment);
    }
    for (int e = 0; e < part.members(); e++) {
      use(part, e, MemberCut.share(primitive, e, e + 1, part.members()), begin, moment);
    }
  }

  private void use(Part part, int member, Primitive primitive, int begin, int moment) {
    primitive.reads().forEach(buffer -> use(part, member, buffer, begin, moment));
    primitive.writes().forEach(buffer -> use(part, member, buffer, begin, moment));
  }

  private void use(Part part, int member, Buffer buffer, int begin, int moment) {
    HostBuffer used = (HostBuffer) buffer;
    if (used.hasMemory()) {
      return;
    }
    Life life = lives.computeIfAbsent(used.whole(), whole -> new Life(whole, part, begin, moment));
    life.last = moment;
    life.partEnds = begin + part.primitives().size() - 1;
    life.ofMembers &= life.part == part && isOfMember(used, member, part.members());
  }

  /** Whether a slice lies in what belongs to one member. */
  private static boolean isOfMember(HostBuffer used, int member, int members) {
    int size = used.whole().size();
    if (members == 0 || size == 0 || size % members != 0) {
      return false;
    }
    int each = size / members;
    int from = used.start() - member * each;
    return from >= 0 && from + used.size() <= each;
  }

  /** Where a slice of one member lies while a thread is at work on it. */
  UnaryOperator<HostBuffer> of(int thread, int member) {
    Arrays arrays = ofThreads.get(thread);
    return slice -> {
      Life life = lives.get(slice.whole());
      if (life == null || !life.ofMembers) {
        return slice;
      }
      int from = slice.start() - member * life.each();
      return arrays.at(life, life.place).slice(from, slice.size());
    };
  }

  /** Where the slices of all members from {@code first} on lie. */
  UnaryOperator<HostBuffer> ofRest(int first, int members) {
    if (members - first < 2) {
      return of(0, first);
    }
    return slice -> {
      Life life = lives.get(slice.whole());
      if (life == null || !life.ofMembers) {
        return slice;
      }
      int from = slice.start() - first * life.each();
      return ofRest.at(life, life.restPlace).slice(from, slice.size());
    };
  }
}
