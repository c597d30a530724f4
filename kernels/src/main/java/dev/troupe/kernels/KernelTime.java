package dev.troupe.kernels;

/**
 * How long one launch of a kernel took.
 *
 * @param kernel its name
 * @param shape blocks and threads
 * @param seconds by the clock of what runs it
 */
public record KernelTime(String kernel, String shape, double seconds) {}
