package dev.troupe.experiments.run;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What the processor, the memory and the JVM are; each method is one line of {@code doctor}. */
public final class Machine {
  private Machine() {}

  /** The JDK, its vendor and home. */
  public static String jdk() {
    return Runtime.version()
        + " ("
        + System.getProperty("java.vendor")
        + "), "
        + System.getProperty("java.home");
  }

  /** Operating system and architecture. */
  public static String system() {
    return System.getProperty("os.name")
        + " "
        + System.getProperty("os.version")
        + ", "
        + System.getProperty("os.arch");
  }

  /** The model of the processor. */
  public static String cpu() throws IOException {
    return field(Path.of("/proc/cpuinfo"), "model name");
  }

  /** How many cores this process may use. */
  public static String cores() {
    return Integer.toString(Runtime.getRuntime().availableProcessors());
  }

  /** The width of the vectors that the kernels use. */
  public static String vectors() {
    VectorSpecies<Float> species = FloatVector.SPECIES_PREFERRED;
    return species.vectorBitSize() + " bits, " + species.length() + " floats";
  }

  /** Whether there is a fused multiply-add, which the cpu device needs. */
  public static String fma() {
    String value =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .getVMOption("UseFMA")
            .getValue();
    return Boolean.parseBoolean(value)
        ? "yes"
        : "no: the cpu device needs a fused multiply-add, which x86-64 processors have since 2013";
  }

  /** Memory of the machine, and what the heap may take. */
  public static String memory() throws IOException {
    long total =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    String available = field(Path.of("/proc/meminfo"), "MemAvailable");
    long availableBytes = Long.parseLong(available.replaceAll("\\D", "")) << 10; // given in kB
    return gib(total)
        + " GiB, of which "
        + gib(availableBytes)
        + " are available; Java's heap may grow to "
        + gib(Runtime.getRuntime().maxMemory())
        + " GiB";
  }

  /** Bytes in GiB, to one decimal. */
  public static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f", bytes / (double) (1L << 30));
  }

  private static String field(Path file, String name) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse("unknown");
    }
  }
}
