/**
 * Experiment 2 of "Ensembles of GANs" (Eilertsen et al. 2021): classifiers that learn from samples.
 */
package dev.troupe.experiments.ensgan.images;
