package dev.troupe.kernels.ptx;

/**
 * A line of CUDA source, by {@code .loc}.
 *
 * @param inlinedAt where the function was inlined, or null
 */
record Location(int file, int line, Location inlinedAt) {}
