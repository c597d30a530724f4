package dev.troupe.kernels.gpu;

import dev.troupe.kernels.ptx.PtxModule;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** The PTX files beside this class, and which of them a machine runs. */
public final class KernelFiles {
  private static final int[] VARIANTS = {90, 80}; // newest first; see src/main/cuda/compile

  private static final List<String> MODULES =
      List.of(
          "batch_norm",
          "convolution",
          "elementwise",
          "indexing",
          "layout",
          "losses",
          "maxout",
          "optimisers",
          "pooling",
          "products",
          "random",
          "reductions",
          "softmax",
          "state",
          "tensor_cores",
          "tensor_cores_convolution");

  private KernelFiles() {}

  /**
   * All kernels that primitives may launch on a machine, as {@link #name} names them.
   *
   * @param capability the machine's, which see
   */
  public static SortedSet<String> names(int capability) {
    SortedSet<String> names = new TreeSet<>();
    for (String module : MODULES) {
      String file = newest(module, capability);
      if (exists(file)) {
        for (PtxModule.Entry entry : PtxModule.parse(file, text(file)).entries()) {
          names.add(name(file, entry.name()));
        }
      }
    }
    return names;
  }

  /** How much dynamic shared memory a block of this kernel is launched with, in bytes. */
  public static int dynamicShared(String entry) {
    for (TensorTile tile : TensorTile.values()) {
      if (entry.matches("(matmul|conv)_tf32_" + tile.label() + "(_[nt]{2})?")) {
        return tile.sharedBytes;
      }
    }
    return 0;
  }

  /** Such as {@code fill of elementwise.ptx}. */
  static String name(String file, String entry) {
    return entry + " of " + file + ".ptx";
  }

  /** The newest variant of a module that a machine runs, without {@code .ptx}. */
  static String newest(String module, int capability) {
    for (int variant : VARIANTS) {
      String file = module + ".sm_" + variant;
      if (variant <= capability && exists(file)) {
        return file;
      }
    }
    return module;
  }

  private static boolean exists(String file) {
    return KernelFiles.class.getResource(file + ".ptx") != null;
  }

  /** The contents of {@code file.ptx}. */
  static String text(String file) {
    try (InputStream in = KernelFiles.class.getResourceAsStream(file + ".ptx")) {
      if (in == null) {
        throw new IllegalStateException(file + ".ptx: no such file beside " + KernelFiles.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ".ptx: cannot be read", e);
    }
  }
}
