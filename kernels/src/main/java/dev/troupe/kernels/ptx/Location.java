package dev.troupe.kernels.ptx;

/**
 * A line of CUDA source, by {@code .loc}.
 *
 * @param inlinedAt where the function was inlined, or null
 * @param before the location before this one in the kernel, or null
 */
record Location(int file, int line, Location inlinedAt, Location before) {}
