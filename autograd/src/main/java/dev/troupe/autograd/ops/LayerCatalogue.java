package dev.troupe.autograd.ops;

import static dev.troupe.autograd.ops.Sample.Input.distinct;
import static dev.troupe.autograd.ops.Sample.Input.index;
import static dev.troupe.autograd.ops.Sample.Input.mask;
import static dev.troupe.autograd.ops.Sample.Input.noZero;
import static dev.troupe.autograd.ops.Sample.Input.normal;
import static dev.troupe.autograd.ops.Sample.Input.positive;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Entry.Failure;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Entries of layers and losses. */
final class LayerCatalogue {
  private LayerCatalogue() {}

  static void addTo(List<Entry> all) {
    layers(all);
  }

  private static void layers(List<Entry> all) {
    all.add(
        Entry.of(
            "maxout",
            List.of(
                Sample.of("small", x -> Ops.maxout(x[0], 3), distinct(2, 2, 6)),
                Sample.of("layer", x -> Ops.maxout(x[0], 5), distinct(2, 33, 155))),
            Failure.of(
                "maxout: [2, 7] does not divide into 5 pieces",
                x -> Ops.maxout(x[0], 5),
                normal(2, 7))));
    all.add(
        Entry.of(
            "linearMaxout",
            List.of(
                linearMaxout(2, 2, 3, 2, 3),
                linearMaxout(1, 5, 70, 3, 4),
                linearMaxout(2, 33, 127, 19, 5),
                linearMaxout(1, 3, 113, 2, 4)),
            Failure.of(
                "linearMaxout: weight [2, 4, 7] does not divide into 5 pieces",
                x -> Ops.linearMaxout(x[0], x[1], x[2], 5),
                normal(2, 3, 4),
                normal(2, 4, 7),
                normal(2, 7)),
            Failure.of(
                "linearMaxout: expected x [E, N, in] and weight [E, in, pieces · units], got [3, 4]"
                    + " and [4, 6]",
                x -> Ops.linearMaxout(x[0], x[1], x[2], 3),
                normal(3, 4),
                normal(4, 6),
                normal(6)),
            Failure.of(
                "linearMaxout: weight is [2, 5, 6] and bias [2, 4], expected [2, 4, 6] and [2, 6]"
                    + " for x [2, 3, 4]",
                x -> Ops.linearMaxout(x[0], x[1], x[2], 3),
                normal(2, 3, 4),
                normal(2, 5, 6),
                normal(2, 4))));
    Function<Variable[], Variable> softmax = x -> Ops.softmax(x[0]);
    Function<Variable[], Variable> logSoftmax = x -> Ops.logSoftmax(x[0]);
    Function<Variable[], Variable> logTerms =
        x -> Ops.add(Ops.abs(Ops.logSoftmax(x[0])), Ops.add(Ops.abs(x[0]), 1));
    // e^x turns an absolute error of x into a relative one.
    Function<Variable[], Variable> expTerms =
        x -> Ops.mul(Ops.softmax(x[0]), Ops.add(Ops.abs(x[0]), 1));
    List<Sample> soft = new ArrayList<>();
    List<Sample> logs = new ArrayList<>();
    for (int[] s : new int[][] {{1}, {3}, {2, 5}, {33, 10}, {3, 1025}, {127, 31}}) {
      int k = s[s.length - 1];
      soft.add(Sample.of("softmax", softmax, normal(s)).within(k, expTerms));
      logs.add(Sample.of("logSoftmax", logSoftmax, normal(s)).within(k, logTerms));
    }
    soft.add(
        Sample.of("far apart", x -> Ops.softmax(Ops.mul(x[0], 100)), normal(4, 5))
            .within(5, x -> Ops.add(Ops.mul(Ops.softmax(Ops.mul(x[0], 100)), 1000), 1e-30)));
    all.add(
        Entry.of(
            "softmax",
            soft,
            Failure.of("softmax: expected at least one axis, got []", softmax, normal())));
    all.add(Entry.of("logSoftmax", logs));
    for (double slope : new double[] {1, 0, 0.2}) {
      Function<Variable[], Variable> call = x -> Ops.batchNorm(x[0], x[1], x[2], 1e-4, slope);
      List<Sample> samples = new ArrayList<>();
      for (int[] s :
          new int[][] {{1, 4, 3}, {2, 5, 2}, {2, 100, 33}, {2, 3, 2, 2, 2}, {1, 31, 3, 5, 7}}) {
        Sample.Input stats = positive(s[0], s[2]);
        int n = s[1] * (s.length == 5 ? s[3] * s[4] : 1);
        samples.add(
            Sample.of("slope " + slope + Shape.of(s), call, normal(s), stats, noZero(s[0], s[2]))
                .within(n, LayerCatalogue::batchNormTerms));
      }
      samples.add(
          Sample.of(
                  "running, slope " + slope,
                  x -> Ops.batchNorm(x[0], x[1], x[2], 1e-4, slope, running(2, 3)),
                  normal(2, 31, 3),
                  positive(2, 3),
                  noZero(2, 3))
              .within(31, LayerCatalogue::batchNormTerms));
      all.add(
          Entry.of(
              "batchNorm(slope " + slope + ")",
              samples,
              Failure.of(
                  "batchNorm: gamma is [2, 3] and beta [2, 2], expected [2, 2] for [2, 5, 2]",
                  call,
                  normal(2, 5, 2),
                  normal(2, 3),
                  normal(2, 2)),
              Failure.of(
                  "batchNorm: expected [E, N, C, …], got [5, 2]",
                  call,
                  normal(5, 2),
                  normal(2),
                  normal(2)),
              Failure.of(
                  "batchNorm: running statistics are [2, 3] and [2, 3], expected [2, 2] for [2, 5,"
                      + " 2]",
                  x -> Ops.batchNorm(x[0], x[1], x[2], 1e-4, slope, running(2, 3)),
                  normal(2, 5, 2),
                  normal(2, 2),
                  normal(2, 2))));
    }
    all.add(
        Entry.of(
            "batchNormWith",
            List.of(
                Sample.of(
                        "evaluation",
                        x -> Ops.batchNormWith(x[0], x[1], x[2], x[3], x[4], 1e-4, 0.2),
                        normal(2, 5, 3),
                        normal(2, 3),
                        noZero(2, 3),
                        normal(2, 3),
                        positive(2, 3))
                    .within(
                        4,
                        x ->
                            Ops.batchNormWith(
                                Ops.abs(x[0]),
                                Ops.abs(x[1]),
                                Ops.abs(x[2]),
                                Ops.neg(Ops.abs(x[3])),
                                x[4],
                                1e-4,
                                1)))));
    Function<Variable[], Variable> ce = x -> Ops.crossEntropy(x[0], x[1]);
    all.add(
        Entry.of(
            "crossEntropy",
            List.of(
                Sample.of("rows", ce, normal(3, 4), index(4, 3))
                    .within(4, x -> Ops.add(Ops.amax(Ops.abs(x[0]), -1), 2)),
                Sample.of("batch", ce, normal(2, 33, 10), index(10, 2, 33))
                    .within(10, x -> Ops.add(Ops.amax(Ops.abs(x[0]), -1), 3))),
            Failure.of(
                "crossEntropy: labels are [4], expected one for each row of logits [3, 4]",
                ce,
                normal(3, 4),
                index(4, 4)),
            Failure.of("crossEntropy: [3] is REAL, expected INT32", ce, normal(3, 4), normal(3))));
    all.add(
        Entry.of(
            "logisticLoss",
            List.of(
                logisticLoss(new double[] {1}, 3, 7, 1),
                logisticLoss(new double[] {1, 0}, 2, 200, 1),
                logisticLoss(new double[] {0, 0.9, 0.1}, 1, 33, 3),
                logisticLoss(new double[] {0, 1, 0.5, 1}, 2, 4)),
            Failure.of(
                "logisticLoss: 5 targets, expected 1 to 4",
                x -> Ops.logisticLoss(x[0], 1, 1, 1, 1, 1),
                normal(2, 5)),
            Failure.of(
                "logisticLoss: [2, 5, 1] does not divide into 2 parts along axis 1",
                x -> Ops.logisticLoss(x[0], 1, 0),
                normal(2, 5, 1)),
            Failure.of(
                "logisticLoss: nothing to take the mean of in [2, 5, 0]",
                x -> Ops.logisticLoss(x[0], 1),
                normal(2, 5, 0))));
    Function<Variable[], Variable> bce = x -> Ops.binaryCrossEntropyWithLogits(x[0], x[1]);
    all.add(
        Entry.of(
            "binaryCrossEntropyWithLogits",
            List.of(
                Sample.of("targets", bce, normal(2, 7), mask(2, 7))
                    .within(0, x -> Ops.add(Ops.abs(x[0]), 1)),
                Sample.of("one target", bce, normal(33, 127), mask())
                    .within(0, x -> Ops.add(Ops.abs(x[0]), 1))),
            Failure.of(
                "binaryCrossEntropyWithLogits: shapes do not broadcast, [2, 7] and [2, 6]",
                bce,
                normal(2, 7),
                mask(2, 6))));
    all.add(
        Entry.of(
            "dropout",
            List.of(
                Sample.of(
                    "rate 0.5",
                    x -> Ops.dropout(x[0], 0.5, RandomCatalogue.rng(2), "dropout"),
                    normal(2, 13))),
            Failure.of(
                "dropout: rate is 1.0, expected 0 up to 1",
                x -> Ops.dropout(x[0], 1, RandomCatalogue.rng(2), "dropout"),
                normal(2, 3))));
  }

