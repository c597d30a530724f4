package dev.troupe.autograd.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Derivatives;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.autograd.ops.Sample;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.KernelLauncher;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.PtxFile;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example of {@code docs/own-op.md}: that it is the one below, and that it works, from outside
 * the packages of Troupe.
 */
class OwnOpTest {
  private static final Path SOURCE =
      Path.of("src/test/java/dev/troupe/autograd/example/OwnOpTest.java");
  private static final Path KERNEL =
      Path.of("src/test/resources/dev/troupe/autograd/example/cube.cu");
  private static final Path PAGE = Path.of("../docs/own-op.md");

  // PAGE begin
  /** {@code y = x³}: the kernel. */
  record Cube(Buffer x, Buffer y) implements Primitive.Custom {
    private static final PtxFile FILE = PtxFile.beside(OwnOpTest.class, "cube.ptx");

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }

    @Override
    public void compute(HostArrays in, HostArrays out) {
      for (int i = 0; i < y.size(); i++) {
        double v = in.get(0, i); // element i of the first buffer of reads()
        out.set(0, i, v * v * v);
      }
    }

    @Override
    public void launch(KernelLauncher gpu) {
      int n = y.size();
      gpu.kernel(FILE, "cube").put(x).put(y).put(n).launch((n + 255) / 256, 256);
    }
  }

  /** The op: shapes, memory and the gradient, which is written in ops and so has one itself. */
  record CubeOp() implements Op {
    @Override
    public String name() {
      return "cube";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Tensor y = Tensor.empty(ElementType.REAL, in[0].shape(), name());
      y.device().run(new Cube(in[0].buffer(), y.buffer()));
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      return new Variable[] {Ops.mul(dy, Ops.mul(Ops.square(y.input(0)), 3))};
    }
  }

  static Variable cube(Variable x) {
    return Variable.apply(new CubeOp(), x);
  }

  // PAGE end

  // MAIN begin
  public static void main(String[] args) {
    try (Device device = new GpuDevice(new PtxMachine()); // on a GPU: new CudaMachine()
        Scope scope = Scope.open(device, "cubes")) {
      Variable x = Variable.leaf(scope.of(Shape.of(2, 2), -2, 0.5, 0, 3));
      Variable y = cube(x);
      Variable dx = Gradients.of(y, x)[0];
      System.out.println(Arrays.toString(y.tensor().toDoubles()));
      System.out.println(Arrays.toString(dx.tensor().toDoubles()));
    }
  }

  // MAIN end

  @Test
  void valueAndBothDerivativesAreRight() {
    for (Device device :
        List.of(new ReferenceDevice(), new CpuDevice(2), new GpuDevice(new PtxMachine()))) {
      try (device;
          Scope scope = Scope.open(device, "own op")) {
        Variable x = Variable.leaf(scope.of(Shape.of(2, 2), -2, 0.5, 0, 3));
        Variable y = cube(x);
        Variable first = Gradients.of(y, null, true, x)[0];
        Variable second = Gradients.of(first, x)[0];
        assertThat(y.tensor().toDoubles()).containsExactly(-8, 0.125, 0, 27);
        assertThat(first.tensor().toDoubles()).containsExactly(12, 0.75, 0, 27);
        assertThat(second.tensor().toDoubles()).containsExactly(-12, 3, 0, 18);
      }
    }
  }

  @Test
  void itsDerivativesMatchCentralDifferences() {
    try (Device reference = new ReferenceDevice()) {
      Sample sample = Sample.of("7 x 5", x -> cube(x[0]), Sample.Input.normal(7, 5));
      Derivatives.Result r = Derivatives.check(reference, sample);
      assertThat(r.count()).isEqualTo(35);
      assertThat(r.first()).isLessThan(1e-7);
      assertThat(r.second()).isLessThan(1e-6);
    }
  }

  @Test
  void thePageShowsIt() throws IOException {
    String page = Files.readString(PAGE);
    String source = Files.readString(SOURCE);
    String run = between(source, "// PAGE " + "begin\n", "// PAGE " + "end");
    assertThat(between(page, "```java\n", "```")).isEqualTo(run.stripIndent().strip() + "\n");
    assertThat(between(page, "```cuda\n", "```")).isEqualTo(Files.readString(KERNEL));
    String main = between(source, "// MAIN " + "begin\n", "// MAIN " + "end");
    assertThat(page).contains("```java\n" + main.stripIndent().strip() + "\n```");
  }

  @Test
  void itRunsFromAFolderOfItsOwn(@TempDir Path folder) throws Exception {
    String page = Files.readString(PAGE);
    List<String> java =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(page)
            .results()
            .map(block -> block.group(1))
            .toList();
    String members = java.get(0).replace("OwnOpTest", "Cubes") + java.get(2);
    Files.writeString(
        folder.resolve("Cubes.java"), java.get(1) + "\npublic class Cubes {\n" + members + "}\n");
    Path compiled = KERNEL.resolveSibling("cube.ptx");
    Files.copy(compiled, folder.resolve("cube.ptx"));
    String jars = ManagementFactory.getRuntimeMXBean().getClassPath();
    assertThat(run(folder, "javac", "-cp", jars, "Cubes.java")).isEmpty();
    String path = jars + File.pathSeparator + folder;
    assertThat(page)
        .contains(
            "-cp 'troupe/target/app/*:.' Cubes\n\n" + run(folder, "java", "-cp", path, "Cubes"));
    String wrong = Files.readString(compiled).replace("setp.ge.s32", "setp.gt.s32");
    Files.writeString(folder.resolve("cube.ptx"), wrong);
    assertThat(run(folder, "java", "-cp", path, "Cubes"))
        .contains("ptx: cube, cube.ptx:", "out of bounds: 4 bytes at 0x1000008010, 0 bytes behind");
  }

  /** What a tool of this JDK prints. */
  private static String run(Path folder, String tool, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", tool).toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin);
    assertThat(from).as("'%s'", begin.strip()).isNotNegative();
    int to = text.indexOf(end, from + begin.length());
    assertThat(to).as("'%s' after '%s'", end, begin.strip()).isNotNegative();
    return text.substring(from + begin.length(), to);
  }
}
