package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Check;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * How the classes of this package launch kernels: name the kernel, put its arguments in order,
 * launch.
 *
 * <pre>{@code
 * launcher.begin(kernel).put(x).put(y).put(n).launch(Grid.of(blocks, 256));
 * }</pre>
 *
 * <p>Kernels report indices that are outside their bounds into a record in device memory, which the
 * host reads at its next copy: see {@code fault.cuh}.
 */
final class Launcher {
  private static final int FAULT_WORDS = 4;
  private static final int GRIDS = 64;

  private final Machine machine;
  private final GpuMemory memory;
  private final Precision precision;
  private final Map<String, String> files = new HashMap<>(); // by module
  private final Map<String, String> texts = new HashMap<>(); // by file
  private final SortedSet<String> launched = new TreeSet<>();
  private final Arguments arguments = new Arguments();
  private final GpuBuffer fault; // INT32: kernel's op number or 0, index, position, bound
  private final int[] faultWords = new int[FAULT_WORDS];
  private final Grid[] grids = new Grid[GRIDS];
  private Blas blas; // null where there is none
  private boolean soughtBlas;
  private Dnn dnn; // null where there is none
  private boolean soughtDnn;
  private Kernel kernel;

  Launcher(Machine machine, GpuMemory memory, Precision precision) {
    this.machine = machine;
    this.precision = precision;
    this.memory = memory;
    this.fault = memory.allocate(ElementType.INT32, FAULT_WORDS);
    clearFault();
  }

  /**
   * A kernel from the file {@code module.ptx} beside this class, or from the newest variant of it
   * that the machine can run, such as {@code module.sm_80.ptx}. Slow the first time: keep the
   * result.
   */
  Kernel load(String module, String entry) {
    String file = files.computeIfAbsent(module, m -> KernelFiles.newest(m, machine.capability()));
    Kernel loaded = machine.load(file, texts.computeIfAbsent(file, KernelFiles::text), entry);
    launched.add(KernelFiles.name(file, entry)); // which is what it is loaded for
    return loaded;
  }

  /** The kernels that have been launched so far, by their names. */
  SortedSet<String> launched() {
    return Collections.unmodifiableSortedSet(launched);
  }

  /** Whether matrix products are to be made by tensor cores. */
  boolean tensorCores() {
    return precision == Precision.TF32;
  }

  /** Working memory of a launch, until {@link #giveBack}; later launches may then have it. */
  GpuBuffer borrow(ElementType type, int size) {
    return memory.allocate(type, size);
  }

  void giveBack(Buffer borrowed) {
    memory.release(borrowed);
  }

  Launcher begin(Kernel kernel) {
    this.kernel = kernel;
    arguments.clear();
    return this;
  }

  Launcher begin(Entry entry) {
    return begin(entry.kernel(this));
  }

  /** The machine's own matrix products, or null. */
  Blas blas() {
    if (!soughtBlas) {
      blas = memory.withRoom("the workspace of matrix products", machine::blas);
      soughtBlas = true;
    }
    return blas;
  }

  /** The machine's own convolutions, or null. */
  Dnn dnn() {
    if (!soughtDnn) {
      dnn = memory.withRoom("a library of convolutions", this::opened);
      soughtDnn = true;
    }
    return dnn;
  }

  private Dnn opened() {
    Dnn found = machine.dnn();
    if (found != null) {
      found.open();
    }
    return found;
  }

  /** Of matrix products and convolutions. */
  Precision precision() {
    return precision;
  }

  /** Where a live buffer of this device begins. */
  long address(Buffer buffer) {
    return memory.check(buffer).address();
  }

  /** The address of a live buffer of this device. */
  Launcher put(Buffer buffer) {
    arguments.put(address(buffer));
    return this;
  }

  /** The address of a live buffer of this device; 0 for null. */
  Launcher putOrNull(Buffer buffer) {
    return buffer == null ? put(0L) : put(buffer);
  }

