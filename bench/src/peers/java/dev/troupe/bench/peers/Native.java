package dev.troupe.bench.peers;

import static org.bytedeco.mkl.global.mkl_rt.MKL_THREADING_GNU;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.mkl.global.mkl_rt;
import org.bytedeco.pytorch.global.torch;

/**
 * Loads libtorch and MKL with the settings that make them fair peers.
 *
 * <p>libtorch computes its matrix products through OpenBLAS by default, whose threads fight those
 * of libgomp for the cores; here MKL takes OpenBLAS's place, on libgomp's threads. Both settings
 * must be made before the first call.
 */
final class Native {
  private static final Pattern TORCH_VERSION = Pattern.compile("TORCH_VERSION=([^,]+)");

  /** Threads that the calling thread last asked for: libgomp and MKL keep them per thread. */
  private static final ThreadLocal<Integer> THREADS = ThreadLocal.withInitial(() -> 0);

  static {
    // JavaCPP reads it when it loads the class that stands for OpenBLAS.
    System.setProperty("org.bytedeco.openblas.load", "mkl_rt");
    torch.set_num_interop_threads(1);
    int layer = mkl_rt.MKL_Set_Threading_Layer(MKL_THREADING_GNU);
    if (layer != MKL_THREADING_GNU) {
      throw new IllegalStateException(
          "mkl: threading layer %d, expected %d (GNU); set MKL_THREADING_LAYER=GNU"
              .formatted(layer, MKL_THREADING_GNU));
    }
  }

  private Native() {}

  /** Makes libtorch and MKL use that many threads for what the calling thread calls from now on. */
  static void useThreads(int threads) {
    if (THREADS.get() != threads) {
      torch.set_num_threads(threads);
      mkl_rt.MKL_Set_Num_Threads_Local(threads);
      THREADS.set(threads);
    }
  }

  /** MKL's own description of its version. */
  static String mklVersion() {
    byte[] version = new byte[256];
    mkl_rt.MKL_Get_Version_String(version, version.length);
    return new String(version, StandardCharsets.US_ASCII).replace('\0', ' ').strip();
  }

  /** What libtorch does its work with. */
  static String torchVersion() {
    Matcher version = TORCH_VERSION.matcher(torch.show_config().getString());
    return "libtorch %s; %s in place of OpenBLAS, GNU threading layer, 1 interop thread"
        .formatted(version.find() ? version.group(1) : "of unknown version", mklVersion());
  }
}
