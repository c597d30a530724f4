package dev.troupe.experiments.stage;

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

  private record Total(String kernel, int launches, double seconds) {}

  /** One line for each kernel, the longest first, and a sum. */
  public static String table(List<KernelTime> launches) {
    Map<String, Total> byKernel = new TreeMap<>();
    double all = 0;
    for (KernelTime launch : launches) {
      byKernel.merge(
          launch.kernel(),
          new Total(launch.kernel(), 1, launch.seconds()),
          (a, b) -> new Total(a.kernel, a.launches + b.launches, a.seconds + b.seconds));
      all += launch.seconds();
    }
    List<Total> totals = new ArrayList<>(byKernel.values());
    totals.sort(Comparator.comparingDouble(Total::seconds).reversed());
    StringBuilder text = new StringBuilder("kernels of one step:\n");
    for (Total total : totals) {
      text.append(line(total, all));
    }
    return text.append(line(new Total("all", launches.size(), all), all))
        .toString()
        .stripTrailing();
  }

  private static String line(Total total, double all) {
    return String.format(
        Locale.ROOT,
        "  %-32s %5d launches %12.3f ms %6.1f %%%n",
        total.kernel,
        total.launches,
        1e3 * total.seconds,
        100 * total.seconds / Math.max(all, Double.MIN_NORMAL));
  }
}
