package dev.troupe.kernels.ptx;

import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import java.lang.foreign.MemorySegment;

/** Runs PTX text in tests: a machine, and short ways to fill and read its memory. */
final class Interpreted implements AutoCloseable {
  final PtxMachine machine;

  Interpreted(PtxMachine machine) {
    this.machine = machine;
  }

  Interpreted() {
    this(new PtxMachine());
  }

  /** Memory that nobody has written. */
  long empty(int words) {
    return machine.allocate(4L * words);
  }

  long floats(float... values) {
    long address = machine.allocate(4L * values.length);
    machine.write(MemorySegment.ofArray(values), address);
    return address;
  }

  long ints(int... values) {
    long address = machine.allocate(4L * values.length);
    machine.write(MemorySegment.ofArray(values), address);
    return address;
  }

  long longs(long... values) {
    long address = machine.allocate(8L * values.length);
    machine.write(MemorySegment.ofArray(values), address);
    return address;
  }

  float[] floats(long address, int count) {
    float[] values = new float[count];
    machine.read(address, MemorySegment.ofArray(values));
    return values;
  }

  int[] ints(long address, int count) {
    int[] values = new int[count];
    machine.read(address, MemorySegment.ofArray(values));
    return values;
  }

  long[] longs(long address, int count) {
    long[] values = new long[count];
    machine.read(address, MemorySegment.ofArray(values));
    return values;
  }

  void launch(String ptx, String entry, Grid grid, Arguments arguments) {
    machine.launch(machine.load("test.ptx", ptx, entry), grid, 0, arguments);
  }

  @Override
  public void close() {
    machine.close();
  }

  /** A file with one kernel {@code k} of the given parameters and body. */
  static String kernel(String parameters, String body) {
    return """
    .version 7.5
    .target sm_80
    .address_size 64
    .visible .entry k(%s)
    {
    %s
    }
    """
        .formatted(parameters, body);
  }
}
