package dev.troupe.kernels;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A device that computes nothing and has no memory: it counts how much another device would need
 * for the same work. Buffers have no contents, what is written is dropped, and 0 is read.
 */
public final class MemoryMeter implements Device {
  private final int realBytes;
  private final Map<Size, int[]> counts = new HashMap<>(); // live now, live at most
  private long live;
  private long peak;
  private long allocations;

  private record Size(ElementType type, int size) {}

  private record Blank(ElementType type, int size) implements Buffer {
    @Override
    public Buffer slice(int offset, int size) {
      return new Blank(type, size);
    }
  }

  /**
   * Nothing counted yet.
   *
   * @param realBytes bytes of a REAL element on the device in question
   */
  public MemoryMeter(int realBytes) {
    this.realBytes = realBytes;
  }

  /**
   * The bytes that a {@link BufferPool} comes to: of each size as many buffers as were in use at
   * the same time at most.
   */
  public long held() {
    return counts.entrySet().stream()
        .mapToLong(entry -> entry.getValue()[1] * bytes(entry.getKey()))
        .sum();
  }

  /** The elements of the largest buffer. */
  public int largest() {
    return counts.keySet().stream().mapToInt(Size::size).max().orElse(0);
  }

  private long bytes(Size of) {
    return (long) of.size * (of.type == ElementType.REAL ? realBytes : Integer.BYTES);
  }

  @Override
  public String name() {
    return "meter";
  }

  @Override
  public int realBytes() {
    return realBytes;
  }

  @Override
  public Buffer allocate(ElementType type, int size) {
    Size key = new Size(type, size);
    int[] count = counts.computeIfAbsent(key, _ -> new int[2]);
    count[0]++;
    if (count[0] > count[1]) {
      count[1] = count[0];
      allocations++;
    }
    live += bytes(key);
    peak = Math.max(peak, live);
    return new Blank(type, size);
  }

  @Override
  public void release(Buffer buffer) {
    Size key = new Size(buffer.type(), buffer.size());
    counts.get(key)[0]--;
    live -= bytes(key);
  }

  @Override
  public void run(Primitive primitive) {}

  @Override
  public void write(double[] source, Buffer target) {}

  @Override
  public void write(float[] source, Buffer target) {}

  @Override
  public void write(int[] source, Buffer target) {}

  @Override
  public void read(Buffer source, double[] target) {
    Arrays.fill(target, 0);
  }

  @Override
  public void read(Buffer source, float[] target) {
    Arrays.fill(target, 0);
  }

  @Override
  public void read(Buffer source, int[] target) {
    Arrays.fill(target, 0);
  }

  @Override
  public MemoryUse memory() {
    return new MemoryUse(live, held() - live, peak, allocations);
  }

  @Override
  public long room() {
    return Long.MAX_VALUE;
  }

  @Override
  public void close() {}
}
