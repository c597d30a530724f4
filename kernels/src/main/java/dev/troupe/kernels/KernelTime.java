package dev.troupe.kernels;

/**
 * How long one launch of a kernel took.
 *
 * @param kernel its name
 * @param shape blocks and threads
 * @param seconds by the clock of what runs it
 * @param accesses how it used memory; null where that is not counted, which only {@code ptx} does
 */
public record KernelTime(String kernel, String shape, double seconds, AccessCounts accesses) {}
