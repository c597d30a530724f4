package dev.troupe.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.report.ComparisonTable.Metric;
import dev.troupe.experiments.report.ComparisonTable.Publication;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTableTest {
  static ComparisonTable table() {
    Publication paper =
        new Publication(
            "paper",
            "Somebody, 2021.",
            Map.of("GAN", Map.of("modes", PaperValue.std(18.84, 2.65))));
    Publication other =
        new Publication(
            "other",
            "Somebody <else>, 2018.",
            Map.of(
                "a|b", Map.of("modes", PaperValue.unstated(22, 1), "kl", PaperValue.stderr(1, 2))));
    return ComparisonTable.of(
        "Modes & more",
        List.of(new Metric("modes", "Modes", 1), new Metric("kl", "KL", 2)),
        List.of(paper, other),
        List.of(
            new ResultRecord("e", "t", "GAN", "modes", 17.25, 2.0, 1000, null, null),
            new ResultRecord("e", "t", "GAN", "kl", null, null, 0, null, null),
            new ResultRecord("e", "t", "one", "kl", 0.125, null, 1, null, null)));
  }

  @Test
  void markdownIsAsAgreed() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY); // no decimal commas
      assertThat(table().toMarkdown())
          .isEqualTo(
              """
              **Modes & more**

              | | Modes, ours | Modes, paper | Modes, other | KL, ours | KL, other | n |
              |:--|--:|--:|--:|--:|--:|--:|
              | GAN | **17.3** ± 2.0 | 18.8 ± 2.7 | – | – | – | 1,000 |
              | one | – | – | – | **0.13** | – | 1 |
              | a\\|b | – | – | 22.0 ± 1.0 ? | – | 1.00 ± 2.00 SE | – |

              - ± is the standard deviation; n counts what ours is taken over.
              - ± … SE is a standard error.
              - ± … ? is a spread whose kind the source does not say.
              - paper: Somebody, 2021.
              - other: Somebody &lt;else>, 2018.
              """);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void numbersReadWell() {
    assertThat(Numbers.fixed(-0.04, 1)).isEqualTo("0.0");
    assertThat(Numbers.fixed(-0.06, 1)).isEqualTo("-0.1");
    assertThat(Numbers.fixed(Double.NaN, 1)).isEqualTo("–");
    assertThat(Numbers.tick(-4, 2)).isEqualTo("−4");
    assertThat(Numbers.tick(0.30000000000000004, 0.1)).isEqualTo("0.3");
    assertThat(Numbers.tick(12000, 2000)).isEqualTo("12,000");
    assertThat(Numbers.duration(3.21)).isEqualTo("3.2 s");
    assertThat(Numbers.duration(151.4)).isEqualTo("2 min 31 s");
    assertThat(Numbers.duration(7 * 3600 + 59 * 60 + 40)).isEqualTo("8 h 0 min");
    assertThat(Numbers.duration(60.4 * 3600)).isEqualTo("2 d 12 h");
  }
}
