/** Tensors: a shape on a device buffer, the scopes that own the memory, and random numbers. */
package dev.troupe.tensor;
