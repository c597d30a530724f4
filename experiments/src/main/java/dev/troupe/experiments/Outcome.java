package dev.troupe.experiments;

import java.util.List;

/**
 * What a finished run has to show.
 *
 * @param text the result for stdout, Markdown: the tables, ours beside the paper's
 * @param files what was written, relative to the run directory, the best one to open first
 */
public record Outcome(String text, List<String> files) {
  public Outcome {
    files = List.copyOf(files);
  }
}
