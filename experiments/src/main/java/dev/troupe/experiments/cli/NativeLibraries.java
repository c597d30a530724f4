package dev.troupe.experiments.cli;

import dev.troupe.experiments.run.Machine;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * NVIDIA's driver and libraries, asked for their versions; each method is one line of {@code
 * doctor}.
 */
@SuppressWarnings("restricted") // calling C is what this class is for
final class NativeLibraries {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  /** Where distributions and CUDA's own installers put libraries. */
  private static final List<String> FOLDERS =
      List.of(
          "/usr/lib/x86_64-linux-gnu",
          "/usr/lib64",
          "/usr/lib/wsl/lib",
          "/usr/local/nvidia/lib64",
          "/usr/local/cuda/lib64",
          "/usr/local/cuda-12/lib64",
          "/opt/cuda/lib64");

  /** The Maven profile unpacks org.bytedeco:cuda:…:linux-x86_64-redist into target/cuda-libs. */
  private static final String FETCH =
      " './mvnw -N -Pcuda-libs generate-resources' (2 GB from Maven Central)";

  private static final String DRIVER =
      "package cuda-drivers of NVIDIA's repository, on Ubuntu 'sudo ubuntu-drivers install', in a"
          + " container the host's by NVIDIA's container toolkit (--gpus all)";

  private static final int LEAST_DRIVER = 11_050; // takes PTX of version 7.5
  private static final int LEAST_CAPABILITY = 75;

  private NativeLibraries() {}

  static String gpu() {
    return version(
        "libcuda.so.1",
        "--device cuda needs NVIDIA's driver, for CUDA 11.5 or later: "
            + DRIVER
            + "; --device ptx"
            + " needs none",
        NativeLibraries::driver);
  }

  static String cublas() {
    return version(
        "libcublas.so.12",
        "matrix products on cuda run on Troupe's own kernels; for cuBLAS of CUDA 12 run"
            + FETCH
            + " or install it (package libcublas-12-6 of NVIDIA's repository, or"
            + " nvidia-cublas-cu12 of PyPI) with its folder in LD_LIBRARY_PATH",
        library -> {
          MemorySegment value = library.arena.allocate(INT);
          int[] parts = new int[3]; // major, minor, patch
          for (int i = 0; i < parts.length; i++) {
            library.check("cublasGetProperty", i, value);
            parts[i] = value.get(INT, 0);
          }
          return parts[0] + "." + parts[1] + "." + parts[2];
        });
  }

  static String cudnn() {
    return version(
        "libcudnn.so.9",
        "convolutions on cuda run on Troupe's own kernels; for cuDNN 9 run"
            + FETCH
            + " or install it (package libcudnn9-cuda-12 of NVIDIA's repository, or"
            + " nvidia-cudnn-cu12 of PyPI) with its folder in LD_LIBRARY_PATH",
        library -> {
          long version = (long) library.function("cudnnGetVersion", LONG).invokeExact();
          return version / 10_000 + "." + version / 100 % 100 + "." + version % 100;
        });
  }

  private interface Question {
    String ask(Library library) throws Throwable;
  }

  private static String version(String file, String remedy, Question question) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup symbols;
      try {
        symbols = SymbolLookup.libraryLookup(file, arena);
      } catch (IllegalArgumentException e) {
        return "absent: "
            + find(file)
                .map(path ->
                    path
                        + " is there but cannot be loaded; is it for this machine, and its"
                        + " folder in LD_LIBRARY_PATH?")
                .orElse("no " + file + "; " + remedy);
      }
      try {
        return question.ask(new Library(symbols, arena));
      } catch (Throwable e) {
        return file + " is there but does not work: " + e.getMessage();
      }
    }
  }

  private static Optional<Path> find(String file) {
    List<Path> folders = new ArrayList<>();
    String own = System.getenv("LD_LIBRARY_PATH");
    for (String folder : own == null ? new String[0] : own.split(":")) {
      folders.add(Path.of(folder));
    }
    FOLDERS.forEach(folder -> folders.add(Path.of(folder)));
    try (Stream<Path> versions = Files.list(Path.of("/usr/local"))) {
      versions
          .filter(path -> path.getFileName().toString().startsWith("cuda-12."))
          .forEach(path -> folders.add(path.resolve("lib64")));
    } catch (IOException e) {
      // No such folder: nothing more to look through.
    }
    return folders.stream().map(folder -> folder.resolve(file)).filter(Files::exists).findFirst();
  }

  private static String driver(Library cuda) throws Throwable {
    MemorySegment number = cuda.arena.allocate(INT);
    cuda.check("cuDriverGetVersion", number);
    int version = number.get(INT, 0);
    String driver = driver(version);
    cuda.check("cuInit", 0);
    cuda.check("cuDeviceGetCount", number);
    int count = number.get(INT, 0);
    List<String> devices = new ArrayList<>();
    for (int device = 0; device < count; device++) {
      MemorySegment name = cuda.arena.allocate(256);
      cuda.check("cuDeviceGetName", name, 256, device);
      MemorySegment bytes = cuda.arena.allocate(LONG);
      cuda.check("cuDeviceTotalMem_v2", bytes, device);
      cuda.check("cuDeviceGetAttribute", number, 75, device); // compute capability, major
      int capability = 10 * number.get(INT, 0);
      cuda.check("cuDeviceGetAttribute", number, 76, device); // and minor
      capability += number.get(INT, 0);
      devices.add(device(name.getString(0), capability, bytes.get(LONG, 0)));
    }
    return devices.isEmpty() ? "none, but a " + driver : String.join("; ", devices) + "; " + driver;
  }

  /** The driver by the newest CUDA that it supports, 1000 times the major number and so on. */
  static String driver(int version) {
    return "driver for CUDA "
        + version / 1000
        + "."
        + version % 1000 / 10
        + (version < LEAST_DRIVER
            ? ", too old: --device cuda needs one for CUDA 11.5 or later, " + DRIVER
            : "");
  }

  /** A GPU with 10 times the major number of its compute capability, plus the minor one. */
  static String device(String name, int capability, long bytes) {
    return name
        + ", sm_"
        + capability
        + ", "
        + Machine.gib(bytes)
        + " GiB"
        + (capability < LEAST_CAPABILITY ? ", too old: --device cuda needs sm_75 or newer" : "");
  }

  /** A loaded library whose functions return a status that is 0 on success. */
  private record Library(SymbolLookup symbols, Arena arena) {
    MethodHandle function(String name, MemoryLayout result, MemoryLayout... of) {
      MemorySegment address =
          symbols.find(name).orElseThrow(() -> new IllegalStateException("it has no " + name));
      return Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(result, of));
    }

    void check(String name, Object... arguments) throws Throwable {
      MemoryLayout[] layouts = new MemoryLayout[arguments.length];
      for (int i = 0; i < arguments.length; i++) {
        layouts[i] = arguments[i] instanceof Integer ? INT : ValueLayout.ADDRESS;
      }
      int status = (int) function(name, INT, layouts).invokeWithArguments(arguments);
      if (status != 0) {
        throw new IllegalStateException(name + " gives error " + status);
      }
    }
  }
}
