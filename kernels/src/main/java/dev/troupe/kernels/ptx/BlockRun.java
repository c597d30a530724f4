package dev.troupe.kernels.ptx;

import dev.troupe.kernels.gpu.Grid;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/** The blocks of a launch, one after another, each with its warps and its shared memory. */
final class BlockRun {
  private static final int SLICE = 10_000;

  final Program program;
  final GlobalMemory global;
  final Memory constants;
  final Memory arguments;
  final Memory shared;
  final long launchFloor; // the smallest stamp of this launch
  private final Grid grid;
  private final Warp[] warps;
  private final long budget;
  private final SplittableRandom order; // or null: warps in turn
  private final PtxWatch watch; // or null
  private final AccessMeter meter; // or null
  private final PtxStep step = new PtxStep();
  private long executed;

  long blockFloor; // the smallest stamp of this block
  long serial;
  int time;
  private int blockX;
  private int blockY;
  private int blockZ;
  private final long firstSerial;

  BlockRun(
      Program program,
      GlobalMemory global,
      Memory constants,
      Memory arguments,
      Memory shared,
      Grid grid,
      long firstSerial,
      long budget,
      PtxWatch watch,
      AccessMeter meter,
      SplittableRandom order) {
    this.program = program;
    this.global = global;
    this.constants = constants;
    this.arguments = arguments;
    this.shared = shared;
    this.grid = grid;
    this.firstSerial = firstSerial;
    this.launchFloor = firstSerial << Memory.BLOCK_SHIFT;
    this.budget = budget;
    this.watch = watch;
    this.meter = meter;
    this.order = order;
    this.warps = new Warp[(grid.threads() + Warp.LANES - 1) / Warp.LANES];
    for (int i = 0; i < warps.length; i++) {
      warps[i] = new Warp(this, i);
      fillThreadRegisters(warps[i]);
    }
  }

  /** Runs all blocks; how many thread-instructions that took. */
  long run() {
    serial = firstSerial;
    for (int z = 0; z < grid.z(); z++) {
      for (int y = 0; y < grid.y(); y++) {
        for (int x = 0; x < grid.x(); x++) {
          blockX = x;
          blockY = y;
          blockZ = z;
          runBlock();
          serial++;
        }
      }
    }
    return executed;
  }

  private void runBlock() {
    blockFloor = serial << Memory.BLOCK_SHIFT;
    time = 1;
    markShared();
    for (Warp w : warps) {
      fillBlockRegisters(w);
      w.start(Math.min(Warp.LANES, grid.threads() - w.index * Warp.LANES));
    }
    boolean alive = true;
    while (alive) {
      alive = false;
      boolean ran = false;
      int first = order == null ? 0 : order.nextInt(warps.length);
      for (int i = 0; i < warps.length; i++) {
        Warp w = warps[(first + i) % warps.length];
        if (!w.isDone() && w.isRunnable()) {
          w.run(order == null ? SLICE : 1 + order.nextInt(64));
          ran = true;
        }
        alive |= !w.isDone();
      }
      if (alive && passBarriers()) {
        ran = true;
      }
      if (alive && !ran) {
        throw deadlock();
      }
    }
  }

  private void markShared() {
    if (shared.words.length > 0) {
      Arrays.fill(shared.state, (byte) Memory.RED_ZONE);
      for (long[] range : program.sharedRanges) {
        Arrays.fill(shared.state, (int) (range[0] >> 2), (int) (range[1] + 3 >> 2), (byte) 0);
      }
      Arrays.fill(shared.state, program.sharedEnd >> 2, shared.state.length, (byte) 0);
    }
  }

  // ---------------------------------------------------------------- barriers

  /** Lets those go on whose barrier is complete. */
  private boolean passBarriers() {
    int live = 0;
    for (Warp w : warps) {
      live += Integer.bitCount(w.live);
    }
    boolean passed = false;
    for (Warp w : warps) {
      int at = w.barrierPc();
      if (at >= 0 && w.atBarrier() == w.live && complete(w, at, live)) {
        passed = true;
      }
    }
    return passed;
  }

