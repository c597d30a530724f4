package dev.troupe.kernels.cuda;

import dev.troupe.kernels.CapturedSteps;
import dev.troupe.kernels.DeviceUnavailableException;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Blas;
import dev.troupe.kernels.gpu.Dnn;
import dev.troupe.kernels.gpu.Grid;
import dev.troupe.kernels.gpu.Kernel;
import dev.troupe.kernels.gpu.Machine;
import dev.troupe.kernels.gpu.Ranges;
import dev.troupe.kernels.ptx.PtxModule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;

/**
 * A GPU behind NVIDIA's driver: its primary context and one stream, on which everything happens in
 * order. Every return code is looked at; what fails later than it was asked for is reported at the
 * next call that waits, with the last launch.
 */
public final class CudaMachine implements Machine {
  private static final int LEAST_CAPABILITY = 75;
  private static final int DEVICE_MULTIPROCESSORS =
      CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
  private static final int DEVICE_CLOCK = CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE;
  private static final int DEVICE_MEMORY_CLOCK =
      CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE;
  private static final int DEVICE_BUS_WIDTH =
      CUdevice_attribute.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH;
  private static final int DEVICE_L2_CACHE = CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE;
  private static final int STREAM_NON_BLOCKING = 1;
  private static final int CAPTURE_MODE_RELAXED = 2; // modules may be loaded meanwhile
  private static final int STATIC_SHARED_LIMIT = 48 << 10;
  private static final int LOG_BYTES = 8 << 10;

  // A launch gets its packed arguments by this array of pointers (cuLaunchKernel's "extra").
  private static final long PARAM_END = 0;
  private static final long PARAM_BUFFER_POINTER = 1;
  private static final long PARAM_BUFFER_SIZE = 2;

  private static final long HEAD_START = 30_000_000; // nanoseconds

  /** Runs for so many nanoseconds. */
  static final String WAIT =
      """
      .version 7.5
      .target sm_75
      .address_size 64
      .visible .entry wait_for(
        .param .u64 nanoseconds
      )
      {
        .reg .pred %p<2>;
        .reg .b64 %rd<4>;
        ld.param.u64 %rd1, [nanoseconds];
        mov.u64 %rd2, %globaltimer;
        add.s64 %rd2, %rd2, %rd1;
      again:
        mov.u64 %rd3, %globaltimer;
        setp.lt.u64 %p1, %rd3, %rd2;
        @%p1 bra again;
        ret;
      }
      """;

  private final CUdevice device;
  private final String model;
  private final int capability;
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();
  private final Staging staging;
  private final Map<String, Loaded> modules = new HashMap<>(); // by their text
  private final Set<Long> allocated = new HashSet<>();

