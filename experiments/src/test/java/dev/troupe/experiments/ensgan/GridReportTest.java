package dev.troupe.experiments.ensgan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.report.PaperValue;
import dev.troupe.experiments.report.ResultRecord;
import dev.troupe.experiments.report.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GridReportTest {
  private static final int[] SIZES = {1, 2, 3, 4, 5};

  @TempDir Path folder;

  @Test
  void demoReportHoldsAllItsParts() throws IOException {
    Path out = Path.of("target/demo-report"); // to look at
    GridReport.of(DemoOutcome.with(6, SIZES)).write(out);
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "figure1.png",
              "figure5.png",
              "report.html",
              "results.json",
              "table1.md",
              "table1.png",
              "training.png");
    }
    String html = Files.readString(out.resolve("report.html"));
    assertThat(html)
        .contains("a smaller run than the paper", "./troupe run ensgan/grid2d --preset quick")
        .contains("6b1f0a4c2ed80f6b", "2 min 31 s", "75.7", "94.8", "slip of sign", "Eclipse");
    assertThat(html.split("data:image/png;base64,", -1)).hasSize(5);
    assertThat(Files.readString(out.resolve("table1.md")))
        .startsWith("Trained 6 GANs in the `quick` preset")
        .contains("| GAN |", "| EnsGAN-5 |", "| uniform noise |", "| ScGAN | – | 25.0 ± 0.0 ? |");
  }

  @Test
  void recordsCarryTheirOwnPaper() {
    Results results = GridReport.of(DemoOutcome.with(5, SIZES)).results();
    assertThat(find(results, "table1", "GAN", "high_quality_percent").paper())
        .isEqualTo(new PaperValue(75.7, 4.6, PaperValue.Kind.STD));
    assertThat(find(results, "pacgan", "GAN", "high_quality_percent").paper())
        .isEqualTo(new PaperValue(94.8, 0.7, PaperValue.Kind.STDERR));
    assertThat(find(results, "table1", "GAN", "reverse_kl").paper()).isNull();
    ResultRecord three = find(results, "table1", "EnsGAN-3", "modes");
    assertThat(three.paper()).isEqualTo(PaperValue.std(24.8, 0.7));
    assertThat(three.n()).isEqualTo(200);
    assertThat(three.protocol().members()).isEqualTo(3);
    assertThat(three.protocol().batchNorm()).isEqualTo("running");
    ResultRecord noise = find(results, "table1", "uniform noise", "high_quality_percent");
    assertThat(noise.mean()).isBetween(2.3, 2.7);
    assertThat(noise.protocol().batchNorm()).isNull();
    // Ensembles cover more than their members.
    assertThat(find(results, "table1", "EnsGAN-5", "modes").mean())
        .isGreaterThan(find(results, "table1", "GAN", "modes").mean() + 1);
    assertThat(results.notes())
        .anyMatch(n -> n.contains("75.7") && n.contains("94.8"))
        .anyMatch(n -> n.contains("uniform noise over [−4.2, 4.2]²"));
  }

  private static ResultRecord find(Results results, String table, String row, String metric) {
    List<ResultRecord> found =
        results.records().stream()
            .filter(r -> r.table().equals(table))
            .filter(r -> r.row().equals(row) && r.metric().equals(metric))
            .toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  @Test
  void rowsThatNeedMoreMembersAreLeftOutAndNamed() throws IOException {
    GridReport.of(DemoOutcome.with(3, SIZES)).write(folder);
    Results results = Results.read(folder.resolve("results.json"));
    assertThat(results.notes())
        .contains(
            "EnsGAN-4 is left out: it needs 4 members and 3 were trained.",
            "EnsGAN-5 is left out: it needs 5 members and 3 were trained.");
    assertThat(results.records()).extracting(ResultRecord::row).contains("EnsGAN-3");
    assertThat(results.records()).extracting(ResultRecord::row).doesNotContain("EnsGAN-4");
    assertThat(Files.readString(folder.resolve("table1.md")))
        .doesNotContain("| EnsGAN-4 |")
        .contains("EnsGAN-4 is left out");
    assertThat(Files.readString(folder.resolve("report.html"))).contains("EnsGAN-5 is left out");
  }

  @Test
  void sameRunWritesSameBytes() throws IOException {
    Path a = folder.resolve("a");
    Path b = folder.resolve("b");
    GridReport.of(DemoOutcome.with(2, SIZES)).write(a);
    GridReport.of(DemoOutcome.with(2, SIZES)).write(b);
    GridReport.of(DemoOutcome.with(2, SIZES)).write(b); // over what is there
    try (Stream<Path> files = Files.list(b)) {
      for (Path file : files.toList()) {
        assertThat(file).hasSameBinaryContentAs(a.resolve(file.getFileName()));
      }
    }
  }
}
