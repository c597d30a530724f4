package dev.troupe.bench;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.gpu.Machine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/** One device for each precision and use of libraries: opening one compiles its kernels. */
final class GpuDevices implements AutoCloseable {
  /** Who computes matrix products and convolutions. */
  enum Libraries {
    /** Our own kernels alone. */
    NONE,
    /** Libraries where they are expected to be faster. */
    USUAL,
    /** The library of convolutions wherever it can. */
    EVERYWHERE
  }

  /** An open device and its machine. */
  record Opened(Machine machine, GpuDevice device) {}

  private record Use(Precision precision, Libraries libraries) {}

  private Supplier<Machine> usual;
  private final Supplier<Machine> none;
  private Supplier<Machine> everywhere;
  private final Map<Use, Opened> open = new HashMap<>();

  GpuDevices(Supplier<Machine> usual, Supplier<Machine> none, Supplier<Machine> everywhere) {
    this.usual = usual;
    this.none = none;
    this.everywhere = everywhere;
  }

  /** From now on our own kernels alone stand in for that use of libraries, which cannot be used. */
  void doWithout(Libraries libraries) {
    close();
    switch (libraries) {
      case NONE -> throw new IllegalArgumentException("gpu-check: there is nothing less");
      case USUAL -> usual = none;
      case EVERYWHERE -> everywhere = none;
    }
  }

  /** Another machine; the caller closes it. */
  Machine machine(Libraries libraries) {
    return switch (libraries) {
      case NONE -> none.get();
      case USUAL -> usual.get();
      case EVERYWHERE -> everywhere.get();
    };
  }

  /** The device for this use. */
  Opened get(Precision precision, Libraries libraries) {
    return open.computeIfAbsent(
        new Use(precision, libraries),
        use -> {
          Machine machine = machine(libraries);
          return new Opened(machine, new GpuDevice(machine, precision, true));
        });
  }

  /** What our own kernels have launched on the devices that are open. */
  SortedSet<String> launched() {
    SortedSet<String> names = new TreeSet<>();
    open.forEach((use, one) -> {
      if (use.libraries == Libraries.NONE) {
        names.addAll(one.device.launched());
      }
    });
    return names;
  }

  /** Buffers that are given back together. */
  static final class Buffers implements AutoCloseable {
    private final GpuDevice device;
    private final List<Buffer> taken = new ArrayList<>();
    private int streams;

    Buffers(GpuDevice device) {
      this.device = device;
    }

    Buffer empty(ElementType type, long size) {
      Buffer buffer = device.allocate(type, Math.toIntExact(size));
      taken.add(buffer);
      return buffer;
    }

    Buffer empty(long size) {
      return empty(ElementType.REAL, size);
    }

    /** Normal numbers, others for each buffer. */
    Buffer normal(long size) {
      return random(empty(size), Distribution.NORMAL, 0, 1);
    }

    /** Numbers from 0.5 to 1.5. */
    Buffer positive(long size) {
      return random(empty(size), Distribution.UNIFORM, 0.5, 1.5);
    }

    /** Whole numbers from 0 below {@code bound}. */
    Buffer indices(long size, int bound) {
      return random(empty(ElementType.INT32, size), Distribution.INTEGER, bound, 0);
    }

    Buffer of(int value) {
      Buffer buffer = empty(ElementType.INT32, 1);
      device.write(new int[] {value}, buffer);
      return buffer;
    }

    private Buffer random(Buffer buffer, Distribution distribution, double p, double q) {
      Buffer zero = of(0);
      device.run(
          new Primitive.Random(
              distribution, p, q, 1, streams++, zero, zero, buffer.size(), buffer));
      return buffer;
    }

    @Override
    public void close() {
      taken.forEach(device::release);
      taken.clear();
    }
  }

  /** Closes all; those that are asked for afterwards are opened anew. */
  @Override
  public void close() {
    for (Opened one : open.values()) {
      try {
        one.device.close();
      } catch (IllegalStateException _) {
        // What a GPU says that has failed before was reported then.
      }
    }
    open.clear();
  }
}
