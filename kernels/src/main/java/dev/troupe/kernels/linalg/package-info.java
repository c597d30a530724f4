/**
 * Dense linear algebra in float64 on host arrays, for metrics: products, a Cholesky factorisation
 * of semidefinite matrices, and the Newton–Schulz iteration. Matrices are row-major {@code
 * double[]}.
 */
package dev.troupe.kernels.linalg;
