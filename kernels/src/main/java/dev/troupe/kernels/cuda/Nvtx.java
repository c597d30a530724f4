package dev.troupe.kernels.cuda;

import dev.troupe.kernels.gpu.Ranges;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ranges in profiles of Nsight Systems and Nsight Compute, by NVTX 3. NVTX is no library but a way
 * to find one: a profiler names its own in {@code NVTX_INJECTION64_PATH}, and this process loads it
 * and calls its {@code InitializeInjectionNvtx2}. The library asks for tables of places for
 * functions, one table for each module of NVTX, and writes its functions into those that it has.
 *
 * @see <a href="https://github.com/NVIDIA/NVTX">NVTX's headers</a>, whose numbers these are
 */
@SuppressWarnings("restricted") // calling C is what this class is for
final class Nvtx implements Ranges {
  static final String VARIABLE = "NVTX_INJECTION64_PATH";

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final MemoryLayout POINTER = ValueLayout.ADDRESS;
  private static final int LAZY = 1; // RTLD_LAZY

  private static final int CALLBACKS = 1; // NVTX_ETID_CALLBACKS
  private static final int VERSION_INFO = 3; // NVTX_ETID_VERSIONINFO
  private static final int VERSION = 3; // NVTX_VERSION

  /**
   * Places in the table of each NvtxCallbackModule, the first of which stays empty: invalid, core,
   * CUDA driver, OpenCL, CUDA runtime, domains, synchronisation.
   */
  private static final int[] PLACES = {0, 16, 9, 15, 7, 16, 7};

  private static final int CORE = 1; // NVTX_CB_MODULE_CORE
  private static final int RANGE_PUSH = 9; // NVTX_CBID_CORE_RangePushA
  private static final int RANGE_POP = 11; // NVTX_CBID_CORE_RangePop

  // What the profiler's library has been given stays valid as long as the process.
  private static final Arena ARENA = Arena.global();
  private static final MemorySegment[] TABLES = new MemorySegment[PLACES.length];
  private static final MemorySegment CALLBACKS_TABLE = ARENA.allocate(POINTER, 2);
  private static final MemorySegment VERSION_TABLE = ARENA.allocate(POINTER, 3);

  private final MethodHandle push;
  private final MethodHandle pop;
  private final Map<String, MemorySegment> names = new ConcurrentHashMap<>();

  private Nvtx(MemorySegment push, MemorySegment pop) {
    this.push = function(push, FunctionDescriptor.of(INT, POINTER));
    this.pop = function(pop, FunctionDescriptor.of(INT));
  }

  /** The profiler that this process runs under, found once; null where there is none. */
  static Ranges attached() {
    return Attached.RANGES;
  }

  private static final class Attached {
    static final Ranges RANGES = attach(System.getenv(VARIABLE));
  }

  private static Ranges attach(String library) {
    if (library == null || library.isEmpty()) {
      return null;
    }
    try {
      initialise(library);
    } catch (IllegalStateException | NoSuchElementException e) {
      System.err.println(
          Driver.NAME + ": no NVTX ranges: " + VARIABLE + "=" + library + ": " + e.getMessage());
      return null;
    }
    MemorySegment push = written(RANGE_PUSH);
    MemorySegment pop = written(RANGE_POP);
    boolean wanted = push.address() != 0 && pop.address() != 0; // a profiler need not want ranges
    return wanted ? new Nvtx(push, pop) : null;
  }

  private static MemorySegment written(int place) {
    MemorySegment pointer = TABLES[CORE].getAtIndex(ValueLayout.ADDRESS, place);
    return pointer.reinterpret(Long.BYTES).get(ValueLayout.ADDRESS, 0);
  }

  // ---------------------------------------------------------------- the profiler's library

