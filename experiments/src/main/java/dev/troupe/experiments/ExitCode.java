package dev.troupe.experiments;

/**
 * What a {@code troupe} process says of itself when it ends; the table is {@code
 * docs/exit-codes.md}.
 */
public enum ExitCode {
  OK(0, "done, or already finished"),
  INTERNAL(1, "internal error: a fault of Troupe, please report it"),
  USAGE(2, "wrong command line, unknown experiment, setting or value"),
  FILES(3, "a file is missing, damaged or foreign, or cannot be written (permissions, full disk)"),
  RUN_DIRECTORY(4, "the run directory is in use, holds a different run, or holds something else"),
  NUMERICS(5, "NaN or infinity in a training"),
  MEMORY(6, "not enough memory"),
  DEVICE(7, "the device that was asked for is not on this machine"),
  INTERRUPTED(130, "interrupted; the same command goes on from the checkpoint");

  private final int code;
  private final String meaning;

  ExitCode(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  /** The status the process ends with. */
  public int code() {
    return code;
  }

  /** One line for help texts. */
  public String meaning() {
    return meaning;
  }
}
