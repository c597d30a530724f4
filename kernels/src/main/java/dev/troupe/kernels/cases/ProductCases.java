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

/** Samples of matrix products, alone and with what is around them. */
final class ProductCases extends CaseFamily {
  static List<Case> all() {
    ProductCases family = new ProductCases();
    family.matMul();
    family.linearGrad();
    family.linearMaxout();
    return family.cases();
  }

  /** Those that are large enough for a machine's library. */
  static List<Case> ofLibraries() {
    ProductCases family = new ProductCases();
    for (int flags : new int[] {0, 17, 2, 19, 20, 8, 31}) {
      family.matMul(2, 330, 325, 327, flags, false);
    }
    return family.cases();
  }

  private void matMul() {
    int[][] sizes = {
      {1, 1, 1},
      {1, 1, 0},
      {3, 2, 0},
      {0, 3, 4},
      {3, 0, 4},
      {1, 3, 33},
      {3, 1, 31},
      {31, 33, 3},
      {33, 31, 1},
      {7, 127, 65},
      {127, 5, 31},
      {3, 33, 1025},
      {1025, 3, 5},
      {5, 6, 4},
      {5, 1025, 2},
      {65, 66, 67}
    };
    for (int[] s : sizes) {
      for (int flags = 0; flags < 32; flags++) {
        int slope = Integer.bitCount(flags / 4) % 2 * 32; // both for each transposition
        matMul(flags % 3 + 1, s[0], s[1], s[2], flags + slope, false);
      }
    }
    // Many members, and a large result further down: kernels for GPUs have tiles of other sizes for
    // them.
    matMul(64, 33, 65, 20, 16, false);
    matMul(64, 33, 87, 20, 49, false);
    matMul(64, 40, 68, 20, 18, false);
    matMul(64, 37, 109, 20, 51, false);
    matMul(0, 3, 4, 20, 16, false);
    // Whole tiles, and parts of k.
    for (int flags = 0; flags < 4; flags++) {
      matMul(32, 128, 128, 17, flags + 48, false);
      boolean first = flags == 0; // more slabs of k than stages
      matMul(33, 70, 66, first ? 260 : 131, flags + 32, false);
      matMul(33, 68, 72, 256, flags + 16, false);
      // So many slabs that copies wait for free stages. Of the first two slices lie so that factors
      // begin beside multiples of 16 bytes and results beside those of 8; the second has enough of
      // the widest tiles.
      matMul(1, 1072, 1012, first ? 68 : 60, flags, false);
      matMul(2, 132, 8356, first ? 68 : 52, flags + 60, false);
      matMul(2, 1030 + flags, 1025, 35, flags + 48, false);
      int half = flags == 3 ? 64 : 0; // cut off in a tile's second half
      matMul(2, 1024, 1028 + half, first ? 52 : 36, flags + 48, false);
      matMul(1, 1053, 1003, 17, flags + 48, false); // a last column alone, in a second block of 8
      // Several columns at once, and a bias; tiles that are cut off in another place.
      matMul(1, 1053 + 37 * flags, 1020 - 28 * flags, 17, flags + 48, false);
      matMul(1, 33, 40, 2600, flags + 32, false);
      matMul(1, 36, 40, 2601, flags, false);
    }
    matMul(2, 132, 8355, 17, 62, false); // the widest tiles, and a last column alone
    matMul(1, 1030, 1091, 17, 48, false); // three of the last four columns, in a tile's second half
    matMul(2, 20, 7, 3600, 48, false);
    // Padding inside a kernel must not meet an infinity.
    for (int flags = 0; flags < 4; flags++) {
      matMul(2, 5, 7, 33, flags, true);
      matMul(2, 33, 3, 5, flags, true);
    }
  }

  private void matMul(int batch, int m, int n, int k, int flags, boolean strewn) {
    boolean transA = (flags & 1) != 0;
    boolean transB = (flags & 2) != 0;
    boolean sharedA = (flags & 4) != 0;
    boolean sharedB = (flags & 8) != 0;
    boolean withBias = (flags & 16) != 0;
    double slope = (flags & 32) != 0 ? 0.2 : 1;
    add(
        Primitive.MatMul.class,
        batch + " x " + m + " x " + n + " x " + k + " flags " + flags + (strewn ? " strewn" : ""),
        in -> {
          int sizeA = (sharedA ? 1 : batch) * m * k;
          int sizeB = (sharedB ? 1 : batch) * k * n;
          Real a = strewn ? in.strewn(sizeA, 0, 1, 2, 3, 4, -1, -INF, NAN) : in.normal(sizeA);
          Real b = factors(in, sizeB, strewn);
          Real bias = withBias ? in.normal(batch * n) : null;
          Bound bound =
              new Bound(
                  k,
                  (at, y) -> {
                    int e = at / (m * n);
                    int i = at / n % m;
                    int j = at % n;
                    int aAt = sharedA ? 0 : e * m * k;
                    int bAt = sharedB ? 0 : e * k * n;
                    return (bias == null ? 0 : abs(bias.at(e * n + j)))
                        + sum(
                            k,
                            l ->
                                abs(
                                    a.at(aAt + (transA ? l * m + i : i * k + l))
                                        * b.at(bAt + (transB ? j * k + l : l * n + j))));
                  });
          return sample(
              new Primitive.MatMul(
                  batch,
                  m,
                  n,
                  k,
                  transA,
                  transB,
                  sharedA,
                  sharedB,
                  slope,
                  a.buffer(),
                  b.buffer(),
                  bias == null ? null : bias.buffer(),
                  in.out(batch * m * n)),
              bound);
        });
  }

