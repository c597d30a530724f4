/** One run: its directory, lock, metrics, progress, and how it is interrupted and gone on with. */
package dev.troupe.experiments.run;
