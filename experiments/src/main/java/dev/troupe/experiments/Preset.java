package dev.troupe.experiments;

import java.util.Locale;

/** The two sets of defaults every experiment has. */
public enum Preset {
  /** The same path made smaller: minutes on two cores. The default. */
  QUICK,
  /** The paper's own numbers. */
  PAPER;

  /** As typed on the command line and written into files. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
