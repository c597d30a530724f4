package dev.troupe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Writes {@code gpu.json} and {@code gpu.md}. */
public final class GpuReport {
  private GpuReport() {}

  /** Both files, in a folder that exists. */
  public static void write(GpuFindings found, Path folder) throws IOException {
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(folder.resolve("gpu.json").toFile(), found);
    Files.writeString(folder.resolve("gpu.md"), text(found));
  }

  /** The page. */
  static String text(GpuFindings found) {
    StringBuilder out = new StringBuilder();
    line(out, "# %s", found.device());
    line(out, "");
    line(
        out,
        "Troupe %s, Java %s, %s. Library of matrix products: %s; of convolutions: %s.%s",
        found.troupe(),
        found.java(),
        found.time(),
        found.blas(),
        found.dnn(),
        found.quick() ? " Small sizes: the timings say nothing." : "");
    correctness(out, found);
    bandwidths(out, found);
    products(out, found);
    convolutions(out, found);
    steps(out, found);
    peers(out, found);
    return out.toString();
  }

  private static void correctness(StringBuilder out, GpuFindings found) {
    List<GpuFindings.Op> bad = found.ops().stream().filter(op -> !op.passed()).toList();
    line(out, "");
    line(out, "## Right results: %s", found.passed() ? "yes" : "NO");
    line(out, "");
    line(
        out,
        "%d ops, %d samples; %s. c is the largest error in units of (K + 8) · 2⁻²⁴ · Σ|terms| against"
            + " the reference; unlike ptx are elements whose bits the interpreter of the same kernels"
            + " does not have.",
        found.ops().size(),
        found.ops().stream().mapToInt(GpuFindings.Op::samples).sum(),
        bad.isEmpty() ? "all pass" : bad.size() + " fail");
    line(out, "");
    line(out, "| op | samples | c | limit | unlike ptx | |");
    line(out, "|:--|--:|--:|--:|--:|:--|");
    for (GpuFindings.Op op : found.ops()) {
      line(
          out,
          "| %s | %d | %.3f | %.0f | %s | %s |",
          op.op(),
          op.samples(),
          op.worst(),
          op.limit(),
          op.unlikePtx() < 0 ? "" : op.unlikePtx(),
          op.passed() ? "" : "**fails**");
    }
    if (!found.dnnOps().isEmpty()) {
      line(out, "");
      line(out, "By %s, where c may be 1:", found.dnn());
      line(out, "");
      line(out, "| op | samples | calls of the library | c | same bits again | |");
      line(out, "|:--|--:|--:|--:|:--|:--|");
    }
    for (GpuFindings.DnnOp op : found.dnnOps()) {
      line(
          out,
          "| %s | %d | %d | %.3f | %s | %s |",
          op.op(),
          op.samples(),
          op.calls(),
          op.worst(),
          op.repeats() ? "yes" : "no",
          op.passed() ? "" : "**fails**");
    }
    GpuFindings.Training t = found.training();
    line(out, "");
    line(
        out,
        "Training of %d steps: %s. Parameters `%s`; again `%s`; without graphs `%s`; %d bytes leaked;"
            + " new memory taken %d times after the third step.",
        t.steps(),
        t.passed() ? "passes" : "**fails**",
        t.hash().substring(0, Math.min(16, t.hash().length())),
        t.again().equals(t.hash()) ? "the same" : t.again(),
        t.plain().equals(t.hash()) ? "the same" : t.plain(),
        t.leaked(),
        t.grown());
  }

  private static void bandwidths(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## Kernels that memory limits");
    line(out, "");
    line(out, "The device's own copy: %.1f GB/s, reading and writing.", found.copyGbPerSecond());
    line(out, "");
    line(out, "| kernel | MiB | µs | GB/s | share of the copy |");
    line(out, "|:--|--:|--:|--:|--:|");
    for (GpuFindings.Bandwidth b : found.kernels()) {
      line(
          out,
          "| %s | %.1f | %.1f | %.1f | %.0f %% |",
          b.kernel(),
          b.bytes() / 1048576.0,
          1e6 * b.seconds(),
          b.gbPerSecond(),
          100 * b.shareOfCopy());
    }
  }

