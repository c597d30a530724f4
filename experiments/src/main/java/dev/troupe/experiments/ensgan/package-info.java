/** "Ensembles of GANs for Synthetic Training Data Generation", Eilertsen et al., 2021. */
package dev.troupe.experiments.ensgan;
