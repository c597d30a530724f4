/**
 * Benchmarks of the kernels and of whole training steps, beside peers that do the same work.
 *
 * <p>{@link dev.troupe.bench.WorkSpec} says what is done, a {@link dev.troupe.bench.Peer} opens it
 * as {@link dev.troupe.bench.Work}, and {@link dev.troupe.bench.Comparison} times several peers in
 * turn in one process.
 */
package dev.troupe.bench;
