// A profiler's library, for tests of what Nvtx gives it and tells it: it takes the ranges of NVTX 3 and writes them to
// the file STUB_LOG, among the calls of libcuda.c.
//
//   STUB_PROFILER  "refuses": initialisation fails; "no ranges": it takes none
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*Function)(void);
struct Callbacks {
  size_t bytes;
  int (*table)(int module, Function ***places, unsigned *count);
};
struct Version {
  size_t bytes;
  uint32_t version, reserved;
  void (*set)(uint32_t version);
};

static void logLine(const char *what, const char *name) {
  FILE *file = fopen(getenv("STUB_LOG"), "a");
  fprintf(file, "%s%s\n", what, name);
  fclose(file);
}

static int depth;
static int push(const char *name) { logLine("push ", name); return depth++; }
static int pop(void) { logLine("pop", ""); return --depth; }

static void fail(const char *what) {
  logLine("wrong: ", what);
  exit(3);
}

int InitializeInjectionNvtx2(const void *(*exportTable)(uint32_t)) {
  const char *how = getenv("STUB_PROFILER");
  if (how && !strcmp(how, "refuses")) return 0;

  const struct Version *version = exportTable(3);
  if (version->bytes != sizeof *version || version->version != 3) fail("version");
  version->set(3);
  if (exportTable(2) || exportTable(99)) fail("unknown table");

  const struct Callbacks *callbacks = exportTable(1);
  if (callbacks->bytes != sizeof *callbacks) fail("callbacks");
  static const unsigned counts[] = {16, 9, 15, 7, 16, 7}; // of modules 1 to 6
  for (int module = 1; module <= 6; module++) {
    Function **places;
    unsigned count;
    if (!callbacks->table(module, &places, &count) || count != counts[module - 1]) fail("count");
    if (!callbacks->table(module, NULL, NULL)) fail("no results wanted");
    if (places[0] || places[count]) fail("a place that is none");
    for (unsigned i = 1; i < count; i++) *places[i] = (Function)abort; // whoever calls the wrong one
    if (module == 1) {
      int none = how && !strcmp(how, "no ranges");
      *places[9] = none ? NULL : (Function)push;
      *places[11] = none ? NULL : (Function)pop;
    }
  }
  Function **places;
  if (callbacks->table(0, &places, NULL) || callbacks->table(7, &places, NULL)) fail("unknown module");
  logLine("profiler attached", "");
  return 1;
}
