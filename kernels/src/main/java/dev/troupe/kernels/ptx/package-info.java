/**
 * An interpreter of PTX: the kernels that a GPU runs, executed on the CPU warp by warp, with the
 * checks that a GPU does not make.
 */
package dev.troupe.kernels.ptx;
