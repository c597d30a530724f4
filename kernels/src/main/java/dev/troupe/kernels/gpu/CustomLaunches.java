package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.KernelLauncher;
import dev.troupe.kernels.PtxFile;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/** Launches of users' own kernels. */
final class CustomLaunches implements KernelLauncher {
  private final Machine machine;
  private final Launcher launcher;
  private final Map<PtxFile, Map<String, Kernel>> kernels = new IdentityHashMap<>();
  private boolean begun;

  CustomLaunches(Machine machine, Launcher launcher) {
    this.machine = machine;
    this.launcher = launcher;
  }

  @Override
  public String device() {
    return machine.name();
  }

  @Override
  public KernelLauncher kernel(PtxFile file, String entry) {
    Map<String, Kernel> ofFile = kernels.computeIfAbsent(file, _ -> new HashMap<>());
    Kernel kernel = ofFile.get(entry);
    if (kernel == null) {
      kernel = machine.load(file.name(), file.text(), entry);
      ofFile.put(entry, kernel);
    }
    launcher.begin(kernel);
    begun = true;
    return this;
  }

  @Override
  public KernelLauncher put(Buffer buffer) {
    launcher.put(buffer);
    return this;
  }

  @Override
  public KernelLauncher put(int value) {
    launcher.put(value);
    return this;
  }

  @Override
  public KernelLauncher put(long value) {
    launcher.put(value);
    return this;
  }

  @Override
  public KernelLauncher put(float value) {
    launcher.put(value);
    return this;
  }

  @Override
  public void launch(
      int blocksX,
      int blocksY,
      int blocksZ,
      int threadsX,
      int threadsY,
      int threadsZ,
      int sharedBytes) {
    if (!begun) {
      throw new IllegalStateException("launch: of no kernel, expected kernel(...) first");
    }
    begun = false;
    launcher.launch(new Grid(blocksX, blocksY, blocksZ, threadsX, threadsY, threadsZ), sharedBytes);
  }
}
