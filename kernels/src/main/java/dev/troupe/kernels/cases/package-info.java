/**
 * Samples of every primitive at awkward sizes and values, with the bounds of their errors: what the
 * tests run on every device, and {@code gpu-check} on a GPU.
 */
package dev.troupe.kernels.cases;
