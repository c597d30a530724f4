package dev.troupe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;

/** Writes {@code gpu.json} and {@code gpu.md}. */
public final class GpuReport {
  private static final double MIB = 1 << 20;

  private GpuReport() {}

  /** Both files, in a folder that exists; each is replaced at once. */
  public static void write(GpuFindings found, Path folder) {
    try {
      String json = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(found);
      replace(folder.resolve("gpu.json"), json);
      replace(folder.resolve("gpu.md"), text(found));
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be written", e);
    }
  }

  private static void replace(Path file, String text) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(beside, text);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
    found.properties().forEach((name, value) -> line(out, "%s: %s.", name, value));
    bars(out, found);
    stages(out, found);
    correctness(out, found);
    steps(out, found);
    peers(out, found);
    bandwidths(out, found);
    products(out, found);
    convolutions(out, found);
    return out.toString();
  }

  private static void bars(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## What was asked of an H100 or H200");
    line(out, "");
    line(out, "| | measured | |");
    line(out, "|:--|:--|:--|");
    for (GpuFindings.Bar bar : GpuBars.of(found)) {
      line(out, "| %s | %s | %s |", bar.bar(), bar.measured(), bar.verdict());
    }
  }

  private static void stages(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## Stages");
    line(out, "");
    line(out, "| stage | | seconds |");
    line(out, "|:--|:--|--:|");
    for (GpuFindings.Stage stage : found.stages()) {
      line(out, "| %s | %s | %.1f |", stage.stage(), stage.state(), stage.seconds());
    }
    if (found.failures().isEmpty()) {
      return;
    }
    line(out, "");
    line(out, "| failed in | what | message |");
    line(out, "|:--|:--|:--|");
    for (GpuFindings.Failure f : found.failures()) {
      line(out, "| %s | %s | %s |", f.stage(), cell(f.what()), cell(f.message()));
    }
  }

  /** One line, without what ends a cell of a table. */
  private static String cell(String text) {
    return text.replace("|", "\\|").replaceAll("\\s+", " ");
  }

  private static boolean done(GpuFindings found, GpuCheck.Stage stage) {
    return found.stages().stream()
        .anyMatch(s -> s.stage().equals(stage.toString()) && s.state().equals("done"));
  }

  private static String verdict(GpuFindings found) {
    boolean all =
        done(found, GpuCheck.Stage.KERNELS)
            && done(found, GpuCheck.Stage.TRAINING)
            && done(found, GpuCheck.Stage.OPS);
    return !found.passed() ? "NO" : !all ? "not all was checked" : "yes";
  }

  private static void correctness(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## Right results: %s", verdict(found));
    line(out, "");
    line(
        out,
        "c is the largest error in units of (K + 8) · 2⁻²⁴ · Σ|terms| against the reference; with tf32"
            + " terms may be off by 2⁻¹⁰ of themselves, too, by a library by 2⁻⁹. Unlike ptx are"
            + " elements that are not bit for bit those of the interpreter of the same kernels, where"
            + " any NaN is as good as any other.");
    kernels(out, found);
    ops(out, found);
    training(out, found);
  }

  private static void kernels(StringBuilder out, GpuFindings found) {
    GpuFindings.Kernels kernels = found.kernelsLaunched();
    if (kernels == null) {
      return;
    }
    line(out, "");
    line(
        out,
        "%d of %d kernels were launched%s",
        kernels.launched(),
        kernels.existing(),
        kernels.missing().isEmpty()
            ? "."
            : "; **never**: " + String.join(", ", kernels.missing()) + ".");
    line(out, "");
    line(out, "| primitive | precision | by | cases | c, at most 1 | unlike ptx | |");
    line(out, "|:--|:--|:--|--:|--:|--:|:--|");
    for (GpuFindings.Checked c : found.checked()) {
      line(
          out,
          "| %s | %s | %s | %d | %.3f | %s | %s |",
          c.primitive(),
          c.precision(),
          c.by(),
          c.cases(),
          c.worst(),
          c.unlikePtx() < 0 ? "" : c.unlikePtx(),
          c.passed() ? "" : "**fails** " + cell(String.join("; ", c.wrong())));
    }
  }

  private static void ops(StringBuilder out, GpuFindings found) {
    List<GpuFindings.Op> bad = found.ops().stream().filter(op -> !op.passed()).toList();
    line(out, "");
    line(
        out,
        "%d ops of the catalogue, %d samples; %s.",
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
  }

  private static void training(StringBuilder out, GpuFindings found) {
    GpuFindings.Training t = found.training();
    if (t == null) {
      return;
    }
    line(out, "");
    line(
        out,
        "Training of %d steps: %s. Parameters `%s`; again `%s`; without graphs `%s`; %d bytes leaked;"
            + " new memory taken %d times after the third step; the driver has %d bytes less after"
            + " the last training than after the first; a few steps of narrow networks `%s`, on the"
            + " interpreter `%s`.",
        t.steps(),
        t.passed() ? "passes" : "**fails**",
        t.hash().substring(0, Math.min(16, t.hash().length())),
        t.again().equals(t.hash()) ? "the same" : t.again(),
        t.plain().equals(t.hash()) ? "the same" : t.plain(),
        t.leaked(),
        t.grown(),
        t.lost(),
        t.narrow().substring(0, Math.min(16, t.narrow().length())),
        t.narrowPtx().equals(t.narrow()) ? "the same" : t.narrowPtx());
  }

  private static void bandwidths(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## Kernels that memory limits");
    line(out, "");
    line(
        out,
        "Bytes are those that a kernel has to move at least: each input read once, each result written"
            + " once. Batch norm reads twice what does not fit into a block's registers between the"
            + " statistics of a channel and its result: more than 1,024 rows, or 8,192 pixels. What"
            + " is marked as computing is not asked to reach the copy: an instruction of its warps"
            + " stands for less than the 3.6 bytes that an H100 moves in its time. Caches are filled with"
            + " something else before each run, the copy's too; normal numbers.");
    line(out, "");
    line(out, "| the device's own copy, MiB | µs | GB/s |");
    line(out, "|--:|--:|--:|");
    for (GpuFindings.Copy c : found.copies()) {
      line(out, "| %.1f | %.1f | %.1f |", c.bytes() / MIB, 1e6 * c.seconds(), c.gbPerSecond());
    }
    line(out, "");
    line(out, "| kernel | arrays, MiB | moves, MiB | µs | GB/s | share of the copy | |");
    line(out, "|:--|--:|--:|--:|--:|--:|:--|");
    for (GpuFindings.Bandwidth b : found.kernels()) {
      line(
          out,
          "| %s | %.1f | %.1f | %.1f | %.1f | %.0f %% | %s |",
          b.kernel(),
          b.array() / MIB,
          b.bytes() / MIB,
          1e6 * b.seconds(),
          b.gbPerSecond(),
          100 * b.shareOfCopy(),
          b.computes() ? "computes" : "");
    }
  }

  private static void products(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## Matrix products, GFLOP/s");
    line(out, "");
    line(
        out,
        "Of [m, k] x [k, n]. linearGrad: the gradients by both factors, two products of the library's;"
            + " linearMaxout: with a bias and the largest of 5 pieces, of the library's the product"
            + " alone. Caches are filled with something else before each run.");
    line(out, "");
    line(out, "| what | batch | m | n | k | precision | own | library | own / library |");
    line(out, "|:--|--:|--:|--:|--:|:--|--:|--:|--:|");
    for (GpuFindings.Product p : found.products()) {
      line(
          out,
          "| %s | %d | %d | %d | %d | %s | %.1f | %s | %s |",
          p.kind(),
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
            + " Product: the library's, of matrices of as many multiplications. Caches are filled with"
            + " something else before each of these runs, but not before PyTorch's, which follow each"
            + " other. DNN: %s, one call a member; c: its largest difference to our own kernels in float32, in units of"
            + " (√K + 8) · 2⁻²⁴ · Σ|terms|, with tf32 and 2⁻¹⁰/√K · Σ|terms|; limits are %.0f and"
            + " %.0f.%s",
        found.dnn(),
        GpuConvolutions.LIMIT,
        GpuConvolutions.TF32_LIMIT,
        found.peerConvolutions().isEmpty() ? " PyTorch: none: " + found.peersNote() + "." : "");
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
    line(
        out,
        "| members | precision | graph | launches | ms | ms a member | 400,000 steps, minutes |");
    line(out, "|--:|:--|:--|--:|--:|--:|--:|");
    for (GpuFindings.Step s : found.steps()) {
      line(
          out,
          "| %d | %s | %s | %d | %.4f | %.4f | %.2f |",
          s.members(),
          s.precision(),
          s.graph() ? "yes" : "no",
          s.launches(),
          s.milliseconds(),
          s.milliseconds() / s.members(),
          s.milliseconds() * 400_000 / 60_000);
    }
    for (GpuFindings.Step s : found.steps()) {
      stepKernels(out, s);
    }
  }

  private static void stepKernels(StringBuilder out, GpuFindings.Step step) {
    if (step.kernels().isEmpty()) {
      return;
    }
    line(out, "");
    line(
        out,
        "Where the time of %s at %s goes, each launch between two events, which costs time of its"
            + " own:",
        step.members() == 1 ? "one member" : step.members() + " members",
        step.precision());
    line(out, "");
    line(out, "| kernel | launches | µs | share |");
    line(out, "|:--|--:|--:|--:|");
    double all = step.kernels().stream().mapToDouble(GpuFindings.StepKernel::microseconds).sum();
    for (GpuFindings.StepKernel k : step.kernels()) {
      line(
          out,
          "| %s | %d | %.1f | %.0f %% |",
          k.kernel(),
          k.launches(),
          k.microseconds(),
          100 * k.microseconds() / Math.max(all, Double.MIN_NORMAL));
    }
    line(out, "| all | %d | %.1f | 100 %% |", step.launches(), all);
  }

  private static void peers(StringBuilder out, GpuFindings found) {
    line(out, "");
    line(out, "## The same step elsewhere");
    line(out, "");
    if (found.peers().isEmpty()) {
      line(out, "None: %s.", found.peersNote());
      return;
    }
    line(
        out,
        "| library | mode | members | precision | ms | ours (graph), times faster | 25 of ours beside"
            + " 25 of its steps |");
    line(out, "|:--|:--|--:|:--|--:|--:|--:|");
    for (GpuFindings.Peer p : found.peers()) {
      line(
          out,
          "| %s | %s | %d | %s | %.4f | %s | %s |",
          p.library(),
          p.mode(),
          p.members(),
          p.precision(),
          p.milliseconds(),
          known("%.1f", p.milliseconds() / ours(found, p.members(), p.precision())),
          p.members() > 1
              ? ""
              : known("%.1f", 25 * p.milliseconds() / ours(found, 25, p.precision())));
    }
    if (!found.peersNote().isEmpty()) {
      line(out, "");
      line(out, "Missing: %s.", found.peersNote());
    }
  }

  /** Milliseconds of our replayed step, infinite where it was not measured. */
  private static double ours(GpuFindings found, int members, String precision) {
    return found.steps().stream()
        .filter(s -> s.graph() && s.members() == members && s.precision().equals(precision))
        .mapToDouble(GpuFindings.Step::milliseconds)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
