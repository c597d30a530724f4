/** Benchmarks of the kernels and of whole training steps. */
package dev.troupe.bench;