  Launcher put(int value) {
    arguments.put(value);
    return this;
  }

  Launcher put(long value) {
    arguments.put(value);
    return this;
  }

  Launcher put(float value) {
    arguments.put(value);
    return this;
  }

  Launcher put(double value) {
    arguments.put(Double.doubleToRawLongBits(value));
    return this;
  }

  /** A {@code Divisor} of {@code walk.cuh}, which has no magic where it is less than 2. */
  Launcher putDivisor(int by) {
    boolean divides = by > 1;
    return put(by).put(divides ? Walk.magic(by) : 0).put(divides ? Walk.shift(by) : 0);
  }

  /**
   * Where the kernel reports a bad index, and as what: two parameters, the record's address and the
   * op's number.
   */
  Launcher putFault(FaultyOp op) {
    arguments.put(fault.address());
    arguments.put(op.ordinal() + 1);
    return this;
  }

  /** Launches a row of blocks, without garbage where it is a shape of late. */
  void launch(int blocks, int threads) {
    launch(blocks, threads, 1);
  }

  /** Launches a row of blocks of {@code threadsX · threadsY} threads. */
  void launch(int blocks, int threadsX, int threadsY) {
    launch(grid(blocks, threadsX, threadsY));
  }

  /** Launches a row of blocks, each of which computes a tile. */
  void launch(int blocks, TensorTile tile) {
    launch(grid(blocks, tile.threads, 1), tile.sharedBytes);
  }

  private Grid grid(int blocks, int threadsX, int threadsY) {
    int slot = (31 * blocks + threadsX) & (GRIDS - 1);
    Grid grid = grids[slot];
    if (grid == null
        || grid.x() != blocks
        || grid.threadsX() != threadsX
        || grid.threadsY() != threadsY) {
      grid = new Grid(blocks, 1, 1, threadsX, threadsY, 1);
      grids[slot] = grid;
    }
    return grid;
  }

  /**
   * Launches a thread for each four of {@code elements}: see {@code Group} in {@code walk.cuh}.
   * Small results go to small blocks, so that they are spread over the whole GPU.
   */
  void launchGroups(int elements) {
    int threads = elements >= 1 << 19 ? 256 : elements >= 1 << 17 ? 128 : 64;
    launch((elements - 1) / (4 * threads) + 1, threads);
  }

  /** The smallest power of two that is not below {@code n}. */
  static int powerOfTwo(int n) {
    return n <= 1 ? 1 : Integer.highestOneBit(n - 1) << 1;
  }

  void launch(Grid grid) {
    machine.launch(kernel, grid, 0, arguments);
  }

  void launch(Grid grid, int sharedBytes) {
    machine.launch(kernel, grid, sharedBytes, arguments);
  }

  /**
   * Throws what a kernel has reported since the last check; waits for all work.
   *
   * @throws IndexOutOfBoundsException as the devices of the host do
   */
  void checkFault() {
    machine.read(fault.address(), MemorySegment.ofArray(faultWords));
    if (faultWords[0] != 0) {
      FaultyOp op = FaultyOp.values()[faultWords[0] - 1];
      clearFault();
      Check.index(op.label(), faultWords[1], faultWords[2], faultWords[3]);
    }
  }

  private void clearFault() {
    machine.write(MemorySegment.ofArray(new int[FAULT_WORDS]), fault.address());
  }

  /** The ops whose kernels check values. */
  enum FaultyOp {
    TAKE_ALONG("takeAlong"),
    PUT_ALONG("putAlong"),
    GATHER("gather"),
    SCATTER_ADD("scatterAdd"),
    LINEAR_MAXOUT_INPUT_GRAD("linearMaxoutInputGrad"),
    LINEAR_MAXOUT_WEIGHT_GRAD("linearMaxoutWeightGrad");

    private final String label;

    FaultyOp(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }
}
