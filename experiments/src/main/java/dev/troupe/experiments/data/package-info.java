/**
 * Image data sets: readers of their official files, downloads, augmentation, and batches for E
 * members that are made beside the training. Pixels stay bytes until a batch is made of them.
 */
package dev.troupe.experiments.data;