  private static void initialise(String library) {
    // All are looked up first, since dlerror tells of the last call alone, whoever made it.
    MethodHandle open = c("dlopen", FunctionDescriptor.of(POINTER, POINTER, INT));
    MethodHandle find = c("dlsym", FunctionDescriptor.of(POINTER, POINTER, POINTER));
    MethodHandle error = c("dlerror", FunctionDescriptor.of(POINTER));
    String entry = "InitializeInjectionNvtx2";
    makeTables();
    int done;
    try {
      MemorySegment handle = (MemorySegment) open.invokeExact(ARENA.allocateFrom(library), LAZY);
      if (handle.address() == 0) {
        throw failure((MemorySegment) error.invokeExact(), "cannot be loaded");
      }
      MemorySegment address = (MemorySegment) find.invokeExact(handle, ARENA.allocateFrom(entry));
      if (address.address() == 0) {
        throw failure((MemorySegment) error.invokeExact(), "has no " + entry);
      }
      MemorySegment tables =
          stub("exportTable", MethodType.methodType(MemorySegment.class, int.class));
      done = (int) function(address, FunctionDescriptor.of(INT, POINTER)).invokeExact(tables);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e); // C throws nothing
    }
    if (done == 0) {
      throw new IllegalStateException(entry + " gives 0, expected 1");
    }
  }

  /** With the text of dlerror, or, if it has been asked for by somebody else, {@code otherwise}. */
  private static IllegalStateException failure(MemorySegment text, String otherwise) {
    return new IllegalStateException(
        text.address() == 0 ? otherwise : text.reinterpret(Long.MAX_VALUE).getString(0));
  }

  /** A function of the C library. */
  private static MethodHandle c(String name, FunctionDescriptor type) {
    return function(Linker.nativeLinker().defaultLookup().findOrThrow(name), type);
  }

  private static MethodHandle function(MemorySegment address, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(address, type);
  }

  // ---------------------------------------------------------------- what it asks for

  private static void makeTables() {
    for (int module = 0; module < PLACES.length; module++) {
      MemorySegment places = ARENA.allocate(POINTER, PLACES[module] + 1L);
      MemorySegment table = ARENA.allocate(POINTER, PLACES[module] + 1L); // ends with a null
      for (int i = 1; i < PLACES[module]; i++) {
        table.setAtIndex(ValueLayout.ADDRESS, i, places.asSlice(i * 8L, 8));
      }
      TABLES[module] = table;
    }
    CALLBACKS_TABLE.setAtIndex(ValueLayout.JAVA_LONG, 0, CALLBACKS_TABLE.byteSize());
    CALLBACKS_TABLE.setAtIndex(
        ValueLayout.ADDRESS,
        1,
        stub(
            "moduleTable",
            MethodType.methodType(int.class, int.class, MemorySegment.class, MemorySegment.class)));
    VERSION_TABLE.setAtIndex(ValueLayout.JAVA_LONG, 0, VERSION_TABLE.byteSize());
    VERSION_TABLE.setAtIndex(INT, 2, VERSION);
    VERSION_TABLE.setAtIndex(
        ValueLayout.ADDRESS,
        2,
        stub("profilerVersion", MethodType.methodType(void.class, int.class)));
  }

  /** One of the methods below, for C to call. */
  private static MemorySegment stub(String method, MethodType type) {
    MemoryLayout[] parameters =
        type.parameterList().stream().map(Nvtx::layout).toArray(MemoryLayout[]::new);
    FunctionDescriptor descriptor =
        type.returnType() == void.class
            ? FunctionDescriptor.ofVoid(parameters)
            : FunctionDescriptor.of(layout(type.returnType()), parameters);
    try {
      MethodHandle handle = MethodHandles.lookup().findStatic(Nvtx.class, method, type);
      return Linker.nativeLinker().upcallStub(handle, descriptor, ARENA);
    } catch (NoSuchMethodException | IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  private static MemoryLayout layout(Class<?> type) {
    return type == int.class ? INT : POINTER;
  }

  /** NvtxGetExportTableFunc_t. */
  @SuppressWarnings("unused") // called by C
  private static MemorySegment exportTable(int which) {
    return switch (which) {
      case CALLBACKS -> CALLBACKS_TABLE;
      case VERSION_INFO -> VERSION_TABLE;
      default -> MemorySegment.NULL;
    };
  }

  /** GetModuleFunctionTable of NvtxExportTableCallbacks: 1 where there is such a module. */
  @SuppressWarnings("unused") // called by C
  private static int moduleTable(int module, MemorySegment table, MemorySegment places) {
    if (module < CORE || module >= PLACES.length) {
      return 0;
    }
    if (table.address() != 0) {
      table.reinterpret(Long.BYTES).set(ValueLayout.ADDRESS, 0, TABLES[module]);
    }
    if (places.address() != 0) {
      places.reinterpret(Integer.BYTES).set(INT, 0, PLACES[module]);
    }
    return 1;
  }

  /** SetInjectionNvtxVersion of NvtxExportTableVersionInfo. */
  @SuppressWarnings("unused") // called by C
  private static void profilerVersion(int version) {}

  // ---------------------------------------------------------------- ranges

  @Override
  public void push(String name) {
    MemorySegment text = names.computeIfAbsent(name, ARENA::allocateFrom);
    try {
      int _ = (int) push.invokeExact(text);
    } catch (Throwable e) {
      throw new AssertionError(e); // C throws nothing
    }
  }

  @Override
  public void pop() {
    try {
      int _ = (int) pop.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e); // C throws nothing
    }
  }
}
