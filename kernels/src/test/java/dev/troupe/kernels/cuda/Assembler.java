package dev.troupe.kernels.cuda;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/** NVIDIA's PTX assembler, which JCuda carries: it needs neither a GPU nor CUDA. */
final class Assembler {
  private static final Pattern ENTRY =
      Pattern.compile("Compiling entry function '(\\S+)' for '(sm_\\d+)a?'");
  private static final Pattern SPILLS =
      Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill");
  private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  private Assembler() {}

  /**
   * What the machine code of an entry takes.
   *
   * @param registers of a thread
   * @param shared bytes of static shared memory of a block
   * @param stack bytes of local memory of a thread that are no spills
   * @param spills bytes of a thread that are stored and loaded because registers ran out
   */
  record Usage(String entry, int registers, int shared, int stack, int spills) {}

  /**
   * Turns PTX into machine code and tells what each entry takes.
   *
   * @param file its name, for messages
   * @throws IllegalArgumentException with the assembler's words, if it refuses the text
   */
  static List<Usage> assemble(String file, String ptx, Architecture architecture) {
    byte[] text = (ptx + '\0').getBytes(StandardCharsets.UTF_8);
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    check(file, JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length - 1, text));
    try {
      String[] options = {"--gpu-name=" + architecture.label(), "--verbose"};
      int status = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
      if (status != 0) {
        long[] size = new long[1];
        check(file, JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size));
        byte[] log = new byte[(int) size[0] + 1];
        check(file, JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log));
        throw new IllegalArgumentException(
            file + " for " + architecture.label() + ": " + text(log));
      }
      long[] size = new long[1];
      check(file, JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(compiler, size));
      byte[] log = new byte[(int) size[0] + 1];
      check(file, JNvPTXCompiler.nvPTXCompilerGetInfoLog(compiler, log));
      return usages(text(log));
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
    }
  }

  private static void check(String file, int status) {
    if (status != 0) {
      throw new IllegalStateException(
          file
              + ": the PTX assembler gives "
              + jcuda.nvptxcompiler.nvPTXCompileResult.stringFor(status));
    }
  }

  private static String text(byte[] log) {
    int end = 0;
    while (end < log.length && log[end] != 0) {
      end++;
    }
    return new String(log, 0, end, StandardCharsets.UTF_8).strip();
  }

  /** Reads the lines that {@code --verbose} makes the assembler write. */
  static List<Usage> usages(String log) {
    List<Usage> usages = new ArrayList<>();
    String entry = null;
    int stack = 0;
    int spills = 0;
    for (String line : log.split("\n")) {
      Matcher entryLine = ENTRY.matcher(line);
      Matcher spillLine = SPILLS.matcher(line);
      Matcher registerLine = REGISTERS.matcher(line);
      if (entryLine.find()) {
        entry = entryLine.group(1);
      } else if (spillLine.find()) {
        stack = number(spillLine, 1);
        spills = number(spillLine, 2) + number(spillLine, 3);
      } else if (registerLine.find() && entry != null) {
        Matcher shared = SHARED.matcher(line);
        usages.add(
            new Usage(
                entry,
                number(registerLine, 1),
                shared.find() ? number(shared, 1) : 0,
                stack,
                spills));
        entry = null;
      }
    }
    return usages;
  }

  private static int number(Matcher matcher, int group) {
    return Integer.parseInt(matcher.group(group));
  }
}
