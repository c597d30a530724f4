package dev.troupe.kernels.reference;

import dev.troupe.kernels.Check;
import dev.troupe.kernels.Primitive;
import java.util.List;

/** Elements that an index buffer names. */
final class Indexing {
  private Indexing() {}

  // x [outer, size, inner], index and y [outer, inner]
  static void takeAlong(Primitive.TakeAlong op, Reals x, Ints index, Reals y) {
    for (int o = 0; o < op.outer(); o++) {
      for (int i = 0; i < op.inner(); i++) {
        int at = o * op.inner() + i;
        int r = Check.index("takeAlong", index.get(at), at, op.size());
        y.set(at, x.get((o * op.size() + r) * op.inner() + i));
      }
    }
  }

  // x and index [outer, inner], y [outer, size, inner]
  static void putAlong(Primitive.PutAlong op, Reals x, Ints index, Reals y) {
    y.fill(0);
    for (int o = 0; o < op.outer(); o++) {
      for (int i = 0; i < op.inner(); i++) {
        int at = o * op.inner() + i;
        int r = Check.index("putAlong", index.get(at), at, op.size());
        y.set((o * op.size() + r) * op.inner() + i, x.get(at));
      }
    }
  }

  // table [tables, rows, width], index [batch, count], y [batch, count, width]
  static void gather(Primitive.Gather op, Reals table, Ints index, Reals y) {
    for (int b = 0; b < op.batch(); b++) {
      int t = op.tables() == 1 ? 0 : b;
      for (int j = 0; j < op.count(); j++) {
        int at = b * op.count() + j;
        int row = Check.index("gather", index.get(at), at, op.rows());
        for (int w = 0; w < op.width(); w++) {
          y.set(at * op.width() + w, table.get((t * op.rows() + row) * op.width() + w));
        }
      }
    }
  }

  // x [batch, count, width], index [batch, count], table [tables, rows, width]
  static void scatterAdd(Primitive.ScatterAdd op, Reals x, Ints index, Reals table) {
    table.fill(0);
    for (int b = 0; b < op.batch(); b++) {
      int t = op.tables() == 1 ? 0 : b;
      for (int j = 0; j < op.count(); j++) {
        int at = b * op.count() + j;
        int row = Check.index("scatterAdd", index.get(at), at, op.rows());
        for (int w = 0; w < op.width(); w++) {
          table.add((t * op.rows() + row) * op.width() + w, x.get(at * op.width() + w));
        }
      }
    }
  }

  // ring [capacity, width], xs together [width]
  static void ringPut(Primitive.RingPut op, Ints step, List<Reals> xs, Reals ring) {
    int at = Math.floorMod(step.get(0), op.capacity()) * op.width();
    for (Reals x : xs) {
      for (int i = 0; i < x.size(); i++) {
        ring.set(at++, x.get(i));
      }
    }
  }
}
