package dev.troupe.kernels;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Counts the primitives that it passes on; those of a captured step once, when it is captured. */
public final class CountingDevice extends ForwardingDevice {
  private final TreeMap<String, Integer> byName = new TreeMap<>();
  private int total;

  /** In front of {@code inner}, which is closed with this. */
  public CountingDevice(Device inner) {
    super(inner);
  }

  @Override
  public void run(Primitive primitive) {
    total++;
    byName.merge(primitive.name(), 1, Integer::sum);
    super.run(primitive);
  }

  /** How many primitives have been run since the last {@link #reset}. */
  public int total() {
    return total;
  }

  /** The same by {@link Primitive#name()}, in the order of the names; a view. */
  public Map<String, Integer> byName() {
    return Collections.unmodifiableMap(byName);
  }

  /** Begins to count anew. */
  public void reset() {
    total = 0;
    byName.clear();
  }
}
