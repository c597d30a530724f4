package dev.troupe.kernels.ptx;

import java.util.List;
import java.util.Map;

/**
 * A file of PTX, parsed.
 *
 * @param name the file's name, for messages
 * @param version of the language, such as {@code 7.5}
 * @param target the oldest processor that it runs on, such as {@code sm_75}
 * @param entries the kernels, in the file's order
 */
public record PtxModule(
    String name, String version, String target, List<Entry> entries, Contents contents) {

  /**
   * A kernel's signature.
   *
   * @param line where it begins
   * @param mostThreads the most threads of a block that it was compiled for, or 0 for any number
   * @param requiredThreads the threads of a block that it must be launched with ({@code .reqntid}),
   *     or 0
   */
  public record Entry(
      String name, int line, List<Parameter> parameters, int mostThreads, int requiredThreads) {
    /** The bytes of its arguments, each at the next multiple of its alignment. */
    public int argumentBytes() {
      int end = 0;
      for (Parameter p : parameters) {
        end = p.offset() + p.bytes();
      }
      return end;
    }
  }

  /**
   * A parameter of a kernel.
   *
   * @param type such as {@code u64}, {@code f32}, or {@code b8} for a structure
   * @param bytes its size
   * @param offset where it lies among the arguments
   */
  public record Parameter(String name, String type, int bytes, int offset) {}

  /** What the interpreter needs besides signatures. */
  record Contents(
      Map<String, Body> bodies,
      Map<String, Function> functions,
      List<Variable> variables,
      Map<Integer, String> files) {}

  /**
   * Parses a file.
   *
   * @throws IllegalArgumentException if it is not PTX; the message has the line
   */
  public static PtxModule parse(String name, String text) {
    return new PtxParser(name, text).parse();
  }

  /**
   * A kernel's signature by its name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Entry entry(String entry) {
    for (Entry e : entries) {
      if (e.name().equals(entry)) {
        return e;
      }
    }
    throw new IllegalArgumentException(
        name + ": no entry " + entry + ", only " + entries.stream().map(Entry::name).toList());
  }
}
