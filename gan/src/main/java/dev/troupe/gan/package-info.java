/** Generative adversarial networks: models, losses, ensembles and mixtures, and their metrics. */
package dev.troupe.gan;
