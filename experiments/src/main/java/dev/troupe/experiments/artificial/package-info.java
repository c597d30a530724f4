/**
 * "Lessons Learned from the Training of GANs on Artificial Datasets" (Tang 2020), sections III and
 * IV: WGAN-GP and MIX+GAN on mixtures of Gaussians and on the output of a random network.
 */
package dev.troupe.experiments.artificial;