  private void linearGrad() {
    int[][] sizes = { // members, batch, in, out
      {1, 1, 1, 1},
      {2, 3, 5, 2}, // few columns
      {3, 33, 31, 1},
      {1, 32, 5, 1}, // as many rows as the kernel takes at once
      {1, 127, 65, 4},
      {2, 1025, 3, 3}, // a batch too long for the kernel of few columns
      {2, 17, 5, 17}, // tiles
      {3, 33, 40, 31},
      {4, 70, 65, 66}, // larger tiles
      {24, 33, 65, 66},
      {1, 600, 20, 40}, // the weight's gradient in parts
      {2, 3, 33, 40}, // the weight's gradient has few terms
      {1, 33, 3, 127},
      {2, 0, 3, 4},
      {2, 3, 0, 4},
      {0, 3, 4, 2},
      {2, 3, 4, 0}
    };
    for (int[] s : sizes) {
      for (int wanted = 0; wanted < 4; wanted++) {
        linearGrad(s[0], s[1], s[2], s[3], (wanted & 1) == 0, (wanted & 2) == 0, false);
      }
    }
    // Rows of fours in the larger tiles; and padding inside a kernel must not meet an infinity.
    linearGrad(32, 33, 68, 36, true, false, false);
    linearGrad(32, 33, 68, 36, true, false, true);
    linearGrad(24, 41, 65, 66, true, false, false); // a slice's second slab is a single row
    linearGrad(3, 33, 40, 31, true, true, true);
    linearGrad(2, 33, 31, 3, true, true, true);
  }

  /** Normal numbers; where {@code strewn}, a few are infinite, so that most sums are finite. */
  private static Real factors(Inputs made, int size, boolean strewn) {
    return strewn ? made.strewn(size, 0, 1, 2, 3, 4, -1, -2, INF) : made.normal(size);
  }

  private void linearGrad(
      int members, int batch, int in, int out, boolean ofX, boolean ofBias, boolean strewn) {
    add(
        Primitive.LinearGrad.class,
        String.format(
            "%d x %d x %d to %d%s%s%s",
            members,
            batch,
            in,
            out,
            ofX ? " dx" : "",
            ofBias ? " dbias" : "",
            strewn ? " strewn" : ""),
        made -> {
          Real x = factors(made, members * batch * in, strewn);
          Real weight = factors(made, members * in * out, strewn);
          Real dy = factors(made, members * batch * out, strewn);
          Terms ofDx =
              (at, y) ->
                  sum(
                      out,
                      j ->
                          abs(
                              dy.at(at / in * out + j)
                                  * weight.at((at / in / batch * in + at % in) * out + j)));
          Terms ofDweight =
              (at, y) -> {
                int e = at / out / in;
                int i = at / out % in;
                return sum(
                    batch,
                    r ->
                        abs(
                            x.at((e * batch + r) * in + i)
                                * dy.at((e * batch + r) * out + at % out)));
              };
          Terms ofDbias =
              (at, y) -> sum(batch, r -> abs(dy.at((at / out * batch + r) * out + at % out)));
          List<Bound> bounds = new ArrayList<>();
          if (ofX) {
            bounds.add(new Bound(out, ofDx));
          }
          bounds.add(new Bound(batch, ofDweight));
          if (ofBias) {
            bounds.add(new Bound(batch, ofDbias));
          }
          return new Sample(
              new Primitive.LinearGrad(
                  members,
                  batch,
                  in,
                  out,
                  x.buffer(),
                  weight.buffer(),
                  dy.buffer(),
                  ofX ? made.out(members * batch * in) : null,
                  made.out(members * in * out),
                  ofBias ? made.out(members * out) : null),
              bounds);
        });
  }

