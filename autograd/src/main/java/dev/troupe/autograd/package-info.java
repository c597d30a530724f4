/** Automatic differentiation: variables, and the catalogue of operations with their gradients. */
package dev.troupe.autograd;
