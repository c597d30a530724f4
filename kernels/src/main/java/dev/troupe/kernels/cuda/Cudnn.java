package dev.troupe.kernels.cuda;

import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Window;
import dev.troupe.kernels.gpu.Dnn;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import jcuda.runtime.cudaStream_t;

/**
 * cuDNN 9 on a machine's stream. Algorithms are fixed, not found by timing, and each is one that
 * NVIDIA documents as deterministic; what they need is looked up once for each shape.
 */
final class Cudnn implements Dnn, AutoCloseable {
  /** From so many multiplications on it serves a single member. */
  static final long ONE_FROM = 1 << 25;

  /** From so many of each on it serves several members: a call then has work for a whole GPU. */
  static final long EACH_FROM = 1 << 30;

  /** A convolution that wants more bytes of working memory is left to our own kernels. */
  static final long WORKSPACE_LIMIT = 512 << 20;

  private static final int FORWARD =
      cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
  private static final int BACKWARD_DATA =
      cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1;
  private static final int BACKWARD_FILTER =
      cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1;

  // Statuses of cuDNN 9; JCudnn's names are those of cuDNN 8.
  private static final int SUCCESS = 0;
  private static final int NOT_SUPPORTED = 3_000;
  private static final int NOT_SUPPORTED_DRIVER = 3_005; // this and what follows: by the machine
  private static final int NOT_SUPPORTED_SUBLIBRARY = 3_009;
  private static final int LAST_NOT_SUPPORTED = 3_999;
  private static final int DEVICE_ALLOCATION_FAILED = 4_004;

  private static final Pointer ONE = Pointer.to(new float[] {1});
  private static final Pointer ZERO = Pointer.to(new float[] {0});

  private final CudaMachine machine;
  private final CUstream stream;
  private final boolean everywhere;
  private final long version;
  private final Map<Convolution, Plan> plans = new HashMap<>();
  private cudnnHandle handle; // null before open: most of cuDNN is loaded with it

  /**
   * The library, if the machine has it.
   *
   * @param everywhere whether it takes small convolutions, too
   */
  static Optional<Cudnn> open(CudaMachine machine, CUstream stream, boolean everywhere) {
    try {
      return Optional.of(new Cudnn(machine, stream, everywhere));
    } catch (LinkageError _) {
      return Optional.empty();
    }
  }

  private Cudnn(CudaMachine machine, CUstream stream, boolean everywhere) {
    this.machine = machine;
    this.stream = stream;
    this.everywhere = everywhere;
    this.version = JCudnn.cudnnGetVersion();
  }

  @Override
  public void open() {
    if (handle != null) {
      return;
    }
    machine.bind();
    cudnnHandle created = new cudnnHandle();
    int status = JCudnn.cudnnCreate(created);
    if (status == DEVICE_ALLOCATION_FAILED) {
      throw new OutOfMemoryError(Driver.NAME + ": cudnnCreate");
    }
    check(status, "cudnnCreate", description());
    handle = created;
    check(JCudnn.cudnnSetStream(handle, new cudaStream_t(stream)), "cudnnSetStream", "");
  }

  @Override
  public String description() {
    return "cuDNN " + version / 10_000 + "." + version / 100 % 100 + "." + version % 100;
  }

  // ---------------------------------------------------------------- plans

  @Override
  public boolean takes(int members, Convolution convolution) {
    long least = everywhere ? 1 : members == 1 ? ONE_FROM : EACH_FROM;
    return convolution.multiplications() >= least
        && canExpress(convolution.window())
        && plan(convolution).serves();
  }

  /** It pads alike on opposite sides, and has as many windows as fit. */
  static boolean canExpress(Window w) {
    return w.outHeight() == windows(w.height(), w.kernelHeight(), w.strideHeight(), w.padTop())
        && w.outWidth() == windows(w.width(), w.kernelWidth(), w.strideWidth(), w.padLeft());
  }

  private static int windows(int size, int kernel, int stride, int pad) {
    return Math.floorDiv(size + 2 * pad - kernel, stride) + 1;
  }

  @Override
  public long workspace(Convolution convolution) {
    return plan(convolution).workspace;
  }

  private Plan plan(Convolution convolution) {
    Plan plan = plans.get(convolution);
    if (plan == null) {
      machine.bind();
      plan = new Plan(handle, convolution);
      plans.put(convolution, plan);
    }
    return plan;
  }

  /** Whether it is the shape that cannot be computed, and not anything on this machine. */
  private static boolean refusesShape(int status) {
    return status >= NOT_SUPPORTED
        && status <= LAST_NOT_SUPPORTED
        && (status < NOT_SUPPORTED_DRIVER || status > NOT_SUPPORTED_SUBLIBRARY);
  }

  /** Descriptors of a shape, and how much working memory it needs. */
  private static final class Plan {
    final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
    final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
    final cudnnFilterDescriptor weight = new cudnnFilterDescriptor();
    final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
    final long workspace; // bytes, -1 where the algorithm cannot compute this

