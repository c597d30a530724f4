/**
 * Boosting of generative models: weights of the training data for the next member of an ensemble.
 */
package dev.troupe.gan.boosting;
