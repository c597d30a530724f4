package dev.troupe.experiments.report;

import java.util.List;
import java.util.Map;

/**
 * What a report page says, in order. Text is plain; words between backticks are set as code.
 *
 * @param title page title
 * @param lead first line: what was run and, for a smaller preset, what was made smaller
 * @param highlights the few numbers to look at first
 * @param sections the rest
 */
public record Report(
    String title, String lead, List<Highlight> highlights, List<Section> sections) {
  /** A number with a line of explanation. */
  public record Highlight(String value, String label) {}

  /** Blocks under a heading. */
  public record Section(String heading, List<Block> blocks) {}

  /** A part of a section. */
  public sealed interface Block {}

  /** A paragraph. */
  public record Text(String text) implements Block {}

  /** A list of remarks. */
  public record Notes(List<String> items) implements Block {}

  /** Terms and what they mean. */
  public record Definitions(Map<String, String> terms) implements Block {}

  /** Names and values, as of settings, in two columns. */
  public record Values(String nameHead, String valueHead, Map<String, ?> values) implements Block {}

  /** Lines to copy into a shell. */
  public record Code(String text) implements Block {}

  /** Numbers beside published ones. */
  public record Table(ComparisonTable table) implements Block {}

  /** Statements of a paper, and whether the run shows them. */
  public record Findings(List<Finding> items) implements Block {}

  /**
   * One statement.
   *
   * @param statement what the paper found
   * @param seen whether it is seen here; null if the run did not measure it
   * @param evidence the effect with its spread, or why it was not measured
   */
  public record Finding(String statement, Boolean seen, String evidence) {
    /** "seen", "not seen" or "not measured". */
    public String verdict() {
      return seen == null ? "not measured" : seen ? "seen" : "not seen";
    }
  }

  /**
   * A figure.
   *
   * @param file name of the PNG file beside the report
   * @param png its bytes, which the page carries
   * @param caption what is seen
   * @param alternative the same for those who cannot see it
   */
  public record Picture(String file, byte[] png, String caption, String alternative)
      implements Block {}

  /** A duration in its two largest units, as in "2 min 31 s". */
  public static String duration(double seconds) {
    return Numbers.duration(seconds);
  }

  /** All pictures of the report, in order. */
  public List<Picture> pictures() {
    return sections.stream()
        .flatMap(s -> s.blocks().stream())
        .filter(Picture.class::isInstance)
        .map(Picture.class::cast)
        .toList();
  }
}
