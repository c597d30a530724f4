package dev.troupe.kernels.ptx;

import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import dev.troupe.kernels.gpu.Kernel;
import dev.troupe.kernels.gpu.Machine;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs kernels of PTX on the CPU, warp by warp, and stops at what a kernel must not do.
 *
 * <p>Found, as a {@link PtxFault}: accesses outside allocations, variables and arguments, or of
 * memory that has been released; misaligned ones; reads of memory and registers that nobody has
 * written; races in shared and global memory; barriers that not all threads of a block reach, or at
 * different places; shuffles and votes whose masks do not say who takes part; use of what {@code
 * cp.async} copies before it was waited for; a kernel that does not end. An instruction that it
 * does not know is an error when the kernel is loaded; so is a target that a GPU of its capability
 * does not run.
 */
public final class PtxMachine implements Machine {
  private static final long DEFAULT_BUDGET = 1_000_000_000_000L;
  private static final Pattern TARGET = Pattern.compile("sm_(\\d{2,3})([af]?)");

  private final GlobalMemory memory = new GlobalMemory();
  private final Map<String, Loaded> modules = new HashMap<>();
  private SplittableRandom order;
  private long budget = DEFAULT_BUDGET;
  private PtxWatch watch; // or null
  private List<KernelTime> profile; // null while nothing is timed
  private long nextSerial = 1;
  private long executed;

  /** A module with its constants and globals in memory. */
  private record Loaded(
      String text,
      PtxModule module,
      Memory constants,
      Map<String, Long> addresses,
      Map<String, PtxKernel> kernels) {}

  private final int capability;

  /** A machine that runs the warps of a block in turn, and PTX for every processor up to sm_90. */
  public PtxMachine() {
    this(90);
  }

  /** As {@link #PtxMachine()}, but for PTX up to the given {@link #capability}. */
  public PtxMachine(int capability) {
    this.capability = capability;
  }

  /**
   * A machine that runs the warps of a block in an order, and for times, that the seed decides.
   * Kernels without races give the same results for every seed.
   */
  public static PtxMachine shuffled(long seed) {
    PtxMachine machine = new PtxMachine();
    machine.order = new SplittableRandom(seed);
    return machine;
  }

  /** Sets how many thread-instructions a launch may execute; one that needs more is a fault. */
  public void limitInstructions(long perLaunch) {
    budget = perLaunch;
  }

  /**
   * From now on tells {@code watch} of every instruction before it is executed: a place for
   * breakpoints, or for printing what a kernel does. Null ends it.
   */
  public void watch(PtxWatch watch) {
    this.watch = watch;
  }

  /** How many thread-instructions have been executed so far. */
  public long instructions() {
    return executed;
  }

  @Override
  public String name() {
    return "ptx";
  }

  @Override
  public int capability() {
    return capability;
  }

  @Override
  public String description() {
    return "an interpreter on the CPU, as sm_" + capability;
  }

  @Override
  public long allocate(long bytes) {
    return memory.allocate(bytes);
  }

  @Override
  public void free(long address) {
    memory.free(address);
  }

  @Override
  public void handOut(long address, long bytes) {
    Memory whole = memory.whole("handOut", address);
    if (whole.released) {
      whole.renew();
    } else {
      whole.markAll(false);
    }
  }

  @Override
  public void takeBack(long address, long bytes) {
    memory.whole("takeBack", address).release();
  }

  @Override
  public void write(MemorySegment source, long target) {
    memory.write(source, target);
  }

  @Override
  public void read(long source, MemorySegment target) {
    memory.read(source, target);
  }

  @Override
  public Kernel load(String module, String ptx, String entry) {
    Loaded loaded = modules.get(module);
    if (loaded == null || !loaded.text.equals(ptx)) {
      loaded = load(PtxModule.parse(module, ptx), ptx);
      modules.put(module, loaded);
    }
    PtxKernel kernel = loaded.kernels.get(entry);
    if (kernel == null) {
      PtxModule.Entry signature = loaded.module.entry(entry);
      Program program = new Decoder(loaded.module, signature, loaded.addresses).decode();
      kernel = new PtxKernel(program, loaded.constants);
      loaded.kernels.put(entry, kernel);
    }
    return kernel;
  }

  /** Refuses what a GPU of this capability would: newer targets, and those of another GPU alone. */
  private void checkTarget(PtxModule module) {
    Matcher target = TARGET.matcher(module.target());
    if (!target.matches()) {
      throw new IllegalArgumentException(
          module.name() + ": its target is '" + module.target() + "', expected such as sm_75");
    }
    int number = Integer.parseInt(target.group(1));
    boolean runs =
        switch (target.group(2)) {
          case "a" -> number == capability; // with what other processors lack
          case "f" -> number <= capability && number / 10 == capability / 10; // of a family
          default -> number <= capability;
        };
    if (!runs) {
      throw new IllegalArgumentException(
          module.name()
              + ": its target is "
              + module.target()
              + ", which a GPU of sm_"
              + capability
              + " does not run");
    }
  }

