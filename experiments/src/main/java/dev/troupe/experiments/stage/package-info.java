/** Runs in stages: several trainings, one after the other, that are resumed one by one. */
package dev.troupe.experiments.stage;