  private final MemorySegment extra = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, 6);
  private final Pointer extraPointer = Pointer.toBuffer(extra.asByteBuffer());

  private Cublas cublas; // null before it is asked for, and where there is none
  private boolean soughtCublas;
  private Cudnn cudnn; // likewise
  private boolean soughtCudnn;
  private boolean withoutLibraries;
  private boolean cudnnEverywhere;
  private Thread bound; // whose context is ours
  private boolean capturing;
  private CudaProfile profile; // null unless launches are timed
  private Object last = "none yet"; // a kernel, a graph, or the name of a library's call
  private Grid lastGrid; // null unless the last was a kernel
  private boolean closed;

  /** The first GPU. */
  public CudaMachine() {
    this(0);
  }

  /**
   * A GPU by its number.
   *
   * @throws DeviceUnavailableException if there is no driver or no such GPU, or it is too old
   */
  public CudaMachine(int ordinal) {
    this.device = Driver.device(ordinal);
    this.model = Driver.name(device);
    this.capability = requireCapability(device);
    Driver.check(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain", model);
    bind();
    Driver.check(JCudaDriver.cuStreamCreate(stream, STREAM_NON_BLOCKING), "cuStreamCreate", model);
    this.staging = new Staging(stream);
    extra.setAtIndex(ValueLayout.JAVA_LONG, 0, PARAM_BUFFER_POINTER);
    extra.setAtIndex(ValueLayout.JAVA_LONG, 2, PARAM_BUFFER_SIZE);
    extra.setAtIndex(ValueLayout.JAVA_LONG, 3, extra.address() + 5 * Long.BYTES);
    extra.setAtIndex(ValueLayout.JAVA_LONG, 4, PARAM_END);
  }

  /**
   * Looks whether there is a GPU that {@link #CudaMachine()} can use.
   *
   * @throws DeviceUnavailableException if not
   */
  public static void requireGpu() {
    requireCapability(Driver.device(0));
  }

  private static int requireCapability(CUdevice device) {
    int capability = Driver.capability(device);
    if (capability < LEAST_CAPABILITY) {
      throw new DeviceUnavailableException(
          Driver.NAME
              + ": "
              + Driver.name(device)
              + " is sm_"
              + capability
              + ", expected sm_75 or newer",
          null);
    }
    return capability;
  }

  /** The first GPU, with our own matrix products and convolutions alone. */
  public static CudaMachine withoutLibraries() {
    CudaMachine machine = new CudaMachine();
    machine.withoutLibraries = true;
    return machine;
  }

  /** The first GPU, with cuDNN for all convolutions that it can compute, however small. */
  public static CudaMachine withCudnnEverywhere() {
    CudaMachine machine = new CudaMachine();
    machine.cudnnEverywhere = true;
    return machine;
  }

  /** Makes the context that of this thread. */
  void bind() {
    Thread thread = Thread.currentThread();
    if (bound != thread) {
      Driver.check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent", model);
      bound = thread;
    }
  }

  @Override
  public String name() {
    return Driver.NAME;
  }

  /** The GPU and the driver, such as {@code NVIDIA H100, sm_90, driver for CUDA 12.6}. */
  @Override
  public String description() {
    return model + ", sm_" + capability + ", driver for CUDA " + Driver.cudaVersion();
  }

  @Override
  public int capability() {
    return capability;
  }

  // ---------------------------------------------------------------- memory

  @Override
  public long allocate(long bytes) {
    bind();
    Address address = new Address();
    int code = JCudaDriver.cuMemAlloc(address, bytes);
    if (code == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw new OutOfMemoryError(name() + ": cuMemAlloc (" + bytes + " bytes)");
    }
    Driver.check(code, "cuMemAlloc", bytes + " bytes");
    allocated.add(address.value());
    return address.value();
  }

  @Override
  public void free(long address) {
    bind();
    // Waits for all work by itself.
    Driver.check(JCudaDriver.cuMemFree(new Address(address)), "cuMemFree", hex(address));
    allocated.remove(address);
  }

  @Override
  public String room() {
    long[] memory = memory();
    return memory[0] + " of the GPU's " + memory[1] + " are free";
  }

  @Override
  public long freeBytes() {
    return memory()[0];
  }

  /** Bytes that are free, and all. */
  private long[] memory() {
    bind();
    long[] free = new long[1];
    long[] total = new long[1];
    Driver.check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo", model);
    return new long[] {free[0], total[0]};
  }

  /** What the driver says of the GPU, and its own version where the system shows it. */
  @Override
  public Map<String, String> properties() {
    Map<String, String> found = new LinkedHashMap<>();
    found.put("driver", Driver.release());
    found.put("memory, bytes", Long.toString(memory()[1]));
    found.put("multiprocessors", attribute(DEVICE_MULTIPROCESSORS));
    found.put("clock, kHz", attribute(DEVICE_CLOCK));
    found.put("memory clock, kHz", attribute(DEVICE_MEMORY_CLOCK));
    found.put("memory bus, bits", attribute(DEVICE_BUS_WIDTH));
    found.put("L2 cache, bytes", attribute(DEVICE_L2_CACHE));
    return found;
  }

  private String attribute(int which) {
    return Integer.toString(Driver.attribute(device, which));
  }

  @Override
  public void write(MemorySegment source, long target) {
    bind();
    refuseCopy("write", source);
    staging.write(source, target);
  }

  @Override
  public void read(long source, MemorySegment target) {
    bind();
    refuseCopy("read", target);
    synchronize(); // so that what a launch did wrong is not laid to the copy
    staging.read(source, target);
  }

  @Override
  public void copy(long source, long target, long bytes) {
    bind();
    Driver.check(
        JCudaDriver.cuMemcpyDtoDAsync(new Address(target), new Address(source), bytes, stream),
        "cuMemcpyDtoDAsync",
        bytes + " bytes");
  }

  private void refuseCopy(String op, MemorySegment host) {
    if (capturing) {
      throw CapturedSteps.refusedCopy(op, host.byteSize());
    }
  }

  // ---------------------------------------------------------------- kernels

  @Override
  public Kernel load(String module, String ptx, String entry) {
    bind();
    Loaded loaded = modules.get(ptx);
    if (loaded == null) {
      loaded = new Loaded(PtxModule.parse(module, ptx), compile(module, ptx));
      modules.put(ptx, loaded);
    }
    PtxModule.Entry signature = loaded.signatures.entry(entry);
    CUfunction function = new CUfunction();
    Driver.check(
        JCudaDriver.cuModuleGetFunction(function, loaded.module, entry),
        "cuModuleGetFunction",
        entry + " of " + module);
    return new CudaKernel(
        module,
        signature,
        function,
        attribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, entry),
        STATIC_SHARED_LIMIT
            - attribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, entry));
  }

  private record Loaded(PtxModule signatures, CUmodule module) {}

  private static int attribute(CUfunction function, int which, String entry) {
    int[] value = new int[1];
    Driver.check(
        JCudaDriver.cuFuncGetAttribute(value, which, function), "cuFuncGetAttribute", entry);
    return value[0];
  }

  private CUmodule compile(String module, String ptx) {
    JITOptions options = new JITOptions();
    options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
    options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
    CUmodule loaded = new CUmodule();
    byte[] text = (ptx + '\0').getBytes(java.nio.charset.StandardCharsets.UTF_8);
    int code = JCudaDriver.cuModuleLoadDataJIT(loaded, Pointer.to(text), options);
    switch (code) {
      case CUresult.CUDA_SUCCESS -> {
        return loaded;
      }
      case CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION ->
          throw new IllegalArgumentException(
              module
                  + ".ptx: the driver (for CUDA "
                  + Driver.cudaVersion()
                  + ") is too old for this PTX");
      case CUresult.CUDA_ERROR_INVALID_PTX, CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU ->
          throw new IllegalArgumentException(
              module
                  + ".ptx: the driver refuses it for sm_"
                  + capability
                  + ": "
                  + options.getString(CUjit_option.CU_JIT_ERROR_LOG_BUFFER));
      default -> throw Driver.failure(code, "cuModuleLoadDataEx", module + ".ptx");
    }
  }

  @Override
  public void launch(Kernel kernel, Grid grid, int sharedBytes, Arguments arguments) {
    bind();
    CudaKernel entry = (CudaKernel) kernel;
    entry.check(grid, arguments);
    if (sharedBytes > entry.dynamicShared) {
      Driver.check(
          JCudaDriver.cuFuncSetAttribute(
              entry.function,
              CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              sharedBytes),
          "cuFuncSetAttribute",
          entry + ", " + sharedBytes + " bytes of shared memory");
      entry.dynamicShared = sharedBytes;
    }
    extra.setAtIndex(ValueLayout.JAVA_LONG, 1, arguments.segment().address());
    extra.setAtIndex(ValueLayout.JAVA_LONG, 5, arguments.bytes());
    launches(entry, grid);
    if (profile != null) {
      profile.before(entry.entry(), grid.toString());
    }
    int code =
        JCudaDriver.cuLaunchKernel(
            entry.function,
            grid.x(),
            grid.y(),
            grid.z(),
            grid.threadsX(),
            grid.threadsY(),
            grid.threadsZ(),
            sharedBytes,
            stream,
            null,
            extraPointer);
    if (code != CUresult.CUDA_SUCCESS) {
      throw Driver.failure(
          code,
          "cuLaunchKernel",
          entry
              + ", "
              + grid
              + ", "
              + sharedBytes
              + " bytes of shared memory, "
              + arguments.bytes()
              + " bytes of arguments");
    }
    if (profile != null) {
      profile.after();
    }
  }

  /** What is timed while launches are, or null. */
  CudaProfile profile() {
    return profile;
  }

  /**
   * Notes what is about to be put on the stream, for the message of a failure that shows later.
   *
   * @param what a kernel, a graph, or the name of a library's call
   * @param grid of a kernel, otherwise null
   */
  void launches(Object what, Grid grid) {
    if (!capturing) {
      last = what;
      lastGrid = grid;
    }
  }

  private String lastLaunch() {
    return lastGrid == null ? last.toString() : last + ", " + lastGrid;
  }

  /** cuBLAS, if libcublas.so.12 can be loaded. */
  @Override
  public Blas blas() {
    if (!soughtCublas && !withoutLibraries) {
      long workspace = allocate(Cublas.WORKSPACE);
      try {
        cublas = Cublas.open(this, stream, workspace).orElse(null);
      } finally {
        if (cublas == null) {
          free(workspace);
        }
      }
      soughtCublas = true; // not before: what fails is sought again
    }
    return cublas;
  }

  /** cuDNN, if libcudnn.so.9 can be loaded. */
  @Override
  public Dnn dnn() {
    if (!soughtCudnn && !withoutLibraries) {
      cudnn = Cudnn.open(this, stream, cudnnEverywhere).orElse(null);
      soughtCudnn = true;
    }
    return cudnn;
  }

  /** A profiler that this process runs under. */
  @Override
  public Ranges ranges() {
    return Nvtx.attached();
  }

  @Override
  public void synchronize() {
    bind();
    int code = JCudaDriver.cuStreamSynchronize(stream);
    if (code != CUresult.CUDA_SUCCESS) {
      throw Driver.failure(code, "cuStreamSynchronize", "the last launch was " + lastLaunch());
    }
  }

  // ---------------------------------------------------------------- capture and time

  @Override
  public boolean canCapture() {
    return true;
  }

  @Override
  public void beginCapture() {
    bind();
    blas(); // takes memory when it is first asked for
    if (capturing) {
      throw new IllegalStateException(name() + ": the last capture has not ended");
    }
    Driver.check(
        JCudaDriver.cuStreamBeginCapture(stream, CAPTURE_MODE_RELAXED),
        "cuStreamBeginCapture",
        model);
    capturing = true;
  }

  @Override
  public Graph endCapture() {
    bind();
    capturing = false;
    return new CudaGraph(this, stream);
  }

  @Override
  public double seconds(Runnable work) {
    bind();
    return CudaProfile.seconds(stream, work);
  }

  @Override
  public void beginProfile() {
    bind();
    synchronize();
    // While the GPU waits, the host gets ahead, so that launches follow each other without gaps.
    Kernel wait = load("wait", WAIT, "wait_for");
    launch(wait, Grid.of(1, 1), 0, new Arguments().put(HEAD_START));
    profile = new CudaProfile(stream);
  }

  @Override
  public List<KernelTime> endProfile() {
    CudaProfile done = profile;
    profile = null;
    synchronize();
    return done.times();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    bind();
    // Errors that come now were reported before, or are of no more use.
    boolean spoilt = Driver.spoilsTheContext(JCudaDriver.cuStreamSynchronize(stream));
    try {
      if (cublas != null) {
        cublas.close();
      }
    } finally {
      try {
        if (cudnn != null) {
          cudnn.close();
        }
      } finally {
        closeTheRest(spoilt);
      }
    }
  }

  private void closeTheRest(boolean spoilt) {
    staging.close();
    new ArrayList<>(allocated).forEach(address -> JCudaDriver.cuMemFree(new Address(address)));
    modules.values().forEach(loaded -> JCudaDriver.cuModuleUnload(loaded.module));
    JCudaDriver.cuStreamDestroy(stream);
    JCudaDriver.cuDevicePrimaryCtxRelease(device);
    if (spoilt) {
      // Libraries hold the context, too; only so does the next machine get another one.
      JCudaDriver.cuDevicePrimaryCtxReset(device);
    }
  }

  private static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }
}
