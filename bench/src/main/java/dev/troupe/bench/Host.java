package dev.troupe.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** What a table of timings must say about the machine that they were taken on. */
final class Host {
  /** Fields of /proc/stat that are neither idle nor waiting. */
  private static final int[] BUSY_FIELDS = {1, 2, 3, 6, 7, 8};

  private Host() {}

  /** Processor and cores. */
  static String cpu() {
    int cores = Runtime.getRuntime().availableProcessors();
    return "%s, %d core%s".formatted(cpuModel(), cores, cores == 1 ? "" : "s");
  }

  private static String cpuModel() {
    Path info = Path.of("/proc/cpuinfo");
    if (Files.isReadable(info)) {
      try (Stream<String> lines = Files.lines(info)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
      } catch (IOException e) {
        return System.getProperty("os.arch");
      }
    }
    return System.getProperty("os.arch");
  }

  /** Virtual machine, version and system. */
  static String jdk() {
    return "%s %s, %s %s"
        .formatted(
            System.getProperty("java.vm.name"),
            System.getProperty("java.runtime.version"),
            System.getProperty("os.name"),
            System.getProperty("os.version"));
  }

  /**
   * Processes that were waiting for a core during the last minute; above the number of cores,
   * timings are noise.
   */
  static String load() {
    return String.format(
        Locale.ROOT, "%.1f", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  /** CPU seconds that all other processes have used so far; 0 where the system does not tell. */
  static double othersCpuSeconds() {
    Path stat = Path.of("/proc/stat");
    if (!Files.isReadable(stat)
        || !(ManagementFactory.getOperatingSystemMXBean()
            instanceof OperatingSystemMXBean system)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(stat)) {
      // cpu user nice system idle iowait irq softirq steal …, in hundredths of a second, the sum
      // over all cores
      String[] fields = lines.findFirst().orElse("").split(" +");
      long busy = 0;
      for (int field : BUSY_FIELDS) {
        busy += field < fields.length ? Long.parseLong(fields[field]) : 0;
      }
      return busy / 100.0 - system.getProcessCpuTime() / 1e9;
    } catch (IOException e) {
      return 0;
    }
  }

  /** The options of this virtual machine. */
  static String jvmOptions() {
    return String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments());
  }
}
