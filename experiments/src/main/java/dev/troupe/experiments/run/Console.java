package dev.troupe.experiments.run;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a command writes: results on {@code out}, everything else on {@code err}.
 *
 * @param terminal whether a person watches {@code err}, so that a progress bar may redraw its line
 */
public record Console(PrintStream out, PrintStream err, boolean terminal) {
  /** The process's own streams. */
  public static Console system() {
    return new Console(System.out, System.err, errIsTerminal());
  }

  private static boolean errIsTerminal() {
    Path fd = Path.of("/proc/self/fd/2");
    try {
      String target = Files.readSymbolicLink(fd).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      // No /proc: the JDK only knows of stdin and stdout, which is near enough.
      return System.console() != null && System.console().isTerminal();
    }
  }

  /** A remark on the way, on stderr. */
  public void note(String line) {
    err.println(line);
  }

  /** A result, on stdout. */
  public void result(String text) {
    out.println(text);
  }
}
