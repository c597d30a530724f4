package dev.troupe.kernels.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.DeviceUnavailableException;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cases.DryMachine;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** All kernels are known, and the cases of primitives launch them all. */
final class KernelFilesTest {
  private static final Pattern ENTRY = Pattern.compile("(?m)^\\.visible \\.entry ([\\w$]+)");

  /** The kernels of all files that a GPU of sm_90 takes, by their texts. */
  private static Set<String> committed() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(Path.of("src/main/cuda"))) {
      for (Path path : files.filter(p -> p.toString().endsWith(".ptx")).toList()) {
        String file = path.getFileName().toString();
        if (!Files.exists(path.resolveSibling(file.replace(".ptx", ".sm_80.ptx")))) {
          Matcher entries = ENTRY.matcher(Files.readString(path));
          while (entries.find()) {
            names.add(entries.group(1) + " of " + file);
          }
        }
      }
    }
    return names;
  }

  private static Set<String> launched(int capability, Precision precision) {
    try (GpuDevice device = new GpuDevice(new DryMachine(capability), precision, true)) {
      for (Case c : PrimitiveCases.all()) {
        if (c.kind() != Primitive.Custom.class) {
          device.run(c.build().apply(new Inputs(device, 1, true)).primitive());
        }
      }
      return new TreeSet<>(device.launched());
    }
  }

  @Test
  void casesLaunchAllKernels() throws IOException {
    assertThat(KernelFiles.names(90)).hasSizeGreaterThan(120).isEqualTo(committed());
    Set<String> launched = launched(90, Precision.FP32);
    assertThat(launched).doesNotContain("matmul_tf32_32_nn of tensor_cores.sm_80.ptx");
    launched.addAll(launched(90, Precision.TF32));
    assertThat(launched).isEqualTo(KernelFiles.names(90));
    assertThat(launched(75, Precision.FP32)).isEqualTo(KernelFiles.names(75));
    System.out.printf("%d kernels on sm_90, all launched by cases%n", launched.size());
  }

  @Test
  void tensorCoresThatAreNotThereAreRefused() {
    assertThatThrownBy(() -> new GpuDevice(new DryMachine(75), Precision.TF32, true))
        .isInstanceOf(DeviceUnavailableException.class)
        .hasMessage("dry: precision tf32 needs sm_80 or newer, this is sm_75");
  }
}
