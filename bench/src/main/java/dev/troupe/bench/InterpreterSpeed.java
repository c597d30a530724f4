package dev.troupe.bench;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.Window;
import dev.troupe.kernels.cases.CaseRun;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * How many instructions of a thread the interpreter of GPU kernels executes in a second of a core.
 * The time is that of the one thread that it runs on, whatever else the machine does.
 */
public final class InterpreterSpeed {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final double MILLION = 1e6;

  private InterpreterSpeed() {}

  /** What is run: a primitive on buffers of a device. */
  enum Kernel {
    EXP("`exp` of 2¹⁸ elements", Precision.FP32) {
      @Override
      Primitive on(Device device) {
        int n = 1 << 18;
        return new Primitive.Map(Unary.EXP, 0, 0, filled(device, n), empty(device, n));
      }
    },
    SUM("sum of 2¹⁸ elements", Precision.FP32) {
      @Override
      Primitive on(Device device) {
        int n = 1 << 18;
        return new Primitive.Sum(1, n, 1, 1, filled(device, n), empty(device, 1));
      }
    },
    BATCH_NORM("batch norm of 4096 x 64", Precision.FP32) {
      @Override
      Primitive on(Device device) {
        int batch = 4096;
        int channels = 64;
        return new Primitive.BatchNorm(
            1,
            batch,
            channels,
            1,
            1e-4,
            0,
            filled(device, batch * channels),
            filled(device, channels),
            filled(device, channels),
            empty(device, batch * channels),
            empty(device, channels),
            empty(device, channels));
      }
    },
    PRODUCT("matrix product of 256 x 256 x 256", Precision.FP32) {
      @Override
      Primitive on(Device device) {
        return product(device);
      }
    },
    TF32_PRODUCT("the same in TF32 (`mma.sync`)", Precision.TF32) {
      @Override
      Primitive on(Device device) {
        return product(device);
      }
    },
    CONVOLUTION("convolution of 8 images 32 x 16 x 16 by 32 kernels 3 x 3", Precision.FP32) {
      @Override
      Primitive on(Device device) {
        int batch = 8;
        int channels = 32;
        Window window = Window.of(16, 16, 3, 1, 1);
        int elements = batch * channels * window.pixels();
        return new Primitive.Conv2d(
            1,
            batch,
            channels,
            channels,
            window,
            filled(device, elements),
            filled(device, channels * channels * window.taps()),
            null,
            empty(device, elements));
      }
    };

    private final String label;
    private final Precision precision;

    Kernel(String label, Precision precision) {
      this.label = label;
      this.precision = precision;
    }

    abstract Primitive on(Device device);

    private static Primitive product(Device device) {
      int n = 256;
      return new Primitive.MatMul(
          1,
          n,
          n,
          n,
          false,
          false,
          false,
          false,
          filled(device, n * n),
          filled(device, n * n),
          null,
          empty(device, n * n));
    }

    private static Buffer empty(Device device, int size) {
      return device.allocate(ElementType.REAL, size);
    }

    private static Buffer filled(Device device, int size) {
      float[] values = new float[size];
      SplittableRandom random = new SplittableRandom(size);
      for (int i = 0; i < size; i++) {
        values[i] = (float) random.nextDouble(-1, 1);
      }
      Buffer buffer = empty(device, size);
      device.write(values, buffer);
      return buffer;
    }

    /** Runs it until {@code until} says that it is enough: how fast each run was. */
    <T> T measure(Function<Runs, T> until) {
      PtxMachine machine = new PtxMachine();
      try (Device device = new GpuDevice(machine, precision, false)) {
        Primitive primitive = on(device);
        return until.apply(new Runs(machine, () -> device.run(primitive)));
      }
    }
  }

  /** Runs of one kernel. */
  static final class Runs {
    private final PtxMachine machine;
    private final Runnable run;
    private double seconds; // of all runs so far

    Runs(PtxMachine machine, Runnable run) {
      this.machine = machine;
      this.run = run;
    }

    /** Thread-instructions of one more run, in millions a second. */
    double next() {
      long instructions = machine.instructions();
      double took = seconds(run);
      seconds += took;
      return (machine.instructions() - instructions) / took / MILLION;
    }

    /** The median over {@code most} seconds; warms up for half of that before. */
    double median(double most) {
      while (seconds < most / 2) {
        next();
      }
      List<Double> speeds = new ArrayList<>();
      for (double end = seconds + most; seconds < end || speeds.size() < 3; ) {
        speeds.add(next());
      }
      return Timings.median(speeds.stream().mapToDouble(d -> d).toArray());
    }

    /** The best speed until one is {@code enough}, or {@code most} seconds are over. */
    double best(double enough, double most) {
      double best = 0;
      while (best < enough && seconds < most) {
        best = Math.max(best, next());
      }
      return best;
    }
  }

  /** What this thread takes of a core. */
  private static double seconds(Runnable work) {
    long before = THREADS.getCurrentThreadCpuTime();
    work.run();
    return Math.max(1, THREADS.getCurrentThreadCpuTime() - before) * 1e-9;
  }

  /**
   * A table of all kernels, and of the sample primitives that tests run, in Markdown.
   *
   * @param perKernel seconds
   */
  public static String table(double perKernel) {
    StringBuilder out = new StringBuilder();
    line(out, "# The interpreter of GPU kernels");
    line(out, "");
    line(out, "- Date: %s", Instant.now().truncatedTo(ChronoUnit.SECONDS));
    line(out, "- CPU: %s; load at the start %s", Host.cpu(), Host.load());
    line(out, "- JVM: %s", Host.jdk());
    line(out, "- Command: `./troupe bench ptx --seconds %s`", perKernel);
    line(out, "");
    line(
        out,
        "Instructions of a thread in a second of a core's time, the median run; all checks on.");
    line(out, "");
    line(out, "| kernel | million a second |");
    line(out, "|:--|--:|");
    for (Kernel kernel : Kernel.values()) {
      line(out, "| %s | %.0f |", kernel.label, kernel.measure(runs -> runs.median(perKernel)));
    }
    PtxMachine machine = new PtxMachine();
    double seconds = allCases(machine);
    double millions = machine.instructions() / MILLION;
    line(
        out,
        "| every sample of every primitive once, %.0f million in %.0f s, loading included | %.0f |",
        millions,
        seconds,
        millions / seconds);
    return out.toString();
  }

  /** Seconds that the samples take. */
  private static double allCases(PtxMachine machine) {
    double[] seconds = {0};
    try (Device device = new GpuDevice(machine)) {
      for (PrimitiveCases.Case c : PrimitiveCases.all()) {
        if (c.kind() != Primitive.Custom.class) {
          Inputs inputs = new Inputs(device, c.label().hashCode());
          CaseRun.run(
              c, device, inputs, primitive -> seconds[0] += seconds(() -> device.run(primitive)));
        }
      }
    }
    return seconds[0];
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
