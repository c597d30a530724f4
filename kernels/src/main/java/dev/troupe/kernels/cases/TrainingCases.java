package dev.troupe.kernels.cases;

import static java.lang.Math.abs;

import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cases.Inputs.Real;
import dev.troupe.kernels.cases.PrimitiveCases.Bound;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.cases.PrimitiveCases.Sample;
import dev.troupe.kernels.cases.PrimitiveCases.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Samples of losses and optimisers. */
final class TrainingCases extends CaseFamily {
  static List<Case> all() {
    TrainingCases family = new TrainingCases();
    family.losses();
    family.optimisers();
    return family.cases();
  }

  private void losses() {
    int[][] sizes = {
      {1, 1, 1}, {3, 2, 1}, {2, 2, 31}, {1, 1, 255}, {2, 1, 257}, {3, 4, 100}, {2, 3, 1025}
    };
    List<List<Double>> targets =
        List.of(List.of(1.0, 0.0, 0.25, 0.0), List.of(0.0, 0.75, 1.0, 0.5));
    for (int[] s : sizes) {
      for (List<Double> all : targets) {
        List<Double> some = all.subList(0, s[1]);
        logisticLoss(s, some, "", in -> in.normal(product(s), 0, 3));
        logisticLoss(s, some, " far", in -> in.normal(product(s), 0, 60));
        logisticLoss(s, some, " strewn", in -> in.strewn(product(s), INF, -INF, 1e30, -0.0, 1e-40));
      }
      logisticLoss(s, targets.get(0).subList(0, s[1]), " NaN", in -> in.strewn(product(s), NAN));
    }
    logisticLoss(new int[] {0, 2, 3}, List.of(1.0, 0.0), "", in -> in.normal(0));
    logisticLoss(new int[] {2, 2, 1025}, List.of(1.0, 0.0), " sure", in -> sure(in, 4, 1025));
  }

