package dev.troupe.kernels.gpu;

/**
 * How long one launch took.
 *
 * @param entry the kernel's name
 * @param seconds of the machine's own clock
 */
public record LaunchTime(String entry, Grid grid, double seconds) {}
