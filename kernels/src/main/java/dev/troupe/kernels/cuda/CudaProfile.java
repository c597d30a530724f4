package dev.troupe.kernels.cuda;

import dev.troupe.kernels.KernelTime;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** Times launches by events on the stream, before and after each. */
final class CudaProfile {
  private static final int EVENT_DEFAULT = 0;

  private final CUstream stream;
  private final List<String> kernels = new ArrayList<>();
  private final List<String> shapes = new ArrayList<>();
  private final List<CUevent> events = new ArrayList<>(); // two for each launch

  CudaProfile(CUstream stream) {
    this.stream = stream;
  }

  void before(String kernel, String shape) {
    kernels.add(kernel);
    shapes.add(shape);
    events.add(mark(stream));
  }

  void after() {
    events.add(mark(stream));
  }

  /** What has been timed, once the stream has finished it. */
  List<KernelTime> times() {
    List<KernelTime> times = new ArrayList<>();
    for (int i = 0; i < events.size() / 2; i++) { // the last launch may have failed
      double seconds = seconds(events.get(2 * i), events.get(2 * i + 1));
      times.add(new KernelTime(kernels.get(i), shapes.get(i), seconds, null));
    }
    events.forEach(CudaProfile::destroy);
    return times;
  }

  /** How long the stream takes for what {@code work} puts on it. */
  static double seconds(CUstream stream, Runnable work) {
    CUevent before = mark(stream);
    work.run();
    CUevent after = mark(stream);
    Driver.check(JCudaDriver.cuEventSynchronize(after), "cuEventSynchronize", "a timing");
    double seconds = seconds(before, after);
    destroy(before);
    destroy(after);
    return seconds;
  }

  private static CUevent mark(CUstream stream) {
    CUevent event = new CUevent();
    Driver.check(JCudaDriver.cuEventCreate(event, EVENT_DEFAULT), "cuEventCreate", "a timing");
    Driver.check(JCudaDriver.cuEventRecord(event, stream), "cuEventRecord", "a timing");
    return event;
  }

  private static void destroy(CUevent event) {
    Driver.check(JCudaDriver.cuEventDestroy(event), "cuEventDestroy", "a timing");
  }

  private static double seconds(CUevent before, CUevent after) {
    float[] milliseconds = new float[1];
    Driver.check(
        JCudaDriver.cuEventElapsedTime(milliseconds, before, after),
        "cuEventElapsedTime",
        "a timing");
    return milliseconds[0] * 1e-3;
  }
}