  /** Logits in parts of targets 1 and 0, every third one infinite and right: terms of 0. */
  private static Real sure(Inputs in, int parts, int size) {
    double[] x = new double[parts * size];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 3 != 0 ? i % 7 - 3 : i / size % 2 == 0 ? INF : -INF;
    }
    return in.real(x);
  }

  private void logisticLoss(
      int[] s, List<Double> targets, String label, Function<Inputs, Real> input) {
    int size = s[2];
    int each = s[1] * size;
    add(
        Primitive.LogisticLoss.class,
        java.util.Arrays.toString(s) + " targets " + targets + label,
        in -> {
          Real x = input.apply(in);
          return sample(
              new Primitive.LogisticLoss(
                  s[0], size, targets, x.buffer(), in.out(s[0]), in.out(s[0] * each)),
              new Bound(each, (e, y) -> y), // no term is negative
              new Bound(
                  0,
                  (i, y) -> {
                    double t = targets.get(i / size % s[1]);
                    double up = (1 - t) / (1 + Math.exp(-x.at(i)));
                    double down = t / (1 + Math.exp(x.at(i)));
                    return (up + down + Float.MIN_NORMAL) / size;
                  }));
        });
  }

  private static final int[][] PARAMETERS = {
    {}, {1}, {3, 31, 33}, {127, 0, 1025, 1}, {300, 900}, {20_003, 7}, new int[130]
  };

  static {
    java.util.Arrays.setAll(PARAMETERS[PARAMETERS.length - 1], i -> i % 4);
  }

  private void optimisers() {
    for (int n : SIZES) {
      add(
          Primitive.Increment.class,
          "" + n,
          in -> sample(new Primitive.Increment(in.indices(n, Integer.MAX_VALUE)), EXACT));
    }
    for (int[] sizes : PARAMETERS) {
      for (boolean folded : new boolean[] {true, false}) {
        for (int t : new int[] {1, 2, 1000, 2_000_000}) {
          adam(sizes, folded, t, 0.9, 0);
          adam(sizes, folded, t, 0.5, 0.01);
        }
      }
      for (double momentum : new double[] {0, 0.9}) {
        for (double decay : new double[] {0, 0.01}) {
          sgd(sizes, momentum, false, decay);
          sgd(sizes, momentum, true, decay);
        }
      }
    }
  }

  private void adam(int[] sizes, boolean folded, int t, double beta1, double decay) {
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double rate = 0.001f;
    add(
        Primitive.Adam.class,
        java.util.Arrays.toString(sizes)
            + (folded ? " folded" : "")
            + " t = "
            + t
            + " decay "
            + decay,
        in -> {
          List<Real> w = new ArrayList<>();
          List<Real> g = new ArrayList<>();
          List<Real> m = new ArrayList<>();
          List<Real> v = new ArrayList<>();
          List<Bound> ofW = new ArrayList<>();
          List<Bound> ofM = new ArrayList<>();
          List<Bound> ofV = new ArrayList<>();
          for (int size : sizes) {
            Real wi = in.normal(size);
            Real gi = in.strewn(size, 0, 1e-4, 1e-12, 100);
            Real mi = t == 1 ? in.real(new double[size]) : in.normal(size);
            Real vi = t == 1 ? in.real(new double[size]) : in.positive(size);
            w.add(wi);
            g.add(gi);
            m.add(mi);
            v.add(vi);
            Terms mTerms = (i, y) -> abs(mi.at(i)) + (1 - beta1) * abs(gi.at(i));
            ofM.add(new Bound(0, mTerms));
            ofV.add(RELATIVE);
            ofW.add(
                new Bound(
                    0,
                    (i, y) -> {
                      double root = Math.sqrt(beta2 * vi.at(i) + (1 - beta2) * gi.at(i) * gi.at(i));
                      double unbias = Math.sqrt(1 - Math.pow(beta2, t)) / (1 - Math.pow(beta1, t));
                      double direction = unbias * mTerms.of(i, 0) / (root + epsilon);
                      return abs(wi.at(i)) + 3 * rate * direction;
                    }));
          }
          List<Bound> bounds = new ArrayList<>(ofW);
          bounds.addAll(ofM);
          bounds.addAll(ofV);
          return new Sample(
              new Primitive.Adam(
                  beta1,
                  beta2,
                  epsilon,
                  folded,
                  decay,
                  in.real(rate).buffer(),
                  in.int32(t - 1),
                  buffers(w),
                  buffers(g),
                  buffers(m),
                  buffers(v)),
              bounds);
        });
  }

  private void sgd(int[] sizes, double momentum, boolean nesterov, double decay) {
    double rate = 0.1f;
    add(
        Primitive.Sgd.class,
        java.util.Arrays.toString(sizes)
            + " "
            + momentum
            + (nesterov ? " nesterov" : "")
            + " decay "
            + decay,
        in -> {
          List<Real> w = new ArrayList<>();
          List<Real> g = new ArrayList<>();
          List<Real> u = new ArrayList<>();
          List<Bound> ofW = new ArrayList<>();
          List<Bound> ofU = new ArrayList<>();
          for (int size : sizes) {
            Real wi = in.normal(size);
            Real gi = in.normal(size);
            Real ui = in.normal(momentum == 0 ? 0 : size);
            w.add(wi);
            g.add(gi);
            Terms terms =
                (i, y) ->
                    abs(gi.at(i))
                        + decay * abs(wi.at(i))
                        + (momentum == 0 ? 0 : momentum * abs(ui.at(i)));
            ofW.add(new Bound(0, (i, y) -> abs(wi.at(i)) + 2 * rate * terms.of(i, 0)));
            if (momentum != 0) {
              u.add(ui);
              ofU.add(new Bound(0, terms));
            }
          }
          List<Bound> bounds = new ArrayList<>(ofW);
          bounds.addAll(ofU);
          return new Sample(
              new Primitive.Sgd(
                  momentum,
                  nesterov,
                  decay,
                  in.real(rate).buffer(),
                  buffers(w),
                  buffers(g),
                  buffers(u)),
              bounds);
        });
  }
}
