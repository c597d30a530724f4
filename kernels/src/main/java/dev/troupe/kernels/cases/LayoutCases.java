package dev.troupe.kernels.cases;

import static java.lang.Math.abs;

import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cases.Inputs.Real;
import dev.troupe.kernels.cases.PrimitiveCases.Bound;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import java.util.ArrayList;
import java.util.List;

/** Samples of what picks and moves elements. */
final class LayoutCases extends CaseFamily {
  static List<Case> all() {
    LayoutCases family = new LayoutCases();
    family.indexing();
    family.layout();
    return family.cases();
  }

  private void indexing() {
    for (int[] s : lines()) {
      int results = s[0] * s[2];
      String label = java.util.Arrays.toString(s);
      add(
          Primitive.TakeAlong.class,
          label,
          in ->
              sample(
                  new Primitive.TakeAlong(
                      s[0],
                      s[1],
                      s[2],
                      in.strewn(product(s), SPECIAL).buffer(),
                      in.indices(results, s[1]),
                      in.out(results)),
                  EXACT));
      add(
          Primitive.PutAlong.class,
          label,
          in ->
              sample(
                  new Primitive.PutAlong(
                      s[0],
                      s[1],
                      s[2],
                      in.strewn(results, SPECIAL).buffer(),
                      in.indices(results, s[1]),
                      in.out(product(s))),
                  EXACT));
    }
    for (int n : SIZES) {
      for (int tables : new int[] {1, 4}) {
        for (int[] s : new int[][] {{5, n, 3}, {n, 2, 33}, {33, 17, n}}) { // rows, width, count
          if (s[0] > 0) {
            gather(4, tables, s[0], s[1], s[2]);
          }
        }
      }
    }
    gather(1, 1, 100, 2, 1025);
    gather(4, 4, 33, 8, 5); // rows of fours
    gather(2, 1, 7, 12, 131);
    for (int n : SIZES) {
      for (int step : new int[] {0, 4, 5, 1_000_003}) {
        ringPut(step, n);
        ringPut(step, 2, n, 0, 3);
      }
    }
    ringPut(7, 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5); // more than one launch has room for
  }

  private void ringPut(int step, int... widths) {
    add(
        Primitive.RingPut.class,
        java.util.Arrays.toString(widths) + " at " + step,
        in -> {
          List<Real> xs = new ArrayList<>();
          for (int width : widths) {
            xs.add(in.strewn(width, SPECIAL));
          }
          int row = java.util.Arrays.stream(widths).sum();
          Buffer ring = in.normal(5 * row).buffer();
          return sample(new Primitive.RingPut(5, in.int32(step), buffers(xs), ring), EXACT);
        });
  }

  private void gather(int batch, int tables, int rows, int width, int count) {
    String label = batch + " x " + count + " of " + tables + " x " + rows + " x " + width;
    add(
        Primitive.Gather.class,
        label,
        in ->
            sample(
                new Primitive.Gather(
                    batch,
                    tables,
                    rows,
                    width,
                    count,
                    in.strewn(tables * rows * width, SPECIAL).buffer(),
                    in.indices(batch * count, rows),
                    in.out(batch * count * width)),
                EXACT));
    add(
        Primitive.ScatterAdd.class,
        label,
        in -> {
          Real x = in.normal(batch * count * width);
          int[] index = in.random.ints((long) batch * count, 0, rows).toArray();
          double[] terms = new double[tables * rows * width];
          for (int j = 0; j < index.length; j++) {
            int row = (tables == 1 ? 0 : j / count) * rows + index[j];
            for (int w = 0; w < width; w++) {
              terms[row * width + w] += abs(x.at(j * width + w));
            }
          }
          // The order is prescribed; what is left is the rounding of each addition.
          Bound bound = new Bound(tables == 1 ? batch * count : count, (i, y) -> terms[i]);
          return sample(
              new Primitive.ScatterAdd(
                  batch,
                  tables,
                  rows,
                  width,
                  count,
                  x.buffer(),
                  in.int32(index),
                  in.out(tables * rows * width)),
              bound);
        });
  }

