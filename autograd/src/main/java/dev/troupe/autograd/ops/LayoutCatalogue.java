package dev.troupe.autograd.ops;

import static dev.troupe.autograd.ops.Sample.Input.index;
import static dev.troupe.autograd.ops.Sample.Input.normal;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Entry.Failure;
import dev.troupe.tensor.Shape;
import java.util.List;
import java.util.function.Function;

/** Entries of what moves and picks elements. */
final class LayoutCatalogue {
  private LayoutCatalogue() {}

  static void addTo(List<Entry> all) {
    layout(all);
    indexing(all);
  }

  private static void layout(List<Entry> all) {
    all.add(
        Entry.of(
            "reshape",
            List.of(
                Sample.of("flat", x -> Ops.reshape(x[0], Shape.of(12)), normal(3, 4)),
                Sample.of("scalar", x -> Ops.reshape(x[0], Shape.SCALAR), normal(1, 1))),
            Failure.of(
                "reshape: [3, 4] does not hold as many elements as [5]",
                x -> Ops.reshape(x[0], Shape.of(5)),
                normal(3, 4))));
    all.add(
        Entry.of(
            "permute",
            List.of(
                Sample.of("transpose", x -> Ops.permute(x[0], 1, 0), normal(3, 5)),
                Sample.of("middle", x -> Ops.permute(x[0], 0, 2, 1), normal(2, 33, 31)),
                Sample.of("rank 5", x -> Ops.permute(x[0], 4, 0, 3, 1, 2), normal(2, 1, 3, 2, 3)),
                Sample.of("identity", x -> Ops.permute(x[0], 0, 1), normal(127, 1025)),
                Sample.of("empty", x -> Ops.permute(x[0], 1, 0), normal(0, 5))),
            Failure.of(
                "permute: axes [0, 0] for [3, 5], expected each of its 2 once",
                x -> Ops.permute(x[0], 0, 0),
                normal(3, 5)),
            Failure.of(
                "permute: axes [0] for [3, 5], expected each of its 2 once",
                x -> Ops.permute(x[0], 0),
                normal(3, 5))));
    all.add(
        Entry.of(
            "broadcastTo",
            List.of(
                Sample.of("rows", x -> Ops.broadcastTo(x[0], Shape.of(4, 5)), normal(5)),
                Sample.of("columns", x -> Ops.broadcastTo(x[0], Shape.of(4, 33)), normal(4, 1)),
                Sample.of("scalar", x -> Ops.broadcastTo(x[0], Shape.of(2, 3)), normal()),
                Sample.of(
                    "middle", x -> Ops.broadcastTo(x[0], Shape.of(3, 127, 31)), normal(3, 1, 31))),
            Failure.of(
                "broadcastTo: [2, 3] does not repeat to [2, 1]",
                x -> Ops.broadcastTo(x[0], Shape.of(2, 1)),
                normal(2, 3)),
            Failure.of(
                "broadcastTo: shapes do not broadcast, [3] and [2, 4]",
                x -> Ops.broadcastTo(x[0], Shape.of(2, 4)),
                normal(3))));
    all.add(
        Entry.of(
            "concat",
            List.of(
                Sample.of("leading", x -> Ops.concat(0, x), normal(2, 3), normal(1, 3)),
                Sample.of(
                    "middle",
                    x -> Ops.concat(1, x),
                    normal(2, 3, 2),
                    normal(2, 1, 2),
                    normal(2, 4, 2)),
                Sample.of("last", x -> Ops.concat(-1, x), normal(33, 31), normal(33, 127)),
                Sample.of("empty part", x -> Ops.concat(0, x), normal(0, 3), normal(2, 3))),
            Failure.of(
                "concat: [2, 4] does not continue [2, 3] along axis 0",
                x -> Ops.concat(0, x),
                normal(2, 3),
                normal(2, 4)),
            Failure.of("concat: nothing to join", x -> Ops.concat(0))));
    all.add(
        Entry.of(
            "slice",
            List.of(
                Sample.of("leading", x -> Ops.slice(x[0], 0, 1, 3), normal(4, 3)),
                Sample.of("last", x -> Ops.slice(x[0], -1, 2, 3), normal(2, 2, 4)),
                Sample.of("middle", x -> Ops.slice(x[0], 1, 5, 31), normal(3, 33, 127)),
                Sample.of("nothing", x -> Ops.slice(x[0], 1, 2, 2), normal(3, 4))),
            Failure.of(
                "slice: no entries 2 to 5 along axis 0 of [4, 3]",
                x -> Ops.slice(x[0], 0, 2, 5),
                normal(4, 3))));
    all.add(
        Entry.of(
            "pad",
            List.of(
                Sample.of("leading", x -> Ops.pad(x[0], 0, 1, 4), normal(2, 3)),
                Sample.of("last", x -> Ops.pad(x[0], -1, 0, 4), normal(2, 3))),
            Failure.of(
                "pad: [2, 3] at 3 does not fit into 4 along axis 0",
                x -> Ops.pad(x[0], 0, 3, 4),
                normal(2, 3))));
    all.add(
        Entry.of(
            "split",
            List.of(
                Sample.of(
                    "parts",
                    x -> {
                      Variable[] parts = Ops.split(x[0], 1, 2, 1, 3);
                      return Ops.concat(1, parts[2], parts[0]);
                    },
                    normal(3, 6))),
            Failure.of(
                "split: parts add up to 5, expected 6 along axis 1 of [3, 6]",
                x -> Ops.split(x[0], 1, 2, 3)[0],
                normal(3, 6))));
  }

