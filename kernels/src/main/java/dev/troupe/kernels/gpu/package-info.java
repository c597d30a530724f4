/**
 * The devices that run kernels of PTX: {@code cuda} through the driver, and {@code ptx}, which
 * executes the same kernels on the CPU. What to launch for a primitive stands here once; where it
 * runs is a {@link dev.troupe.kernels.gpu.Machine}.
 */
package dev.troupe.kernels.gpu;
