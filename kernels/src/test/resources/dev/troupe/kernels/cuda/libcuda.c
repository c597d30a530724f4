// A libcuda.so.1 without a GPU, for tests of what CudaMachine calls, and with which arguments: device memory is host
// memory, the one kernel that it can run is `increment` (it adds 1 to n ints at x), graphs are lists of launches.
//
//   STUB_LOG     a file that gets one line for each call of interest
//   STUB_MEMORY  bytes of the GPU; more is CUDA_ERROR_OUT_OF_MEMORY
//   STUB_VERSION the CUDA of the driver, 12060 for 12.6
//   STUB_FAIL    the name of a call that fails with CUDA_ERROR_ILLEGAL_ADDRESS
//   STUB_REFUSE  the name of a kernel whose launches fail with CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES
//   STUB_SPOIL   the name of a kernel that spoils the context, whoever holds it: until that is reset all of its calls fail
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_PTX = 218, INVALID_HANDLE = 400, NOT_FOUND = 500, ILLEGAL_ADDRESS = 700,
       OUT_OF_RESOURCES = 701,
       CAPTURE_INVALID = 901 };

static void logLine(const char *format, ...) {
  const char *path = getenv("STUB_LOG");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (file) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    fputc('\n', file);
    fclose(file);
  }
}

static int failing(const char *call) {
  const char *fail = getenv("STUB_FAIL");
  return fail && !strcmp(fail, call) ? ILLEGAL_ADDRESS : SUCCESS;
}

static int spoilt;

#define MAYBE_FAIL() do { if (spoilt || failing(__func__)) return ILLEGAL_ADDRESS; } while (0)

int cuInit(unsigned flags) { MAYBE_FAIL(); return SUCCESS; }
int cuDriverGetVersion(int *version) {
  const char *own = getenv("STUB_VERSION");
  *version = own ? atoi(own) : 12060;
  return SUCCESS;
}
int cuDeviceGetCount(int *count) { *count = 1; return SUCCESS; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return SUCCESS; }
int cuDeviceGetName(char *name, int size, int device) { snprintf(name, size, "Stub"); return SUCCESS; }
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  *value = attribute == 75 ? 8 : attribute == 76 ? 6 : attribute;
  return SUCCESS;
}
int cuDevicePrimaryCtxRetain(void **context, int device) { *context = (void *)16; return SUCCESS; }
int cuDevicePrimaryCtxRelease_v2(int device) { logLine("release context"); return SUCCESS; }
int cuDevicePrimaryCtxReset_v2(int device) { logLine("reset context"); spoilt = 0; return SUCCESS; }
int cuCtxSetCurrent(void *context) { logLine("current context"); return context ? SUCCESS : INVALID_HANDLE; }

int cuGetErrorString(int code, const char **text) { *text = code ? "a stub's error" : "no error"; return SUCCESS; }
int cuGetErrorName(int code, const char **text) { *text = "STUB"; return SUCCESS; }

// ---------------------------------------------------------------- memory

static size_t taken;
static size_t limit(void) {
  const char *bytes = getenv("STUB_MEMORY");
  return bytes ? strtoull(bytes, NULL, 10) : (size_t)1 << 30;
}

int cuMemGetInfo_v2(size_t *free, size_t *total) { *total = limit(); *free = *total - taken; return SUCCESS; }

int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  MAYBE_FAIL();
  if (taken + bytes > limit()) {
    logLine("no room for %zu", bytes);
    return OUT_OF_MEMORY;
  }
  size_t *block = aligned_alloc(256, (bytes + 511) / 256 * 256); // the first 256 bytes hold its size
  *block = bytes;
  taken += bytes;
  *address = (uint64_t)block + 256;
  logLine("allocate %zu", bytes);
  return SUCCESS;
}

int cuMemFree_v2(uint64_t address) {
  MAYBE_FAIL();
  size_t *block = (size_t *)(address - 256);
  taken -= *block;
  logLine("free %zu", *block);
  free(block);
  return SUCCESS;
}

int cuMemHostAlloc(void **pointer, size_t bytes, unsigned flags) {
  *pointer = malloc(bytes);
  logLine("pinned %zu", bytes);
  return SUCCESS;
}
int cuMemFreeHost(void *pointer) { free(pointer); logLine("unpinned"); return SUCCESS; }

// ---------------------------------------------------------------- stream, graphs

struct Launch { char *name; char arguments[64]; struct Launch *next; };
struct Graph { struct Launch *first, **end; size_t count; };
static struct Graph *capture;

static void execute(const char *name, const char *arguments) {
  uint64_t x;
  int n;
  memcpy(&x, arguments, 8);
  memcpy(&n, arguments + 8, 4);
  if (!strcmp(name, "increment")) {
    for (int i = 0; i < n; i++) ((int *)x)[i]++;
  }
}

int cuStreamCreate(void **stream, unsigned flags) { MAYBE_FAIL(); *stream = (void *)32; return flags == 1 ? SUCCESS : INVALID_VALUE; }
int cuStreamDestroy_v2(void *stream) { logLine("destroy stream"); return SUCCESS; }
int cuStreamSynchronize(void *stream) { MAYBE_FAIL(); return capture ? CAPTURE_INVALID : SUCCESS; }