  private static void indexing(List<Entry> all) {
    Function<Variable[], Variable> take = x -> Ops.takeAlong(x[0], x[1], 1);
    all.add(
        Entry.of(
            "takeAlong",
            List.of(
                Sample.of("last", take, normal(5, 4), index(4, 5)),
                Sample.of("middle", take, normal(2, 3, 4), index(3, 2, 4)),
                Sample.of("large", take, normal(33, 127, 31), index(127, 33, 31))),
            Failure.of(
                "takeAlong: index is [4], expected [5] for axis 1 of [5, 4]",
                take,
                normal(5, 4),
                index(4, 4)),
            Failure.of("takeAlong: [5] is REAL, expected INT32", take, normal(5, 4), normal(5))));
    Function<Variable[], Variable> put = x -> Ops.putAlong(x[0], x[1], 1, 3);
    all.add(
        Entry.of(
            "putAlong",
            List.of(
                Sample.of("last", put, normal(5), index(3, 5)),
                Sample.of("middle", put, normal(2, 4), index(3, 2, 4)),
                Sample.of("large", put, normal(33, 1025), index(3, 33, 1025))),
            Failure.of("putAlong: index is [4], expected [5]", put, normal(5), index(3, 4))));
    Function<Variable[], Variable> gather = x -> Ops.gather(x[0], x[1]);
    Function<Variable[], Variable> shared = x -> Ops.gatherShared(x[0], x[1]);
    all.add(
        Entry.of(
            "gather",
            List.of(
                Sample.of("each", gather, normal(2, 5, 3), index(5, 2, 4)),
                Sample.of("scalars", gather, normal(2, 5), index(5, 2, 4)),
                Sample.of("images", gather, normal(3, 33, 2, 5, 5), index(33, 3, 31))),
            Failure.of(
                "gather: table is [3, 5] for index [2, 4]", gather, normal(3, 5), index(5, 2, 4)),
            Failure.of(
                "gather: index is [4], expected [E, N]", gather, normal(2, 5), index(5, 4))));
    all.add(
        Entry.of(
            "gatherShared",
            List.of(
                Sample.of("shared", shared, normal(5, 3), index(5, 2, 4)),
                Sample.of("points", shared, normal(1025, 2), index(1025, 3, 127)))));
    all.add(
        Entry.of(
            "scatterAdd",
            List.of(
                Sample.of(
                        "each",
                        x -> Ops.scatterAdd(x[0], x[1], Shape.of(2, 5, 3)),
                        normal(2, 4, 3),
                        index(5, 2, 4))
                    .within(4, x -> Ops.scatterAdd(Ops.abs(x[0]), x[1], Shape.of(2, 5, 3))),
                Sample.of(
                        "shared",
                        x -> Ops.scatterAdd(x[0], x[1], Shape.of(7, 31)),
                        normal(3, 33, 31),
                        index(7, 3, 33))
                    .within(99, x -> Ops.scatterAdd(Ops.abs(x[0]), x[1], Shape.of(7, 31)))),
            Failure.of(
                "scatterAdd: rows are [2, 4, 3] at index [2, 4] for a table [2, 5, 2]",
                x -> Ops.scatterAdd(x[0], x[1], Shape.of(2, 5, 2)),
                normal(2, 4, 3),
                index(5, 2, 4))));
    all.add(
        Entry.of(
            "oneHot",
            List.of(Sample.of("labels", x -> Ops.oneHot(x[0], 10), index(10, 3, 7)).constant()),
            Failure.of(
                "oneHot: 0 classes, expected 1 or more", x -> Ops.oneHot(x[0], 0), index(10, 3)),
            Failure.of(
                "oneHot: [3] is REAL, expected INT32", x -> Ops.oneHot(x[0], 10), normal(3))));
  }
}
