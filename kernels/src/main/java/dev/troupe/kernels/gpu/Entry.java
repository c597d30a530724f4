package dev.troupe.kernels.gpu;

/** A kernel by its names, loaded when it is first launched. */
final class Entry {
  private final String module;
  private final String name;
  private Kernel kernel;

  /** The entry {@code name} of {@code module.ptx}. */
  Entry(String module, String name) {
    this.module = module;
    this.name = name;
  }

  Kernel kernel(Launcher launcher) {
    if (kernel == null) {
      kernel = launcher.load(module, name);
    }
    return kernel;
  }
}
