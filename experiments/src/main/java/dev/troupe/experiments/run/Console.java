package dev.troupe.experiments.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
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
  /** The process's own streams, in UTF-8 whatever the locale, so that tables keep their signs. */
  public static Console system() {
    return new Console(
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8),
        errIsTerminal());
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
