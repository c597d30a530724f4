package dev.troupe.kernels.gpu;

/**
 * An entry of a PTX file that a machine has loaded; each machine has its own kind. It stays usable
 * until the machine is closed.
 */
public interface Kernel {
  /** The file's name, without {@code .ptx}. */
  String module();

  /** The entry's name. */
  String entry();
}
