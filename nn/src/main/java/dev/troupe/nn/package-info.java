/** Neural networks: layers, initialisers, losses, optimisers, schedules and checkpoints. */
package dev.troupe.nn;