  private static RunningStatistics running(int... shape) {
    Scope scope = Scope.current();
    return new RunningStatistics(scope.zeros(Shape.of(shape)), scope.zeros(Shape.of(shape)), 0.1);
  }

  private static Sample logisticLoss(double[] targets, int... shape) {
    return Sample.of(
            "targets " + java.util.Arrays.toString(targets) + " for " + Shape.of(shape),
            x -> Ops.logisticLoss(x[0], targets),
            normal(shape))
        .within(Shape.of(shape).product(1, shape.length), null);
  }

  /** A layer of linear maxout, far enough from ties for central differences. */
  private static Sample linearMaxout(int members, int batch, int in, int units, int pieces) {
    return Sample.of(
            "layer " + Shape.of(members, batch, in) + " to " + pieces + " x " + units,
            x -> Ops.linearMaxout(x[0], x[1], x[2], pieces),
            normal(members, batch, in),
            normal(members, in, pieces * units),
            distinct(members, pieces * units))
        .within(
            in, x -> Ops.maxout(Ops.linear(Ops.abs(x[0]), Ops.abs(x[1]), Ops.abs(x[2])), pieces));
  }

  /** Σ|terms| of batch normalisation. */
  private static Variable batchNormTerms(Variable[] x) {
    return normalisedTerms(x, x[0].shape().rank() == 3 ? new int[] {1} : new int[] {1, 3, 4});
  }

  /** Σ|terms| of normalisation over the axes: the parts that subtract are added instead. */
  static Variable normalisedTerms(Variable[] x, int... axes) {
    Shape s = x[0].shape();
    Variable mean = Ops.meanKeep(x[0], axes);
    Variable variance = Ops.meanKeep(Ops.square(Ops.sub(x[0], mean)), axes);
    Variable magnitude = Ops.add(Ops.abs(x[0]), Ops.meanKeep(Ops.abs(x[0]), axes));
    Variable z = Ops.mul(magnitude, Ops.rsqrt(Ops.add(variance, 1e-4)));
    return Ops.add(
        Ops.mul(z, Normalisation.perChannel(Ops.abs(x[1]), s)),
        Normalisation.perChannel(Ops.abs(x[2]), s));
  }
}
