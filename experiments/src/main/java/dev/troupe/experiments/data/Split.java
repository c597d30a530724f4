package dev.troupe.experiments.data;

import java.util.Locale;

/** Which part of a data set: what is learned from, or what is measured on. */
public enum Split {
  TRAIN,
  TEST;

  /** {@code train} or {@code test}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
