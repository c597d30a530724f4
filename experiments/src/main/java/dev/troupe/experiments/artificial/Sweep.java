package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.report.Report.Finding;
import java.util.List;

/** What one experiment varies, and what the paper found by it. */
sealed interface Sweep permits Gaussians, Network, TrainingSets, Complexity {
  /** On the command line, behind {@code artificial/}. */
  String name();

  /** One line without a full stop. */
  String description();

  /** Figures of the paper, as in {@code Figures 2 to 7}. */
  String figures();

  /** Heading of the report. */
  String title();

  /** Its own settings, before the shared ones. */
  List<Setting<?>> settings();

  /** What is trained, in order. */
  List<Configuration> configurations(Settings s);

  /** Checks what no single setting can know, beside what all experiments check. */
  default void check(Settings s) {}

  /** How the report's first line begins. */
  String subject(Settings s);

  /** The paper's statements. */
  List<Finding> findings(Settings s, Measured measured);
}
