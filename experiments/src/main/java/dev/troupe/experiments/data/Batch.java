package dev.troupe.experiments.data;

/**
 * The images of one step for E members. The arrays belong to the loader, which overwrites them once
 * the next batch is asked for.
 *
 * @param step number of the step
 * @param images [E, N, C, H, W]
 * @param labels [E, N]
 * @param indices [E, N], the place of each image in its set
 */
public record Batch(long step, float[] images, int[] labels, int[] indices) {}
