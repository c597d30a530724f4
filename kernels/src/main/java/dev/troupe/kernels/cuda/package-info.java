/** NVIDIA's driver and cuBLAS through JCuda: the only package that names it. */
package dev.troupe.kernels.cuda;
