/** The command line. */
package dev.troupe.experiments.cli;
