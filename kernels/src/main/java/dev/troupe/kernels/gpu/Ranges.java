package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import java.util.List;
import java.util.stream.Collectors;

/** Who is told which launches belong together: a profiler. Ranges lie within each other. */
public interface Ranges {
  /** What is launched from here to the {@link #pop} that belongs to it has this name. */
  void push(String name);

  /** Ends the innermost range. */
  void pop();

  /** Calls {@code work} within a range; also what throws leaves none open. */
  default void within(String name, Runnable work) {
    push(name);
    try {
      work.run();
    } finally {
      pop();
    }
  }

  /** A primitive with the elements of its buffers, such as {@code MatMul 200, 400 -> 800}. */
  static String name(Primitive primitive) {
    return primitive.name()
        + " "
        + sizes(primitive.reads())
        + "-> "
        + sizes(primitive.writes()).trim();
  }

  private static String sizes(List<Buffer> buffers) {
    int shown = 4; // of what may be hundreds of parameters
    String sizes =
        buffers.stream()
            .limit(shown)
            .map(buffer -> Integer.toString(buffer.size()))
            .collect(Collectors.joining(", "));
    int more = buffers.size() - shown;
    return sizes + (more > 0 ? " and " + more + " more " : sizes.isEmpty() ? "" : " ");
  }
}
