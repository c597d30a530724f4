package dev.troupe.experiments.stage;

import dev.troupe.kernels.AccessCounts;
import dev.troupe.kernels.KernelTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A table of what {@code --profile} measures. */
public final class KernelTimes {
  private KernelTimes() {}

  /** All launches of a kernel; accesses are null where nothing counts them. */
  private record Total(String kernel, int launches, double seconds, AccessCounts accesses) {
    static Total of(KernelTime launch) {
      return new Total(launch.kernel(), 1, launch.seconds(), launch.accesses());
    }

    Total plus(Total other) {
      return new Total(
          kernel,
          launches + other.launches,
          seconds + other.seconds,
          accesses == null ? null : accesses.plus(other.accesses));
    }
  }

  /** One line for each kernel, the longest first, and a sum. */
  public static String table(List<KernelTime> launches) {
    Map<String, Total> byKernel = new TreeMap<>();
    for (KernelTime launch : launches) {
      byKernel.merge(launch.kernel(), Total.of(launch), Total::plus);
    }
    List<Total> totals = new ArrayList<>(byKernel.values());
    totals.sort(Comparator.comparingDouble(Total::seconds).reversed());
    boolean counted = !launches.isEmpty() && launches.getFirst().accesses() != null;
    Total all =
        totals.stream()
            .reduce(new Total("all", 0, 0, counted ? AccessCounts.NONE : null), Total::plus);
    StringBuilder text = new StringBuilder("kernels of one step");
    text.append(
        counted
            ? "; sectors loaded and stored and wavefronts of shared memory beside the fewest that"
                + " would do:\n"
            : ":\n");
    for (Total total : totals) {
      text.append(line(total, all.seconds));
    }
    return text.append(line(all, all.seconds)).toString().stripTrailing();
  }

  private static String line(Total total, double all) {
    String time =
        String.format(
            Locale.ROOT,
            "  %-32s %5d launches %12.3f ms %6.1f %%",
            total.kernel,
            total.launches,
            1e3 * total.seconds,
            100 * total.seconds / Math.max(all, Double.MIN_NORMAL));
    AccessCounts a = total.accesses;
    return a == null
        ? time + "\n"
        : String.format(
            Locale.ROOT,
            "%s   loads x%.2f  stores x%.2f  shared x%.2f  lanes %3.0f %%\n",
            time,
            a.loads().excess(),
            a.stores().excess(),
            a.conflicts(),
            100 * a.activeLanes());
  }
}
