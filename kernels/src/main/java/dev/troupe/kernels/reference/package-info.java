/** Every primitive as the naive loop in double, written to be read: the oracle of the tests. */
package dev.troupe.kernels.reference;