    Plan(cudnnHandle handle, Convolution c) {
      Window w = c.window();
      check(JCudnn.cudnnCreateTensorDescriptor(x), "cudnnCreateTensorDescriptor", c);
      check(JCudnn.cudnnCreateTensorDescriptor(y), "cudnnCreateTensorDescriptor", c);
      check(JCudnn.cudnnCreateFilterDescriptor(weight), "cudnnCreateFilterDescriptor", c);
      check(
          JCudnn.cudnnCreateConvolutionDescriptor(convolution),
          "cudnnCreateConvolutionDescriptor",
          c);
      setTensor(x, c, c.in(), w.height(), w.width());
      setTensor(y, c, c.out(), w.outHeight(), w.outWidth());
      check(
          JCudnn.cudnnSetFilter4dDescriptor(
              weight,
              cudnnDataType.CUDNN_DATA_FLOAT,
              cudnnTensorFormat.CUDNN_TENSOR_NCHW,
              c.out(),
              c.in(),
              w.kernelHeight(),
              w.kernelWidth()),
          "cudnnSetFilter4dDescriptor",
          c);
      check(
          JCudnn.cudnnSetConvolution2dDescriptor(
              convolution,
              w.padTop(),
              w.padLeft(),
              w.strideHeight(),
              w.strideWidth(),
              1,
              1,
              cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
              cudnnDataType.CUDNN_DATA_FLOAT),
          "cudnnSetConvolution2dDescriptor",
          c);
      // The default may round to TF32, FMA may not.
      int math =
          c.precision() == Precision.TF32
              ? cudnnMathType.CUDNN_DEFAULT_MATH
              : cudnnMathType.CUDNN_FMA_MATH;
      check(
          JCudnn.cudnnSetConvolutionMathType(convolution, math), "cudnnSetConvolutionMathType", c);
      long[] bytes = new long[1];
      int status =
          switch (c.pass()) {
            case FORWARD ->
                JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
                    handle, x, weight, convolution, y, FORWARD, bytes);
            case INPUT_GRAD ->
                JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
                    handle, weight, y, convolution, x, BACKWARD_DATA, bytes);
            case WEIGHT_GRAD ->
                JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
                    handle, x, y, convolution, weight, BACKWARD_FILTER, bytes);
          };
      if (refusesShape(status)) {
        workspace = -1;
      } else {
        check(status, workspaceCall(c.pass()), c);
        workspace = bytes[0];
      }
    }

    private static void setTensor(
        cudnnTensorDescriptor tensor, Convolution c, int channels, int height, int width) {
      check(
          JCudnn.cudnnSetTensor4dDescriptor(
              tensor,
              cudnnTensorFormat.CUDNN_TENSOR_NCHW,
              cudnnDataType.CUDNN_DATA_FLOAT,
              c.batch(),
              channels,
              height,
              width),
          "cudnnSetTensor4dDescriptor",
          c);
    }

    boolean serves() {
      return workspace >= 0 && workspace <= WORKSPACE_LIMIT;
    }

    void destroy() {
      JCudnn.cudnnDestroyTensorDescriptor(x);
      JCudnn.cudnnDestroyTensorDescriptor(y);
      JCudnn.cudnnDestroyFilterDescriptor(weight);
      JCudnn.cudnnDestroyConvolutionDescriptor(convolution);
    }
  }

  // ---------------------------------------------------------------- calls

  @Override
  public void run(
      int members,
      Convolution convolution,
      long x,
      long weight,
      long y,
      boolean add,
      long workspace) {
    Plan plan = plan(convolution);
    machine.bind();
    Address working = new Address(workspace);
    CudaProfile profile = machine.profile();
    String call = call(convolution.pass());
    for (int e = 0; e < members; e++) {
      Address xe = new Address(x + e * convolution.x() * Float.BYTES);
      Address we = new Address(weight + e * convolution.weight() * Float.BYTES);
      Address ye = new Address(y + e * convolution.y() * Float.BYTES);
      if (profile != null) {
        profile.before(call, convolution.toString());
      }
      machine.launches(call, null);
      int status = run(convolution.pass(), plan, xe, we, ye, add ? ONE : ZERO, working);
      if (status != SUCCESS) {
        throw failure(status, call, convolution + ", member " + e + " of " + members);
      }
      if (profile != null) {
        profile.after();
      }
    }
  }

  private int run(
      Pass pass, Plan plan, Address x, Address w, Address y, Pointer beta, Address working) {
    long bytes = plan.workspace;
    return switch (pass) {
      case FORWARD ->
          JCudnn.cudnnConvolutionForward(
              handle,
              ONE,
              plan.x,
              x,
              plan.weight,
              w,
              plan.convolution,
              FORWARD,
              working,
              bytes,
              beta,
              plan.y,
              y);
      case INPUT_GRAD ->
          JCudnn.cudnnConvolutionBackwardData(
              handle,
              ONE,
              plan.weight,
              w,
              plan.y,
              y,
              plan.convolution,
              BACKWARD_DATA,
              working,
              bytes,
              beta,
              plan.x,
              x);
      case WEIGHT_GRAD ->
          JCudnn.cudnnConvolutionBackwardFilter(
              handle,
              ONE,
              plan.x,
              x,
              plan.y,
              y,
              plan.convolution,
              BACKWARD_FILTER,
              working,
              bytes,
              beta,
              plan.weight,
              w);
    };
  }

  private static String call(Pass pass) {
    return switch (pass) {
      case FORWARD -> "cudnnConvolutionForward";
      case INPUT_GRAD -> "cudnnConvolutionBackwardData";
      case WEIGHT_GRAD -> "cudnnConvolutionBackwardFilter";
    };
  }

  private static String workspaceCall(Pass pass) {
    return call(pass).replace("cudnn", "cudnnGet") + "WorkspaceSize";
  }

  private static void check(int status, String call, Object about) {
    if (status != SUCCESS) {
      throw failure(status, call, about);
    }
  }

  private static IllegalStateException failure(int status, String call, Object about) {
    return new IllegalStateException(
        Driver.NAME + ": " + call + " (" + about + "): " + JCudnn.cudnnGetErrorString(status));
  }

  @Override
  public void close() {
    plans.values().forEach(Plan::destroy);
    if (handle != null) {
      check(JCudnn.cudnnDestroy(handle), "cudnnDestroy", "");
    }
  }
}
