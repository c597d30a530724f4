/**
 * GANs and classifiers for images [E, N, C, H, W]: DCGAN, the supplement's SimpleCNN, residual
 * networks, and how they are fed and trained.
 */
package dev.troupe.gan.image;
