package dev.troupe.autograd;

import java.util.concurrent.atomic.AtomicLong;

/** A thread's state of recording. */
final class Tape {
  private static final ThreadLocal<Tape> CURRENT = ThreadLocal.withInitial(Tape::new);
  private static final AtomicLong ORDER = new AtomicLong();
  private static final AtomicLong MARKS = new AtomicLong();

  final Op.Saved saved = new Op.Saved();
  boolean recording = true;

  static Tape current() {
    return CURRENT.get();
  }

  /** A number larger than that of any variable made before. */
  static long nextOrder() {
    return ORDER.incrementAndGet();
  }

  /** A mark that no variable carries yet. */
  static long nextMark() {
    return MARKS.incrementAndGet();
  }
}
