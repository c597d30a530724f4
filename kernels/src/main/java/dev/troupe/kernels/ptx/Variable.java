package dev.troupe.kernels.ptx;

/**
 * A variable of a state space.
 *
 * @param space global, const, shared or local
 * @param bytes its size; 0 for {@code .extern .shared x[]}, which takes what the launch gives
 * @param initial its first contents; null in shared and local memory, and where they have addresses
 */
record Variable(String space, String name, int align, int bytes, byte[] initial) {}
