package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.cases.CaseRun;
import dev.troupe.kernels.cases.CaseRun.Results;
import dev.troupe.kernels.cases.CaseRun.Worst;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.gpu.Dnn;
import dev.troupe.kernels.gpu.ForwardingMachine;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What a GPU device asks of a machine's library of convolutions: addresses of members, biases,
 * working memory. The library is the reference, on the interpreter's memory.
 */
class LibraryConvolutionTest {
  @Test
  void aLibraryGivesWhatOurOwnKernelsGive() {
    Map<String, Worst> table = new HashMap<>();
    List<String> wrong = new ArrayList<>();
    try (Device reference = new ReferenceDevice();
        LendingMachine machine = new LendingMachine();
        Device device = new GpuDevice(machine)) {
      for (Case c : PrimitiveCases.convolutions()) {
        Results expected = CaseRun.run(c, reference);
        Inputs aligned = new Inputs(device, c.label().hashCode(), true);
        Results found = CaseRun.run(c, device, aligned);
        CaseRun.compare(c, expected, found, table, wrong);
      }
      assertThat(wrong).isEmpty();
      assertThat(machine.convolutions).isGreaterThan(60);
      assertThat(machine.asked)
          .containsExactlyInAnyOrder(
              "FORWARD",
              "FORWARD with a bias",
              "INPUT_GRAD",
              "INPUT_GRAD with a bias",
              "WEIGHT_GRAD");
      assertThat(device.memory().live()).as("working memory is given back").isLessThan(100);
    }
  }

  /** The interpreter, with a library. */
  private static final class LendingMachine extends ForwardingMachine implements Dnn {
    private static final int WORKING = 1001;

    private final Device reference = new ReferenceDevice();
    private final Set<String> asked = new HashSet<>();
    private int convolutions;

    LendingMachine() {
      super(new PtxMachine());
    }

    @Override
    public Dnn dnn() {
      return this;
    }

    @Override
    public void open() {}

    @Override
    public boolean takes(int members, Convolution convolution) {
      return true;
    }

    @Override
    public long workspace(Convolution convolution) {
      return convolution.pass() == Pass.FORWARD ? WORKING : 0;
    }

    @Override
    public void run(
        int members, Convolution c, long x, long weight, long y, boolean add, long workspace) {
      convolutions++;
      asked.add(c.pass() + (add ? " with a bias" : ""));
      assertThat(workspace != 0).isEqualTo(c.pass() == Pass.FORWARD);
      if (workspace != 0) {
        write(MemorySegment.ofArray(new byte[WORKING]), workspace);
      }
      Buffer xs = buffer(x, members * c.x(), add || c.pass() != Pass.INPUT_GRAD);
      Buffer weights = buffer(weight, members * c.weight(), c.pass() != Pass.WEIGHT_GRAD);
      Buffer ys = buffer(y, members * c.y(), add || c.pass() != Pass.FORWARD);
      Primitive primitive = c.primitive(members, xs, weights, ys);
      Buffer result = primitive.writes().getFirst();
      double[] there = new double[result.size()];
      reference.read(result, there);
      reference.run(primitive);
      double[] values = new double[result.size()];
      reference.read(result, values);
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) (add ? values[i] + there[i] : values[i]);
      }
      long to = result == xs ? x : result == ys ? y : weight;
      write(MemorySegment.ofArray(floats), to);
      List.of(xs, weights, ys).forEach(reference::release);
    }

    /** On the reference; zeros where nothing is there yet. */
    private Buffer buffer(long address, long size, boolean there) {
      float[] values = new float[Math.toIntExact(size)];
      if (there) {
        read(address, MemorySegment.ofArray(values));
      }
      Buffer buffer = reference.allocate(ElementType.REAL, values.length);
      reference.write(values, buffer);
      return buffer;
    }

    /** Otherwise the device would put a recorder between, which lends no library. */
    @Override
    public boolean canCapture() {
      return true;
    }

    @Override
    public void close() {
      super.close();
      reference.close();
    }
  }
}
