package dev.troupe.kernels.cuda;

import dev.troupe.kernels.DeviceUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** The driver's start, and its return codes. */
final class Driver {
  static final String NAME = "cuda";

  private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+[.\\d]*");

  private static final int LEAST_CUDA = 11_050; // takes PTX of version 7.5

  private Driver() {}

  /** What is thrown where a call has failed; callers look at the code first. */
  static IllegalStateException failure(int code, String call, Object about) {
    return new IllegalStateException(NAME + ": " + call + " (" + about + "): " + describe(code));
  }

  /** Throws unless the code is that of success. */
  static void check(int code, String call, Object about) {
    if (code != CUresult.CUDA_SUCCESS) {
      throw failure(code, call, about);
    }
  }

  static String describe(int code) {
    String[] text = new String[1];
    boolean known = JCudaDriver.cuGetErrorString(code, text) == CUresult.CUDA_SUCCESS;
    return CUresult.stringFor(code) + (known && text[0] != null ? ", " + text[0] : "");
  }

  /** Whether it is of those after which all calls fail, for everybody who has the context. */
  static boolean spoilsTheContext(int code) {
    return switch (code) {
      case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED ->
          true;
      default -> false;
    };
  }

  /**
   * Starts the driver and finds a GPU.
   *
   * @throws DeviceUnavailableException if there is no driver, an old one, or no such GPU
   */
  static CUdevice device(int ordinal) {
    int started;
    try {
      started = JCudaDriver.cuInit(0);
    } catch (LinkageError e) {
      throw new DeviceUnavailableException(
          NAME
              + ": NVIDIA's driver (libcuda.so.1) cannot be loaded; install it, or take --device"
              + " cpu or ptx",
          e);
    }
    if (started != CUresult.CUDA_SUCCESS) {
      throw new DeviceUnavailableException(
          NAME + ": the driver finds no GPU that it can use: " + describe(started), null);
    }
    if (version() < LEAST_CUDA) {
      throw new DeviceUnavailableException(
          NAME + ": the driver is for CUDA " + cudaVersion() + ", expected 11.5 or later", null);
    }
    int[] count = new int[1];
    check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount", "all");
    if (ordinal >= count[0]) {
      throw new DeviceUnavailableException(
          NAME + ": GPU " + ordinal + " was asked for, but the driver has " + count[0], null);
    }
    CUdevice device = new CUdevice();
    check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet", ordinal);
    return device;
  }

  static String name(CUdevice device) {
    byte[] name = new byte[256];
    check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName", "its name");
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return new String(name, 0, end, java.nio.charset.StandardCharsets.UTF_8);
  }

  /** 10 times the major number of the compute capability, plus the minor one. */
  static int capability(CUdevice device) {
    return 10 * attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  static int attribute(CUdevice device, int which) {
    int[] value = new int[1];
    check(JCudaDriver.cuDeviceGetAttribute(value, which, device), "cuDeviceGetAttribute", which);
    return value[0];
  }

  /** Such as {@code 550.54.15}, or "unknown" where the system does not show it. */
  static String release() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/driver/nvidia/version"))) {
      Matcher number = VERSION.matcher(lines.findFirst().orElse(""));
      return number.find() ? number.group() : "unknown";
    } catch (IOException _) {
      return "unknown";
    }
  }

  /** The newest CUDA that the driver supports, such as {@code 12.6}. */
  static String cudaVersion() {
    return version() / 1000 + "." + version() % 1000 / 10;
  }

  private static int version() {
    int[] version = new int[1];
    check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion", "its version");
    return version[0];
  }
}
