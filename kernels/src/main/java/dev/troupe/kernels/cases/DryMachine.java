package dev.troupe.kernels.cases;

import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import dev.troupe.kernels.gpu.Kernel;
import dev.troupe.kernels.gpu.Machine;
import java.lang.foreign.MemorySegment;

/** Has addresses and no memory, and makes no launch: to see what a primitive would launch. */
public final class DryMachine implements Machine {
  private record Name(String module, String entry) implements Kernel {}

  private final int capability;
  private long next = 256;
  private long launches;

  /** Of a capability, which see. */
  public DryMachine(int capability) {
    this.capability = capability;
  }

  /** How many it was asked for. */
  public long launches() {
    return launches;
  }

  @Override
  public String name() {
    return "dry";
  }

  @Override
  public int capability() {
    return capability;
  }

  @Override
  public long allocate(long bytes) {
    long address = next;
    next += (bytes + 255) & -256;
    return address;
  }

  @Override
  public void free(long address) {}

  @Override
  public void write(MemorySegment source, long target) {}

  @Override
  public void read(long source, MemorySegment target) {}

  @Override
  public Kernel load(String module, String ptx, String entry) {
    return new Name(module, entry);
  }

  @Override
  public void launch(Kernel kernel, Grid grid, int sharedBytes, Arguments arguments) {
    launches++;
  }

  @Override
  public void synchronize() {}

  @Override
  public void close() {}
}
