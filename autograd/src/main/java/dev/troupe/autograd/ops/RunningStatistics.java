package dev.troupe.autograd.ops;

import dev.troupe.tensor.Tensor;

/**
 * Statistics of many batches, which {@link Ops#batchNorm(dev.troupe.autograd.Variable,
 * dev.troupe.autograd.Variable, dev.troupe.autograd.Variable, double, double, RunningStatistics)}
 * moves in place towards those of the batch: {@code mean += rate · (batch's mean - mean)}, and the
 * variance likewise.
 *
 * @param mean [E, C]
 * @param variance the biased one, [E, C]
 * @param rate how far they move
 */
public record RunningStatistics(Tensor mean, Tensor variance, double rate) {}
