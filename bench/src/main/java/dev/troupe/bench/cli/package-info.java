/** The whole command line: the experiments' commands and {@code bench}. */
package dev.troupe.bench.cli;
