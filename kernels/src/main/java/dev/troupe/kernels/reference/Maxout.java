package dev.troupe.kernels.reference;

import dev.troupe.kernels.Check;
import dev.troupe.kernels.Primitive;

/** Linear maxout, and its gradients from the piece that won each unit. */
final class Maxout {
  private Maxout() {}

  // x [members, batch, in], weight [members, in, pieces, units], y and index [members, batch,
  // units]
  static void forward(
      Primitive.LinearMaxout op, Reals x, Reals weight, Reals bias, Reals y, Ints index) {
    for (int row = 0; row < op.members() * op.batch(); row++) {
      int e = row / op.batch();
      for (int u = 0; u < op.units(); u++) {
        double best = 0;
        int won = 0;
        for (int p = 0; p < op.pieces(); p++) {
          double z = 0;
          for (int i = 0; i < op.in(); i++) {
            int w = ((e * op.in() + i) * op.pieces() + p) * op.units() + u;
            z = Math.fma(x.get(row * op.in() + i), weight.get(w), z);
          }
          z += bias.get((e * op.pieces() + p) * op.units() + u);
          if (p == 0 || !(z <= best) && !Double.isNaN(best)) {
            best = z;
            won = p;
          }
        }
        y.set(row * op.units() + u, best);
        index.set(row * op.units() + u, won);
      }
    }
  }

  // weight [members, in, pieces, units], index and dy [members, batch, units], dx [.., batch, in]
  static void inputGrad(
      Primitive.LinearMaxoutInputGrad op, Reals weight, Ints index, Reals dy, Reals dx) {
    dx.fill(0);
    for (int row = 0; row < op.members() * op.batch(); row++) {
      int e = row / op.batch();
      for (int u = 0; u < op.units(); u++) {
        int at = row * op.units() + u;
        int p = Check.index("linearMaxoutInputGrad", index.get(at), at, op.pieces());
        for (int i = 0; i < op.in(); i++) {
          int w = ((e * op.in() + i) * op.pieces() + p) * op.units() + u;
          dx.add(row * op.in() + i, dy.get(at) * weight.get(w));
        }
      }
    }
  }

  // x [members, batch, in], dweight [members, in, pieces, units], dbias [members, pieces, units]
  static void weightGrad(
      Primitive.LinearMaxoutWeightGrad op,
      Reals x,
      Ints index,
      Reals dy,
      Reals dweight,
      Reals dbias) {
    dweight.fill(0);
    dbias.fill(0);
    for (int row = 0; row < op.members() * op.batch(); row++) {
      int e = row / op.batch();
      for (int u = 0; u < op.units(); u++) {
        int at = row * op.units() + u;
        int p = Check.index("linearMaxoutWeightGrad", index.get(at), at, op.pieces());
        dbias.add((e * op.pieces() + p) * op.units() + u, dy.get(at));
        for (int i = 0; i < op.in(); i++) {
          int w = ((e * op.in() + i) * op.pieces() + p) * op.units() + u;
          dweight.add(w, x.get(row * op.in() + i) * dy.get(at));
        }
      }
    }
  }
}