  private boolean complete(Warp of, int at, int live) {
    ControlOps.Barrier barrier = (ControlOps.Barrier) program.code[at];
    int lane = Integer.numberOfTrailingZeros(of.live);
    int id = of.r32[barrier.id][lane];
    int expected = barrier.threads < 0 ? live : of.r32[barrier.threads][lane];
    int waiting = 0;
    int yes = 0;
    for (Warp w : warps) {
      if (waitsAt(w, id)) {
        waiting += Integer.bitCount(w.live);
        ControlOps.Barrier theirs = (ControlOps.Barrier) program.code[w.barrierPc()];
        if (theirs.p >= 0) {
          yes += Integer.bitCount((theirs.negated ? ~w.pred[theirs.p] : w.pred[theirs.p]) & w.live);
        }
      }
    }
    if (waiting < expected) {
      return false;
    }
    for (Warp w : warps) {
      if (barrier.threads < 0 && waitsAt(w, id) && w.barrierPc() != at) {
        throw of.fault(
            at,
            lane,
            "divergent barrier: warp "
                + w.index
                + " waits at the same barrier in "
                + place(program.code[w.barrierPc()])
                + "; expected all threads at one place");
      }
    }
    time++;
    if (time >= Memory.MOST_TIME - 1) {
      throw of.fault(at, lane, "more barriers than the interpreter can count, " + time);
    }
    for (Warp w : warps) {
      if (waitsAt(w, id)) {
        ControlOps.Barrier theirs = (ControlOps.Barrier) program.code[w.barrierPc()];
        result(theirs, w, yes, waiting);
        w.passBarrier(w.barrierPc());
      }
    }
    newTime();
    return true;
  }

  private boolean waitsAt(Warp w, int id) {
    int at = w.barrierPc();
    if (w.isDone() || at < 0 || w.atBarrier() != w.live) {
      return false;
    }
    ControlOps.Barrier barrier = (ControlOps.Barrier) program.code[at];
    return w.r32[barrier.id][Integer.numberOfTrailingZeros(w.live)] == id;
  }

  private static void result(ControlOps.Barrier barrier, Warp w, int yes, int all) {
    switch (barrier.reduction) {
      case NONE -> {}
      case AND -> w.setPred(barrier.d, w.live, yes == all ? -1 : 0, -1);
      case OR -> w.setPred(barrier.d, w.live, yes > 0 ? -1 : 0, -1);
      case POPC -> {
        int[] out = new int[Warp.LANES];
        Arrays.fill(out, yes);
        w.done32(barrier.d, w.live, out, -1);
      }
    }
  }

  private PtxFault deadlock() {
    StringBuilder who = new StringBuilder();
    Warp first = null;
    for (Warp w : warps) {
      if (!w.isDone() && w.barrierPc() >= 0) {
        first = first == null ? w : first;
        who.append(who.isEmpty() ? "" : ", ")
            .append("warp ")
            .append(w.index)
            .append(" in ")
            .append(place(program.code[w.barrierPc()]));
      }
    }
    return first.fault(
        first.barrierPc(),
        Integer.numberOfTrailingZeros(first.live),
        "waits for ever at a barrier that not all threads reach: " + who);
  }

  void newTime() {
    for (Warp w : warps) {
      w.newTime();
    }
  }

  // ---------------------------------------------------------------- registers

