/**
 * Arithmetic on buffers: the primitives and the devices that run them, without shapes or gradients.
 */
package dev.troupe.kernels;
