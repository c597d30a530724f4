/** The experiments: data sets, runs, reports and the command line. */
package dev.troupe.experiments;
