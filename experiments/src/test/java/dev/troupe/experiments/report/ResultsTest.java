package dev.troupe.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
  @TempDir Path folder;

  private static Results results() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("members", 25);
    settings.put("learningRate", 1e-4);
    settings.put("packing", List.of(2, 3));
    Protocol protocol =
        new Protocol(2500, 125_000, 25, 3, "modes", null, null, "running", "1000 draws", 7L);
    return new Results(
        new Results.Header("0.1.0", "ensgan/grid2d", "paper", 7, settings, "cpu", 12.5, "c0ffee"),
        List.of("A \"note\"."),
        List.of(
            new ResultRecord(
                "ensgan/grid2d",
                "table1",
                "EnsGAN-3",
                "modes",
                24.25,
                0.5,
                1000,
                PaperValue.std(24.8, 0.7),
                protocol),
            new ResultRecord(
                "ensgan/grid2d",
                "table1",
                "noise",
                "reverse_kl",
                Double.NaN,
                Double.NaN,
                0,
                null,
                null)));
  }

  @Test
  void jsonIsAsAgreed() {
    assertThat(results().toJson())
        .isEqualTo(
            """
            {
              "header": {
                "version": "0.1.0",
                "experiment": "ensgan/grid2d",
                "preset": "paper",
                "seed": 7,
                "settings": {
                  "members": 25,
                  "learningRate": 1.0E-4,
                  "packing": [
                    2,
                    3
                  ]
                },
                "device": "cpu",
                "wall_seconds": 12.5,
                "parameter_hash": "c0ffee"
              },
              "notes": [
                "A \\"note\\"."
              ],
              "records": [
                {
                  "experiment": "ensgan/grid2d",
                  "table": "table1",
                  "row": "EnsGAN-3",
                  "metric": "modes",
                  "mean": 24.25,
                  "std": 0.5,
                  "n": 1000,
                  "paper": {
                    "mean": 24.8,
                    "spread": 0.7,
                    "kind": "std"
                  },
                  "protocol": {
                    "samples": 2500,
                    "pool": 125000,
                    "trained": 25,
                    "members": 3,
                    "split": "modes",
                    "batchNorm": "running",
                    "averaging": "1000 draws",
                    "seed": 7
                  }
                },
                {
                  "experiment": "ensgan/grid2d",
                  "table": "table1",
                  "row": "noise",
                  "metric": "reverse_kl",
                  "mean": null,
                  "std": null,
                  "n": 0
                }
              ]
            }
            """);
  }

  @Test
  void readsWhatItWrote() throws Exception {
    Path file = folder.resolve("results.json");
    Files.writeString(file, results().toJson());
    assertThat(Results.read(file)).isEqualTo(results());
  }

  @Test
  void kindsOfSpreadHaveTheAgreedNames() throws Exception {
    Path file = folder.resolve("results.json");
    List<ResultRecord> records =
        List.of(PaperValue.stderr(1, 0.5), PaperValue.unstated(1, 0.5)).stream()
            .map(v -> new ResultRecord("e", "t", "r", "m", 1.0, null, 1, v, null))
            .toList();
    Results both = new Results(results().header(), List.of(), records);
    Files.writeString(file, both.toJson());
    assertThat(both.toJson()).contains("\"kind\": \"stderr\"", "\"kind\": \"none\"");
    assertThat(Results.read(file)).isEqualTo(both);
  }

  @Test
  void infinityIsRefused() {
    assertThatThrownBy(() ->
            new ResultRecord(
                "e", "t", "GAN", "modes", Double.POSITIVE_INFINITY, 0.0, 1, null, null))
        .hasMessage("results: modes of GAN must be finite, got Infinity");
  }
}