int cuMemcpyHtoDAsync_v2(uint64_t target, const void *source, size_t bytes, void *stream) {
  MAYBE_FAIL();
  if (capture) return CAPTURE_INVALID;
  memcpy((void *)target, source, bytes);
  logLine("copy in %zu", bytes);
  return SUCCESS;
}
int cuMemcpyDtoHAsync_v2(void *target, uint64_t source, size_t bytes, void *stream) {
  MAYBE_FAIL();
  if (capture) return CAPTURE_INVALID;
  memcpy(target, (void *)source, bytes);
  logLine("copy out %zu", bytes);
  return SUCCESS;
}

int cuStreamBeginCapture_v2(void *stream, int mode) {
  if (capture) return INVALID_VALUE;
  capture = calloc(1, sizeof *capture);
  capture->end = &capture->first;
  logLine("begin capture, mode %d", mode);
  return SUCCESS;
}
int cuStreamEndCapture(void *stream, void **graph) {
  if (!capture) return INVALID_VALUE;
  *graph = capture;
  capture = NULL;
  return SUCCESS;
}
int cuGraphGetNodes(struct Graph *graph, void **nodes, size_t *count) { *count = graph->count; return SUCCESS; }
int cuGraphInstantiateWithFlags(void **executable, struct Graph *graph, unsigned long long flags) {
  MAYBE_FAIL();
  *executable = graph;
  return SUCCESS;
}
int cuGraphUpload(struct Graph *executable, void *stream) { return SUCCESS; }
int cuGraphLaunch(struct Graph *executable, void *stream) {
  MAYBE_FAIL();
  logLine("graph of %zu", executable->count);
  for (struct Launch *l = executable->first; l; l = l->next) execute(l->name, l->arguments);
  return SUCCESS;
}
int cuGraphExecDestroy(struct Graph *executable) { logLine("destroy graph"); return SUCCESS; }
int cuGraphDestroy(struct Graph *graph) { return SUCCESS; }

// ---------------------------------------------------------------- kernels

int cuModuleLoadDataEx(void **module, const void *text, unsigned count, int *options, void **values) {
  if (strstr(text, "refused")) {
    for (unsigned i = 0; i < count; i++) {
      if (options[i] == 5) strcpy(values[i], "ptxas: line 7 is refused"); // CU_JIT_ERROR_LOG_BUFFER
    }
    return INVALID_PTX;
  }
  *module = strdup(text);
  logLine("load module");
  return SUCCESS;
}
int cuModuleUnload(void *module) { free(module); logLine("unload module"); return SUCCESS; }
int cuModuleGetFunction(void **function, const char *module, const char *name) {
  char pattern[256];
  snprintf(pattern, sizeof pattern, ".entry %s(", name);
  if (!strstr(module, pattern)) return NOT_FOUND;
  *function = strdup(name);
  return SUCCESS;
}
int cuFuncGetAttribute(int *value, int attribute, void *function) {
  *value = attribute == 0 ? 1024 : 0;
  return SUCCESS;
}
int cuFuncSetAttribute(void *function, int attribute, int value) {
  logLine("attribute %d of %s: %d", attribute, (char *)function, value);
  return SUCCESS;
}

int cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, void *stream, void **parameters, void **extra) {
  MAYBE_FAIL();
  if (parameters || !extra || extra[0] != (void *)1 || extra[2] != (void *)2 || extra[4] != NULL) return INVALID_VALUE;
  const char *refused = getenv("STUB_REFUSE");
  if (refused && !strcmp(refused, function)) return OUT_OF_RESOURCES;
  size_t bytes = *(size_t *)extra[3];
  char text[200] = "";
  for (size_t i = 0; i < bytes && i < 64; i += 4) {
    unsigned word;
    memcpy(&word, (char *)extra[1] + i, 4);
    // Addresses differ from run to run: only the words behind the first 8 bytes.
    if (i >= 8) snprintf(text + strlen(text), sizeof text - strlen(text), " %x", word);
  }
  logLine("%s %s (%u %u %u) of (%u %u %u), %u shared, %zu bytes:%s", capture ? "capture" : "launch", (char *)function,
          gx, gy, gz, bx, by, bz, shared, bytes, text);
  if (capture) {
    struct Launch *launch = calloc(1, sizeof *launch);
    launch->name = strdup(function);
    memcpy(launch->arguments, extra[1], bytes < 64 ? bytes : 64);
    *capture->end = launch;
    capture->end = &launch->next;
    capture->count++;
  } else {
    const char *spoils = getenv("STUB_SPOIL");
    spoilt = spoils && !strcmp(spoils, function); // which shows in the next call
    execute(function, extra[1]);
  }
  return SUCCESS;
}

// ---------------------------------------------------------------- events

int cuEventCreate(struct timespec **event, unsigned flags) { *event = calloc(1, sizeof **event); return SUCCESS; }
int cuEventRecord(struct timespec *event, void *stream) { clock_gettime(CLOCK_MONOTONIC, event); return SUCCESS; }
int cuEventSynchronize(struct timespec *event) { return SUCCESS; }
int cuEventElapsedTime(float *milliseconds, struct timespec *from, struct timespec *to) {
  *milliseconds = (to->tv_sec - from->tv_sec) * 1e3f + (to->tv_nsec - from->tv_nsec) * 1e-6f;
  return SUCCESS;
}
int cuEventDestroy_v2(struct timespec *event) { MAYBE_FAIL(); free(event); return SUCCESS; }
