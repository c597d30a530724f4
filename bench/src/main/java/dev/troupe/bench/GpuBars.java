package dev.troupe.bench;

import dev.troupe.bench.GpuFindings.Bandwidth;
import dev.troupe.bench.GpuFindings.Peer;
import dev.troupe.bench.GpuFindings.Product;
import dev.troupe.bench.GpuFindings.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/** What was asked of an H100 or H200, beside what was measured. */
final class GpuBars {
  private static final double COPY_SHARE = 0.85;
  private static final long COPY_FROM = 64 << 20;
  private static final double FP32_SHARE = 0.7;
  private static final double TF32_SHARE = 0.6;
  private static final double EAGER_TIMES = 8;
  private static final double GRAPH_TIMES = 1.5;
  private static final int ENSEMBLE = 25;
  private static final double ENSEMBLE_TIMES = 50;
  private static final double STAGE_STEPS = 400_000;
  private static final double STAGE_MINUTES = 5;
  private static final double TO_MINUTES = 60_000;

  private final GpuFindings found;
  private final List<GpuFindings.Bar> bars = new ArrayList<>();

  private GpuBars(GpuFindings found) {
    this.found = found;
  }

  /** All of them; where sizes were small none counts as measured. */
  static List<GpuFindings.Bar> of(GpuFindings found) {
    GpuBars bars = new GpuBars(found);
    bars.bandwidth();
    bars.products("fp32", FP32_SHARE);
    bars.products("tf32", TF32_SHARE);
    for (String precision : List.of("fp32", "tf32")) {
      bars.times(precision, "one GAN beside PyTorch eager", EAGER_TIMES, bars.eager(precision), 1);
      bars.times(
          precision,
          "one GAN beside PyTorch with a CUDA graph",
          GRAPH_TIMES,
          bars.rival(precision, 1, p -> p.mode().equals("graph")),
          1);
      OptionalDouble eager = bars.eager(precision);
      bars.times(
          precision,
          "25 GANs in one step beside 25 steps of PyTorch eager (aim 150)",
          ENSEMBLE_TIMES,
          eager.isPresent() ? OptionalDouble.of(ENSEMBLE * eager.getAsDouble()) : eager,
          ENSEMBLE);
      bars.times(
          precision,
          "25 GANs in one step beside the best rival's (aim 1.5)",
          1,
          bars.rival(precision, ENSEMBLE, p -> true),
          ENSEMBLE);
      bars.stage(precision);
    }
    return bars.bars;
  }

  private void bandwidth() {
    List<Bandwidth> judged =
        found.kernels().stream()
            .filter(b -> !b.computes() && b.bytes() >= COPY_FROM && b.shareOfCopy() > 0)
            .toList();
    Optional<Bandwidth> lowest =
        judged.stream().min(Comparator.comparingDouble(Bandwidth::shareOfCopy));
    long enough = judged.stream().filter(b -> b.shareOfCopy() >= COPY_SHARE).count();
    add(
        "kernels that memory limits reach 85 % of the copy from 64 MiB on",
        lowest.map(b ->
            "%d of %d do; lowest %s with %.0f %%"
                .formatted(enough, judged.size(), b.kernel(), 100 * b.shareOfCopy())),
        enough == judged.size());
  }

  private void products(String precision, double least) {
    List<Product> judged =
        found.products().stream()
            .filter(p -> p.kind().startsWith("matmul"))
            .filter(p -> p.precision().equals(precision) && p.ownOverBlas() > 0)
            .toList();
    Optional<Product> lowest =
        judged.stream().min(Comparator.comparingDouble(Product::ownOverBlas));
    long enough = judged.stream().filter(p -> p.ownOverBlas() >= least).count();
    add(
        "own matrix products reach %.0f %% of cuBLAS's, %s".formatted(100 * least, precision),
        lowest.map(p ->
            "%d of %d do; lowest %s %d x %d x %d x %d with %.0f %%"
                .formatted(
                    enough,
                    judged.size(),
                    p.kind(),
                    p.batch(),
                    p.m(),
                    p.n(),
                    p.k(),
                    100 * p.ownOverBlas())),
        enough == judged.size());
  }

  private OptionalDouble eager(String precision) {
    return rival(precision, 1, p -> p.mode().equals("eager"));
  }

  /** The fastest of those, in milliseconds. */
  private OptionalDouble rival(String precision, int members, Predicate<Peer> which) {
    return found.peers().stream()
        .filter(p -> p.precision().equals(precision) && p.members() == members)
        .filter(which)
        .mapToDouble(Peer::milliseconds)
        .min();
  }

  private Optional<Step> ours(String precision, int members) {
    return found.steps().stream()
        .filter(s -> s.graph() && s.members() == members && s.precision().equals(precision))
        .findFirst();
  }

  private void times(
      String precision, String what, double least, OptionalDouble theirs, int members) {
    Optional<Step> ours = ours(precision, members);
    boolean measured = ours.isPresent() && theirs.isPresent();
    double times = measured ? theirs.getAsDouble() / ours.get().milliseconds() : 0;
    add(
        "%s: at least %sas fast, %s"
            .formatted(
                what,
                least == 1
                    ? ""
                    : String.format(
                        Locale.ROOT,
                        least == Math.rint(least) ? "%.0f times " : "%.1f times ",
                        least),
                precision),
        measured
            ? Optional.of(
                String.format(
                    Locale.ROOT,
                    "%.2f (%.4f ms beside %.4f ms)",
                    times,
                    ours.get().milliseconds(),
                    theirs.getAsDouble()))
            : Optional.empty(),
        times >= least);
  }

  private void stage(String precision) {
    Optional<Double> minutes =
        ours(precision, ENSEMBLE).map(s -> s.milliseconds() * STAGE_STEPS / TO_MINUTES);
    add(
        "400,000 steps of 25 GANs, as in the paper's preset, in less than five minutes, "
            + precision,
        minutes.map(m -> String.format(Locale.ROOT, "%.2f minutes, from the time of a step", m)),
        minutes.orElse(STAGE_MINUTES) < STAGE_MINUTES);
  }

  private void add(String bar, Optional<String> measured, boolean met) {
    String verdict = measured.isEmpty() || found.quick() ? "not measured" : met ? "met" : "missed";
    bars.add(new GpuFindings.Bar(bar, measured.orElse(""), verdict));
  }
}
