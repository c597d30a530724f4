package dev.troupe.kernels.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The PTX that is committed is what its sources compile to, and has no approximate and no float64
 * arithmetic but where a source says so: {@code // approx in ENTRY: why}, {@code // f64 in ENTRY:
 * why}, where a {@code *} at ENTRY's end stands for any rest.
 */
class CompiledKernelsTest {
  private static final Path FOLDER = Path.of("src/main/cuda");
  private static final Pattern HEADER =
      Pattern.compile("// From (.*): sha256 ([0-9a-f]{64}); nvcc (\\d+\\.\\d+); see compile");
  private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"([^\"]*)\"");
  private static final Pattern ENTRY = Pattern.compile("\\.(?:entry|func)\\b[^A-Za-z_$]*([\\w$]+)");

  /** An assembler may make one instruction of two such; one that names its rounding stays. */
  private static final Pattern UNROUNDED =
      Pattern.compile("\\b(add|sub|mul|mad)(\\.ftz|\\.sat)*\\.f(32|64)");

  private static final Pattern MARKER =
      Pattern.compile("(?m)^// (approx|f64) in ([\\w*, ]+): \\S.*");

  @Test
  void everySourceIsCompiledAndEveryResultHasASource() throws IOException {
    Set<String> expected = new TreeSet<>();
    for (Path source : files(".cu")) {
      String name = name(source).replace(".cu", "");
      String first = Files.readAllLines(source).getFirst();
      if (!first.startsWith("// only: ")) {
        expected.add(name + ".ptx");
      }
      if (first.startsWith("// variants: ") || first.startsWith("// only: ")) {
        for (String variant : first.substring(first.indexOf(':') + 2).split(" ")) {
          expected.add(name + "." + variant + ".ptx");
        }
      }
    }
    assertThat(expected).isNotEmpty();
    assertThat(files(".ptx").stream().map(CompiledKernelsTest::name))
        .as("run kernels/src/main/cuda/compile")
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void headersHaveTheHashOfTheSources() throws IOException {
    for (Path ptx : files(".ptx")) {
      Matcher header = header(ptx);
      List<Path> sources = sources(FOLDER.resolve(name(ptx).replaceFirst("\\..*", ".cu")));
      assertThat(header.group(1))
          .as("sources of %s; run kernels/src/main/cuda/compile", ptx)
          .isEqualTo(String.join(", ", sources.stream().map(CompiledKernelsTest::name).toList()));
      assertThat(header.group(2))
          .as("hash of %s; run kernels/src/main/cuda/compile", ptx)
          .isEqualTo(hash(sources));
    }
  }

  @Test
  void compilesToTheCommittedText(@TempDir Path out) throws Exception {
    String release = header(files(".ptx").getFirst()).group(3);
    Optional<String> version = output("nvcc", "--version");
    int count = files(".ptx").size();
    assumeThat(version.filter(text -> text.contains("release " + release + ",")))
        .as(
            "%d PTX files compared by their hash only: nvcc %s, which made them, is not here",
            count, release)
        .isPresent();
    Process compile =
        new ProcessBuilder(
                "bash", FOLDER.resolve("compile").toString(), "-o", out.toAbsolutePath().toString())
            .redirectErrorStream(true)
            .start();
    String log = new String(compile.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(compile.waitFor()).as(log).isZero();
    for (Path ptx : files(".ptx")) {
      assertThat(out.resolve(name(ptx))).hasSameTextualContentAs(ptx);
    }
  }

  @Test
  void unmarkedKernelsAreExactAndFloat32() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path ptx : files(".ptx")) {
      List<Path> sources = sources(FOLDER.resolve(name(ptx).replaceFirst("\\..*", ".cu")));
      String entry = "";
      int number = 0;
      for (String line : Files.readAllLines(ptx)) {
        number++;
        Matcher begin = ENTRY.matcher(line);
        if (begin.find()) {
          entry = begin.group(1);
        }
        String instruction = line.strip();
        boolean approximate = instruction.contains(".approx");
        boolean wide = instruction.contains(".f64") && !instruction.startsWith(".reg");
        boolean contractible = UNROUNDED.matcher(instruction).find();
        if (approximate && !marked("approx", entry, sources)
            || wide && !marked("f64", entry, sources)
            || contractible) {
          wrong.add(ptx + ":" + number + ": " + entry + ": " + instruction);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void namesNoPathOfThisMachine() throws IOException {
    Pattern path = Pattern.compile("\"[^\"\n]*/[^\"\n]*\"");
    for (Path ptx : files(".ptx")) {
      assertThat(Files.readString(ptx)).as(ptx.toString()).doesNotContainPattern(path);
    }
  }

  @Test
  void thePageListsEverySource() throws IOException {
    String page = Files.readString(Path.of("../docs/gpu.md"));
    for (String ending : List.of(".cu", ".cuh")) {
      assertThat(files(ending)).isNotEmpty();
      for (Path source : files(ending)) {
        assertThat(page).containsPattern("\n\\|[^|]*`" + name(source) + "`[^|]*\\|");
      }
    }
  }

  private static boolean marked(String kind, String entry, List<Path> sources) throws IOException {
    for (Path source : sources) {
      Matcher marker = MARKER.matcher(Files.readString(source));
      while (marker.find()) {
        for (String name : marker.group(2).split(", ")) {
          boolean all = name.endsWith("*");
          if (marker.group(1).equals(kind)
              && (all
                  ? entry.startsWith(name.substring(0, name.length() - 1))
                  : entry.equals(name))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static Matcher header(Path ptx) throws IOException {
    String line = Files.readAllLines(ptx).getFirst();
    Matcher header = HEADER.matcher(line);
    assertThat(header.matches()).as("%s begins with %s", ptx, line).isTrue();
    return header;
  }

  /** The file, then what it includes, directly or not, by name: as {@code compile} has them. */
  private static List<Path> sources(Path file) throws IOException {
    List<Path> found = new ArrayList<>(List.of(file));
    for (int next = 0; next < found.size(); next++) {
      Matcher include = INCLUDE.matcher(Files.readString(found.get(next)));
      while (include.find()) {
        Path included = FOLDER.resolve(include.group(1));
        if (!found.contains(included)) {
          found.add(included);
        }
      }
    }
    found.subList(1, found.size()).sort(null);
    return found;
  }

  private static String hash(List<Path> sources) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path source : sources) {
        digest.update(Files.readAllBytes(source));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static Optional<String> output(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // not installed
    }
  }

  private static List<Path> files(String ending) throws IOException {
    try (Stream<Path> all = Files.list(FOLDER)) {
      return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }
}
