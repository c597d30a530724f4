package dev.troupe.kernels;

/**
 * How a {@link Primitive.Custom} launches its kernel on the devices {@code cuda} and {@code ptx}:
 *
 * <pre>{@code
 * gpu.kernel(FILE, "cube").put(x).put(y).put(y.size()).launch((y.size() + 255) / 256, 256);
 * }</pre>
 */
public interface KernelLauncher {
  /** The device's name. */
  String device();

  /**
   * Begins a launch, with no arguments yet.
   *
   * @throws IllegalArgumentException if the file is no PTX that the device can run, or has no such
   *     entry
   */
  KernelLauncher kernel(PtxFile file, String entry);

  /** The next argument: the address of a buffer, {@code .u64}. */
  KernelLauncher put(Buffer buffer);

  /** The next argument, {@code .u32} or {@code .s32}. */
  KernelLauncher put(int value);

  /** The next argument, {@code .u64} or {@code .s64}. */
  KernelLauncher put(long value);

  /** The next argument, {@code .f32}. */
  KernelLauncher put(float value);

  /**
   * Launches a row of blocks.
   *
   * @throws IllegalArgumentException if the shape or the arguments are not what the kernel takes
   */
  default void launch(int blocks, int threads) {
    launch(blocks, 1, 1, threads, 1, 1, 0);
  }

  /**
   * Launches {@code blocksX · blocksY · blocksZ} blocks of {@code threadsX · threadsY · threadsZ}
   * threads.
   *
   * @param sharedBytes dynamic shared memory of a block, beyond what the kernel declares
   * @throws IllegalArgumentException if the shape or the arguments are not what the kernel takes
   */
  void launch(
      int blocksX,
      int blocksY,
      int blocksZ,
      int threadsX,
      int threadsY,
      int threadsZ,
      int sharedBytes);
}