  private void linearMaxout() {
    int[][] sizes = { // members, batch, in, units, pieces
      {1, 1, 1, 1, 1},
      {2, 3, 2, 5, 3},
      {2, 37, 33, 35, 1}, // a single piece
      {2, 5, 33, 12, 7},
      {3, 31, 33, 17, 5},
      {1, 33, 31, 127, 2},
      {2, 5, 64, 16, 4},
      {1, 7, 113, 33, 5},
      {2, 127, 200, 40, 5},
      {1, 1025, 65, 3, 4},
      {1, 3, 1025, 31, 5},
      {128, 3, 40, 7, 3},
      {1, 2, 3, 5, 70},
      {1, 5, 3, 8, 70}, // a thread for each element: units in fours, and fewer than four
      {2, 3, 2, 3, 66},
      {32, 67, 136, 37, 5}, // many members: wide tiles, more than one slab of units
      {128, 20, 33, 33, 3},
      {2, 70, 5, 37, 11},
      {2, 37, 40, 9, 8},
      {1, 33, 19, 9, 9}, // forward by a product and its maxima
      {2, 0, 3, 4, 5},
      {2, 3, 0, 4, 5},
      {2, 3, 0, 40, 3}, // the largest bias
      {1, 3, 0, 40, 9},
      {0, 3, 4, 5, 2},
      {2, 3, 4, 0, 2}
    };
    for (int[] s : sizes) {
      linearMaxout(s[0], s[1], s[2], s[3], s[4], false);
      linearMaxout(s[0], s[1], s[2], s[3], s[4], true);
    }
    linearMaxoutForward(32, 67, 17, 65, 1, false, "larger tiles of a single piece");
    linearMaxoutForward(64, 3, 17, 20, 4, true, "larger tiles of four pieces");
    add(
        Primitive.LinearMaxoutGrad.class,
        "wide tiles of a single piece",
        made -> linearMaxoutGrad(made, 128, 3, 33, 9, 1, false));
  }

  /**
   * Of whole numbers, so that all sums are exact and the largest has ties; strewn with numbers that
   * are not finite.
   */
  private void linearMaxoutForward(
      int members, int batch, int in, int units, int pieces, boolean strewn, String label) {
    add(
        Primitive.LinearMaxout.class,
        label,
        made -> {
          Real x =
              strewn
                  ? made.whole(members * batch * in, 3, 0, 1, 2, 3, -1, -2, -3, INF)
                  : made.whole(members * batch * in, 3);
          Real weight = made.whole(members * in * pieces * units, 2);
          Real bias =
              strewn
                  ? made.whole(members * pieces * units, 2, INF, -INF, NAN)
                  : made.whole(members * pieces * units, 2);
          return sample(
              new Primitive.LinearMaxout(
                  members,
                  batch,
                  in,
                  units,
                  pieces,
                  x.buffer(),
                  weight.buffer(),
                  bias.buffer(),
                  made.out(members * batch * units),
                  made.outInt32(members * batch * units)),
              EXACT,
              EXACT);
        });
  }

  private void linearMaxout(int members, int batch, int in, int units, int pieces, boolean strewn) {
    String label =
        members
            + " x "
            + batch
            + " x "
            + in
            + " to "
            + pieces
            + " x "
            + units
            + (strewn ? "!" : "");
    linearMaxoutForward(members, batch, in, units, pieces, strewn, label);
    Function<Inputs, Sample> grad =
        made -> linearMaxoutGrad(made, members, batch, in, units, pieces, strewn);
    add(Primitive.LinearMaxoutGrad.class, label, grad);
    add(
        Primitive.LinearMaxoutInputGrad.class,
        label,
        made -> {
          Sample all = grad.apply(made);
          Primitive.LinearMaxoutGrad op = (Primitive.LinearMaxoutGrad) all.primitive();
          return new Sample(op.inputGrad(), all.bounds().subList(0, 1));
        });
    add(
        Primitive.LinearMaxoutWeightGrad.class,
        label,
        made -> {
          Sample all = grad.apply(made);
          Primitive.LinearMaxoutGrad op = (Primitive.LinearMaxoutGrad) all.primitive();
          return new Sample(op.weightGrad(), all.bounds().subList(1, 3));
        });
  }

  private static Sample linearMaxoutGrad(
      Inputs made, int members, int batch, int in, int units, int pieces, boolean strewn) {
    int weights = members * in * pieces * units;
    int inputs = members * batch * in;
    double[] special = {1, INF, -INF, NAN, 0, 1e-40};
    Real x = strewn ? made.strewn(inputs, special) : made.normal(inputs);
    Real weight = strewn ? made.strewn(weights, special) : made.normal(weights);
    Real dy = made.normal(members * batch * units);
    int[] won = made.random.ints((long) members * batch * units, 0, pieces).toArray();
    Terms ofInput =
        (at, dx) -> {
          int row = at / in;
          int column = (row / batch * in + at % in) * pieces;
          return sum(
              units,
              u ->
                  abs(
                      dy.at(row * units + u)
                          * weight.at((column + won[row * units + u]) * units + u)));
        };
    double[] ofWeight = new double[weights];
    double[] ofBias = new double[members * pieces * units];
    for (int at = 0; at < won.length; at++) {
      int row = at / units;
      int e = row / batch;
      ofBias[(e * pieces + won[at]) * units + at % units] += abs(dy.at(at));
      for (int i = 0; i < in; i++) {
        ofWeight[((e * in + i) * pieces + won[at]) * units + at % units] +=
            abs(dy.at(at) * x.at(row * in + i));
      }
    }
    return sample(
        new Primitive.LinearMaxoutGrad(
            members,
            batch,
            in,
            units,
            pieces,
            x.buffer(),
            weight.buffer(),
            made.int32(won),
            dy.buffer(),
            made.out(inputs),
            made.out(weights),
            made.out(ofBias.length)),
        new Bound(units, ofInput),
        new Bound(batch, (i, y) -> ofWeight[i]),
        new Bound(batch, (i, y) -> ofBias[i]));
  }
}