  private Loaded load(PtxModule module, String text) {
    checkTarget(module);
    Map<String, Long> addresses = new HashMap<>();
    long end = 0;
    List<Variable> filled = // a kernel that uses one of the others is refused
        module.contents().variables().stream().filter(v -> v.initial() != null).toList();
    for (Variable v : filled) {
      if (v.space().equals("const")) {
        end = (end + v.align() - 1) / v.align() * v.align();
        addresses.put(v.name(), end);
        end += v.bytes();
      }
    }
    Memory constants = new Memory(0, end, false);
    constants.markAll(true);
    for (Variable v : filled) {
      if (v.space().equals("const")) {
        long at = addresses.get(v.name());
        for (int i = 0; i < v.bytes(); i++) {
          constants.setByte(at + i, v.initial()[i]);
        }
      } else if (v.space().equals("global")) {
        long at = memory.allocate(Math.max(1, v.bytes()));
        addresses.put(v.name(), at);
        memory.write(MemorySegment.ofArray(v.initial()), at);
      }
    }
    return new Loaded(text, module, constants, addresses, new HashMap<>());
  }

  @Override
  public void launch(Kernel kernel, Grid grid, int sharedBytes, Arguments arguments) {
    PtxKernel own = (PtxKernel) kernel;
    Program program = own.program;
    check(program, grid, sharedBytes, arguments);
    long blocks = (long) grid.x() * grid.y() * grid.z();
    if (blocks >= Memory.MOST_BLOCKS) {
      throw new IllegalArgumentException(
          "ptx: " + program.entry.name() + ": " + blocks + " blocks are too many to interpret");
    }
    if (nextSerial + blocks >= Memory.MOST_BLOCKS) {
      memory.forget();
      nextSerial = 1;
    }
    Memory parameters = new Memory(0, arguments.bytes(), false);
    MemorySegment.copy(
        arguments.segment(), 0, MemorySegment.ofArray(parameters.words), 0, arguments.bytes());
    parameters.markAll(true);
    Memory shared = new Memory(0, (long) program.sharedEnd + sharedBytes, true);
    AccessMeter meter = profile == null ? null : new AccessMeter();
    BlockRun run =
        new BlockRun(
            program,
            memory,
            own.constants,
            parameters,
            shared,
            grid,
            nextSerial,
            budget,
            watch,
            meter,
            order);
    nextSerial += blocks;
    long start = System.nanoTime();
    executed += run.run();
    if (meter != null) {
      double seconds = (System.nanoTime() - start) * 1e-9;
      profile.add(new KernelTime(own.entry(), grid.toString(), seconds, meter.counts()));
    }
  }

  /**
   * From now on each launch is timed by the clock of the host, and its accesses are counted, which
   * takes time, too.
   */
  @Override
  public void beginProfile() {
    profile = new ArrayList<>();
  }

  @Override
  public List<KernelTime> endProfile() {
    List<KernelTime> times = profile;
    profile = null;
    return times;
  }

  private static void check(Program program, Grid grid, int sharedBytes, Arguments arguments) {
    PtxModule.Entry entry = program.entry;
    if (arguments.bytes() != entry.argumentBytes()) {
      throw new IllegalArgumentException(
          String.format(
              "%s: arguments of %d bytes, expected %d for %d parameters",
              entry.name(), arguments.bytes(), entry.argumentBytes(), entry.parameters().size()));
    }
    if (entry.mostThreads() > 0 && grid.threads() > entry.mostThreads()) {
      throw new IllegalArgumentException(
          String.format(
              "%s: blocks of %d threads, expected at most %d",
              entry.name(), grid.threads(), entry.mostThreads()));
    }
    if (entry.requiredThreads() > 0 && grid.threads() != entry.requiredThreads()) {
      throw new IllegalArgumentException(
          String.format(
              "%s: blocks of %d threads, expected %d",
              entry.name(), grid.threads(), entry.requiredThreads()));
    }
    int most = mostShared(program.module.target());
    if (sharedBytes < 0 || program.sharedBytes + sharedBytes > most) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %d bytes of shared memory, %d of them dynamic, expected at most %d on %s",
              entry.name(),
              program.sharedBytes + sharedBytes,
              sharedBytes,
              most,
              program.module.target()));
    }
  }

  /** The most shared memory of a block, in bytes. */
  private static int mostShared(String target) {
    return switch (target) {
      case "sm_75" -> 64 << 10;
      case "sm_80", "sm_87" -> 163 << 10;
      case "sm_86", "sm_89" -> 99 << 10;
      default -> 227 << 10;
    };
  }

  @Override
  public void synchronize() {}

  @Override
  public void close() {
    memory.clear();
    modules.clear();
  }
}
