package dev.troupe.kernels.gpu;

import dev.troupe.kernels.KernelTime;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/** A machine that hands everything to another one; what extends it changes a part of that. */
public abstract class ForwardingMachine implements Machine {
  private final Machine inner;

  protected ForwardingMachine(Machine inner) {
    this.inner = inner;
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public int capability() {
    return inner.capability();
  }

  @Override
  public String description() {
    return inner.description();
  }

  @Override
  public Map<String, String> properties() {
    return inner.properties();
  }

  @Override
  public String room() {
    return inner.room();
  }

  @Override
  public long freeBytes() {
    return inner.freeBytes();
  }

  @Override
  public long allocate(long bytes) {
    return inner.allocate(bytes);
  }

  @Override
  public void free(long address) {
    inner.free(address);
  }

  @Override
  public void write(MemorySegment source, long target) {
    inner.write(source, target);
  }

  @Override
  public void copy(long source, long target, long bytes) {
    inner.copy(source, target, bytes);
  }

  @Override
  public void read(long source, MemorySegment target) {
    inner.read(source, target);
  }

  @Override
  public Kernel load(String module, String ptx, String entry) {
    return inner.load(module, ptx, entry);
  }

  @Override
  public void launch(Kernel kernel, Grid grid, int sharedBytes, Arguments arguments) {
    inner.launch(kernel, grid, sharedBytes, arguments);
  }

  @Override
  public boolean canCapture() {
    return inner.canCapture();
  }

  @Override
  public void beginCapture() {
    inner.beginCapture();
  }

  @Override
  public Graph endCapture() {
    return inner.endCapture();
  }

  @Override
  public Blas blas() {
    return inner.blas();
  }

  @Override
  public Dnn dnn() {
    return inner.dnn();
  }

  @Override
  public Ranges ranges() {
    return inner.ranges();
  }

  @Override
  public double seconds(Runnable work) {
    return inner.seconds(work);
  }

  @Override
  public void beginProfile() {
    inner.beginProfile();
  }

  @Override
  public List<KernelTime> endProfile() {
    return inner.endProfile();
  }

  @Override
  public void handOut(long address, long bytes) {
    inner.handOut(address, bytes);
  }

  @Override
  public void takeBack(long address, long bytes) {
    inner.takeBack(address, bytes);
  }

  @Override
  public void synchronize() {
    inner.synchronize();
  }

  @Override
  public void close() {
    inner.close();
  }
}