  private void fillThreadRegisters(Warp w) {
    for (Map.Entry<String, Integer> special : program.specials.entrySet()) {
      int[] r = w.r32[special.getValue()];
      for (int lane = 0; lane < Warp.LANES; lane++) {
        int t = w.index * Warp.LANES + lane;
        r[lane] =
            switch (special.getKey()) {
              case "%tid.x" -> t % grid.threadsX();
              case "%tid.y" -> t / grid.threadsX() % grid.threadsY();
              case "%tid.z" -> t / (grid.threadsX() * grid.threadsY());
              case "%ntid.x" -> grid.threadsX();
              case "%ntid.y" -> grid.threadsY();
              case "%ntid.z" -> grid.threadsZ();
              case "%nctaid.x" -> grid.x();
              case "%nctaid.y" -> grid.y();
              case "%nctaid.z" -> grid.z();
              case "%laneid" -> lane;
              case "%warpid" -> w.index;
              case "%nwarpid" -> warps.length;
              case "%lanemask_eq" -> 1 << lane;
              case "%lanemask_lt" -> (1 << lane) - 1;
              case "%lanemask_le" -> (2 << lane) - 1;
              case "%lanemask_gt" -> -2 << lane;
              case "%lanemask_ge" -> -1 << lane;
              case "%dynamic_smem_size" -> (int) shared.bytes - program.sharedEnd;
              case "%nsmid" -> 1;
              default -> 0;
            };
      }
    }
  }

  private void fillBlockRegisters(Warp w) {
    fill(w, "%ctaid.x", blockX);
    fill(w, "%ctaid.y", blockY);
    fill(w, "%ctaid.z", blockZ);
  }

  private void fill(Warp w, String special, int value) {
    Integer place = program.specials.get(special);
    if (place != null) {
      Arrays.fill(w.r32[place], value);
    }
  }

  // ---------------------------------------------------------------- messages

  int[] position() {
    return new int[] {blockX, blockY, blockZ};
  }

  /** Counts executed instructions, and stops a kernel that does not end. */
  void count(int mask, Warp w, Op op) {
    if (watch != null) {
      watch.before(step.at(w, op, mask));
    }
    if (meter != null) {
      meter.count(w, op, mask);
    }
    executed += Integer.bitCount(mask);
    if (executed > budget) {
      throw w.fault(
          op,
          Integer.numberOfTrailingZeros(mask),
          "does not end: " + budget + " instructions have been executed");
    }
  }

  PtxFault fault(Op op, int thread, String what) {
    int x = grid.threadsX();
    int y = grid.threadsY();
    return new PtxFault(
        String.format(
            "ptx: %s, %s, block (%d, %d, %d), thread (%d, %d, %d): %s: %s",
            program.entry.name(),
            place(op),
            blockX,
            blockY,
            blockZ,
            thread % x,
            thread / x % y,
            thread / (x * y),
            op.source.opcode(),
            what));
  }

  /** The thread that a stamp is of. */
  String thread(long stamp) {
    long block = (stamp >>> Memory.BLOCK_SHIFT) - firstSerial;
    int thread = (int) (stamp & Memory.THREAD);
    int x = grid.threadsX();
    int y = grid.threadsY();
    String name =
        String.format("thread (%d, %d, %d)", thread % x, thread / x % y, thread / (x * y));
    if (stamp >>> Memory.BLOCK_SHIFT == serial) {
      return name;
    }
    return String.format(
        "%s of block (%d, %d, %d)",
        name, block % grid.x(), block / grid.x() % grid.y(), block / ((long) grid.x() * grid.y()));
  }

  /** Where an instruction is, in PTX and in CUDA source. */
  String place(Op op) {
    StringBuilder place = new StringBuilder();
    place.append(program.module.name()).append(':').append(op.source.line());
    Location location = op.source.location();
    if (location != null) {
      place.append(" (").append(line(location));
      for (Location l = location.inlinedAt(); l != null; l = l.inlinedAt()) {
        place.append(", in ").append(line(l));
      }
      if (location.inlinedAt() == null && !isKernelSource(location)) {
        // A header's function; the line before that is in a kernel's file is where it is called.
        Location from = location.before();
        while (from != null && !isKernelSource(from)) {
          from = from.before();
        }
        place.append(from == null ? "" : ", in " + line(from));
      }
      place.append(')');
    }
    return place.toString();
  }

  private boolean isKernelSource(Location location) {
    return file(location).endsWith(".cu");
  }

  private String line(Location location) {
    String file = file(location);
    return file.substring(file.lastIndexOf('/') + 1) + ':' + location.line();
  }

  private String file(Location location) {
    return program.module.contents().files().getOrDefault(location.file(), "?");
  }
}