  private static void products(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## Matrix products, GFLOP/s");
    line(out, "");
    line(out, "| batch | m | n | k | precision | own | library | own / library |");
    line(out, "|--:|--:|--:|--:|:--|--:|--:|--:|");
    for (GpuFindings.Product p : found.products()) {
      line(
          out,
          "| %d | %d | %d | %d | %s | %.1f | %s | %s |",
          p.batch(),
          p.m(),
          p.n(),
          p.k(),
          p.precision(),
          p.ownGflops(),
          known("%.1f", p.blasGflops()),
          known("%.2f", p.ownOverBlas()));
    }
  }

  private static void convolutions(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## Convolutions, GFLOP/s");
    line(out, "");
    line(
        out,
        "Members, batch, channels in and out, size of the image, of the kernel, stride, padding."
            + " Product: the library's, of matrices of as many multiplications. DNN: %s, one call a"
            + " member; c: its largest difference to our own kernels in float32, in units of"
            + " (√K + 8) · 2⁻²⁴ · Σ|terms|, with tf32 and 2⁻¹⁰/√K · Σ|terms|; limits are %.0f and %.0f.",
        found.dnn(),
        GpuConvolutions.LIMIT,
        GpuConvolutions.TF32_LIMIT);
    line(out, "");
    line(
        out,
        "| work | precision | own | product | own / product | DNN | own / DNN | c | | PyTorch"
            + " | own / PyTorch |");
    line(out, "|:--|:--|--:|--:|--:|--:|--:|--:|:--|--:|--:|");
    for (GpuFindings.Convolution c : found.convolutions()) {
      double torch =
          found.peerConvolutions().stream()
              .filter(p -> p.work().equals(c.work()) && p.precision().equals(c.precision()))
              .mapToDouble(GpuFindings.PeerConvolution::gflops)
              .findFirst()
              .orElse(0);
      GpuFindings.ByDnn dnn = c.byDnn();
      line(
          out,
          "| %s | %s | %.1f | %s | %s | %s | %s | %s | %s | %s | %s |",
          c.work(),
          c.precision(),
          c.ownGflops(),
          known("%.1f", c.blasGflops()),
          known("%.2f", c.ownGflops() / c.blasGflops()),
          dnn == null ? "" : known("%.1f", dnn.gflops()),
          dnn == null ? "" : known("%.2f", c.ownGflops() / dnn.gflops()),
          dnn == null ? "" : String.format(Locale.ROOT, "%.3f", dnn.worst()),
          dnn == null || dnn.passed() ? "" : dnn.repeats() ? "**fails**" : "**other bits**",
          known("%.1f", torch),
          known("%.2f", c.ownGflops() / torch));
    }
  }

  /** Nothing for what has not been measured. */
  private static String known(String format, double value) {
    return value == 0 || Double.isInfinite(value) ? "" : String.format(Locale.ROOT, format, value);
  }

  private static void steps(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## A training step of grid2d");
    line(out, "");
    line(out, "| members | precision | graph | launches | ms | ms a member |");
    line(out, "|--:|:--|:--|--:|--:|--:|");
    for (GpuFindings.Step s : found.steps()) {
      line(
          out,
          "| %d | %s | %s | %d | %.4f | %.4f |",
          s.members(),
          s.precision(),
          s.graph() ? "yes" : "no",
          s.launches(),
          s.milliseconds(),
          s.milliseconds() / s.members());
    }
  }

  private static void peers(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## The same step elsewhere");
    line(out, "");
    if (found.peers().isEmpty()) {
      line(out, "None: %s.", found.peersNote());
      return;
    }
    line(out, "| library | mode | members | precision | ms | ours (graph), times faster |");
    line(out, "|:--|:--|--:|:--|--:|--:|");
    for (GpuFindings.Peer p : found.peers()) {
      Optional<GpuFindings.Step> ours =
          found.steps().stream()
              .filter(s -> s.graph() && s.members() == p.members())
              .filter(s -> s.precision().equals(p.precision()))
              .findFirst();
      line(
          out,
          "| %s | %s | %d | %s | %.4f | %s |",
          p.library(),
          p.mode(),
          p.members(),
          p.precision(),
          p.milliseconds(),
          ours.map(s -> String.format(Locale.ROOT, "%.1f", p.milliseconds() / s.milliseconds()))
              .orElse(""));
    }
    if (!found.peersNote().isEmpty()) {
      line(out, "");
      line(out, "Missing: %s.", found.peersNote());
    }
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