  private void layout() {
    for (int n : SIZES) {
      permute(new int[] {n}, new int[] {1});
      permute(new int[] {n, 3}, new int[] {1, n});
      permute(new int[] {3, n}, new int[] {1, 3});
      permute(new int[] {n, 33}, new int[] {1, n});
      permute(new int[] {2, n, 5}, new int[] {5 * n, 1, n});
      permute(new int[] {5, 2, n}, new int[] {n, 5 * n, 1});
      permute(new int[] {2, n, 3, 4}, new int[] {4, 24, 8, 1});
      permute(new int[] {2, 3, n}, new int[] {0, 1, 0});
    }
    permute(new int[] {65, 70}, new int[] {1, 65});
    permute(new int[] {44, 53}, new int[] {1, 44}); // tiles that are cut off in each quarter
    permute(new int[] {62, 44}, new int[] {1, 62});
    permute(new int[] {3, 7, 5, 33, 35}, new int[] {1155, 3 * 1155, 21 * 1155, 1, 33});
    permute(new int[] {128, 65, 68}, new int[] {65 * 68, 1, 65}); // many large tiles
    permute(new int[] {2, 7, 5, 7, 12}, new int[] {12, 24, 7 * 168, 168, 1});
    for (int n : SIZES) {
      if (n > 0) {
        concat(n, 2, 1);
        concat(n, 3, 0, 5, 4);
      }
      concat(3, n, 2 * n);
    }
    concat(2, 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5); // more than one launch has room for
    concat(300, 500, 400); // so large that each part has a launch
    for (int n : SIZES) {
      for (int[] s : new int[][] {{n, 3, 3, 5}, {3, n, n + 2, n}, {n, 33, 40, 33}, {5, n, n, n}}) {
        String label = java.util.Arrays.toString(s);
        int x = s[0] == 0 ? 0 : (s[0] - 1) * s[2] + s[1];
        int y = s[0] == 0 ? 0 : (s[0] - 1) * s[3] + s[1];
        add(
            Primitive.CopyRows.class,
            label,
            in ->
                sample(
                    new Primitive.CopyRows(
                        s[0],
                        s[1],
                        s[2],
                        s[3],
                        in.strewn(x, SPECIAL).buffer(),
                        in.normal(y + 3).buffer()),
                    EXACT));
        add(
            Primitive.CopyRows.class,
            label + " INT32",
            in ->
                sample(
                    new Primitive.CopyRows(
                        s[0], s[1], s[2], s[3], in.indices(x, 1 << 30), in.indices(y + 3, 9)),
                    EXACT));
      }
    }
  }

  private void concat(int rows, int... widths) {
    String label = rows + " x " + java.util.Arrays.toString(widths);
    int total = rows * java.util.Arrays.stream(widths).sum();
    add(
        Primitive.Concat.class,
        label,
        in -> {
          List<Real> xs = new ArrayList<>();
          for (int width : widths) {
            xs.add(in.strewn(rows * width, SPECIAL));
          }
          return sample(new Primitive.Concat(rows, buffers(xs), in.out(total)), EXACT);
        });
    add(
        Primitive.Concat.class,
        label + " INT32",
        in -> {
          List<Buffer> xs = new ArrayList<>();
          for (int width : widths) {
            xs.add(in.indices(rows * width, 1 << 30));
          }
          return sample(new Primitive.Concat(rows, xs, in.indices(total, 9)), EXACT);
        });
  }

  private void permute(int[] sizes, int[] strides) {
    String label = java.util.Arrays.toString(sizes) + java.util.Arrays.toString(strides);
    int x = new Broadcast(sizes, new int[][] {strides}).extent(0);
    add(
        Primitive.Permute.class,
        label,
        in ->
            sample(
                new Primitive.Permute(
                    sizes, strides, in.strewn(x, SPECIAL).buffer(), in.out(product(sizes))),
                EXACT));
    add(
        Primitive.Permute.class,
        label + " INT32",
        in ->
            sample(
                new Primitive.Permute(
                    sizes, strides, in.indices(x, 1 << 30), in.outInt32(product(sizes))),
                EXACT));
  }
}
