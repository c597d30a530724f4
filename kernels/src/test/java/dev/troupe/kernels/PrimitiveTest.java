package dev.troupe.kernels;

import static java.lang.Double.NaN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Malformed primitives are refused when they are built. */
class PrimitiveTest {
  private final Device device = new ReferenceDevice();

  private Buffer r(int size) {
    return device.allocate(ElementType.REAL, size);
  }

  private Buffer i(int size) {
    return device.allocate(ElementType.INT32, size);
  }

  private static void refused(String message, ThrowingCallable build) {
    assertThatThrownBy(build).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test
  void elementwise() {
    refused("copy: x has 3 elements, expected 4", () -> new Primitive.Copy(r(3), r(4)));
    refused(
        "map: x has 3 elements, expected 4", () -> new Primitive.Map(Unary.EXP, 0, 0, r(3), r(4)));
    refused("map: x is INT32, expected REAL", () -> new Primitive.Map(Unary.EXP, 0, 0, i(4), r(4)));
    refused("map: y is INT32, expected REAL", () -> new Primitive.Map(Unary.EXP, 0, 0, r(4), i(4)));
    Broadcast by = Broadcast.of(new int[] {2, 3}, new int[] {3}, new int[] {2, 1}, new int[] {1});
    refused(
        "zip: y has 5 elements, expected 6",
        () -> new Primitive.Zip(Binary.ADD, 0, by, r(3), r(2), r(5)));
    refused(
        "zip: a has 6 elements, expected 3",
        () -> new Primitive.Zip(Binary.ADD, 0, by, r(6), r(2), r(6)));
    refused(
        "zip: b has 3 elements, expected 2",
        () -> new Primitive.Zip(Binary.ADD, 0, by, r(3), r(3), r(6)));
    refused(
        "zip: a is INT32, expected REAL",
        () -> new Primitive.Zip(Binary.ADD, 0, by, i(3), r(2), r(6)));
    refused(
        "select: condition has 4 elements, expected 3",
        () -> new Primitive.Select(by, r(4), r(2), r(1), r(6)));
    refused(
        "select: a has 3 elements, expected 2",
        () -> new Primitive.Select(by, r(3), r(3), r(1), r(6)));
    refused(
        "select: b has 6 elements, expected 1",
        () -> new Primitive.Select(by, r(3), r(2), r(6), r(6)));
    refused(
        "select: y has 2 elements, expected 6",
        () -> new Primitive.Select(by, r(3), r(2), r(1), r(2)));
    refused(
        "select: condition is INT32, expected REAL",
        () -> new Primitive.Select(by, i(3), r(2), r(1), r(6)));
  }

  @Test
  void anEmptyResultTakesInputsOfAnySize() {
    Broadcast by = Broadcast.of(new int[] {3, 0}, new int[] {3, 1}, new int[] {0}, new int[] {1});
    assertThat(new Primitive.Zip(Binary.ADD, 0, by, r(3), r(0), r(0)).y().size()).isZero();
    assertThat(new Primitive.Select(by, r(3), r(0), r(1), r(0)).y().size()).isZero();
    int[] sizes = {3, 0};
    assertThat(new Primitive.Permute(sizes, new int[] {1, 0}, r(3), r(0)).y().size()).isZero();
  }

  @Test
  void reductions() {
    refused(
        "sum: x has 23 elements, expected 24", () -> new Primitive.Sum(2, 3, 4, 1, r(23), r(8)));
    refused(
        "sum: y has 24 elements, expected 8", () -> new Primitive.Sum(2, 3, 4, 1, r(24), r(24)));
    refused(
        "extreme: size is 0, expected at least 1",
        () -> new Primitive.Extreme(true, 2, 0, 4, r(0), r(8), i(8)));
    refused(
        "extreme: x has 8 elements, expected 24",
        () -> new Primitive.Extreme(true, 2, 3, 4, r(8), r(8), i(8)));
    refused(
        "extreme: y has 24 elements, expected 8",
        () -> new Primitive.Extreme(true, 2, 3, 4, r(24), r(24), i(8)));
    refused(
        "extreme: index has 1 elements, expected 8",
        () -> new Primitive.Extreme(true, 2, 3, 4, r(24), r(8), i(1)));
    refused(
        "extreme: index is REAL, expected INT32",
        () -> new Primitive.Extreme(true, 2, 3, 4, r(24), r(8), r(8)));
  }

  @Test
  void productsDoNotOverflow() {
    refused(
        "sum: x has 0 elements, expected 4294967296",
        () -> new Primitive.Sum(65536, 65536, 1, 1, r(0), r(1)));
    int much = 1 << 30;
    refused(
        "batchNorm: 1073741824 x 1073741824 x 1073741824 x 1073741824 elements are too many",
        () ->
            new Primitive.BatchNorm(
                much, much, much, much, 0, 1, r(0), r(1), r(1), r(0), r(1), r(1)));
    refused(
        "sum: a size is -3, expected at least 0",
        () -> new Primitive.Sum(-2, -3, 1, 1, r(6), r(2)));
  }

  @Test
  void indexing() {
    refused(
        "takeAlong: x has 8 elements, expected 24",
        () -> new Primitive.TakeAlong(2, 3, 4, r(8), i(8), r(8)));
    refused(
        "takeAlong: index is REAL, expected INT32",
        () -> new Primitive.TakeAlong(2, 3, 4, r(24), r(8), r(8)));
    refused(
        "takeAlong: y has 24 elements, expected 8",
        () -> new Primitive.TakeAlong(2, 3, 4, r(24), i(8), r(24)));
    refused(
        "putAlong: x has 24 elements, expected 8",
        () -> new Primitive.PutAlong(2, 3, 4, r(24), i(8), r(24)));
    refused(
        "putAlong: y has 8 elements, expected 24",
        () -> new Primitive.PutAlong(2, 3, 4, r(8), i(8), r(8)));
    refused(
        "putAlong: index has 2 elements, expected 8",
        () -> new Primitive.PutAlong(2, 3, 4, r(8), i(2), r(24)));
    refused(
        "gather: 2 tables for a batch of 3, expected 1 or 3",
        () -> new Primitive.Gather(3, 2, 5, 2, 4, r(20), i(12), r(24)));
    refused(
        "gather: table has 30 elements, expected 10",
        () -> new Primitive.Gather(3, 1, 5, 2, 4, r(30), i(12), r(24)));
    refused(
        "gather: index has 4 elements, expected 12",
        () -> new Primitive.Gather(3, 3, 5, 2, 4, r(30), i(4), r(24)));
    refused(
        "gather: y has 12 elements, expected 24",
        () -> new Primitive.Gather(3, 3, 5, 2, 4, r(30), i(12), r(12)));
    refused(
        "scatterAdd: 0 tables for a batch of 3, expected 1 or 3",
        () -> new Primitive.ScatterAdd(3, 0, 5, 2, 4, r(24), i(12), r(0)));
    refused(
        "scatterAdd: x has 12 elements, expected 24",
        () -> new Primitive.ScatterAdd(3, 1, 5, 2, 4, r(12), i(12), r(10)));
    refused(
        "scatterAdd: table has 30 elements, expected 10",
        () -> new Primitive.ScatterAdd(3, 1, 5, 2, 4, r(24), i(12), r(30)));
    refused(
        "scatterAdd: index is REAL, expected INT32",
        () -> new Primitive.ScatterAdd(3, 1, 5, 2, 4, r(24), r(12), r(10)));
  }

  @Test
  void layout() {
    int[] sizes = {2, 3};
    refused(
        "permute: x has 5 elements, expected 6",
        () -> new Primitive.Permute(sizes, new int[] {1, 2}, r(5), r(6)));
    refused(
        "permute: y has 5 elements, expected 6",
        () -> new Primitive.Permute(sizes, new int[] {1, 2}, r(6), r(5)));
    refused(
        "permute: y is INT32, expected REAL",
        () -> new Primitive.Permute(sizes, new int[] {1, 2}, r(6), i(6)));
    refused(
        "broadcast: a stride is -1, expected at least 0",
        () -> new Primitive.Permute(sizes, new int[] {-1, 2}, r(6), r(6)));
    refused(
        "concat: rows is 0, expected at least 1", () -> new Primitive.Concat(0, List.of(), r(0)));
    refused(
        "concat: x has 4 elements, expected 3 rows of some size",
        () -> new Primitive.Concat(3, List.of(r(3), r(4)), r(7)));
    refused(
        "concat: x is INT32, expected REAL",
        () -> new Primitive.Concat(2, List.of(r(2), i(4)), r(6)));
    refused(
        "concat: y has 5 elements, expected 6",
        () -> new Primitive.Concat(2, List.of(r(2), r(4)), r(5)));
    refused(
        "copyRows: 3 rows of 2 at stride 4 do not fit into x of 9",
        () -> new Primitive.CopyRows(3, 2, 4, 2, r(9), r(6)));
    refused(
        "copyRows: 3 rows of 2 at stride 1 do not fit into y of 6",
        () -> new Primitive.CopyRows(3, 2, 4, 1, r(10), r(6)));
    refused(
        "copyRows: rows is -1, expected at least 0",
        () -> new Primitive.CopyRows(-1, 2, 4, 2, r(9), r(6)));
    refused(
        "copyRows: width is -1, expected at least 0",
        () -> new Primitive.CopyRows(1, -1, 4, 2, r(9), r(6)));
    refused(
        "copyRows: y is INT32, expected REAL",
        () -> new Primitive.CopyRows(3, 2, 4, 2, r(10), i(6)));
    assertThat(new Primitive.CopyRows(3, 2, 4, 2, i(10), i(6)).rows()).isEqualTo(3);
    assertThat(new Primitive.CopyRows(0, 2, 4, 2, i(0), i(0)).rows()).isZero();
  }

  private Primitive matMul(
      boolean sharedA, boolean sharedB, Buffer a, Buffer b, Buffer bias, Buffer c) {
    return new Primitive.MatMul(2, 3, 4, 5, false, true, sharedA, sharedB, a, b, bias, c);
  }

  @Test
  void matMul() {
    refused(
        "matmul: a has 29 elements, expected 30",
        () -> matMul(false, false, r(29), r(40), null, r(24)));
    refused(
        "matmul: a has 30 elements, expected 15",
        () -> matMul(true, false, r(30), r(40), null, r(24)));
    refused(
        "matmul: b has 40 elements, expected 20",
        () -> matMul(false, true, r(30), r(40), null, r(24)));
    refused(
        "matmul: c has 12 elements, expected 24",
        () -> matMul(false, true, r(30), r(20), null, r(12)));
    refused(
        "matmul: bias has 4 elements, expected 8",
        () -> matMul(false, true, r(30), r(20), r(4), r(24)));
    refused(
        "matmul: a is INT32, expected REAL", () -> matMul(false, true, i(30), r(20), null, r(24)));
    Buffer bias = r(8);
    assertThat(matMul(true, true, r(15), r(20), bias, r(24)).reads()).contains(bias);
    assertThat(matMul(true, true, r(15), r(20), null, r(24)).reads()).hasSize(2);
  }

  @Test
  void linearGrad() {
    refused(
        "linearGrad: dy has 24 elements, expected 30",
        () -> linearGrad(r(40), r(24), r(24), r(40), r(10)));
    refused(
        "linearGrad: dx has 30 elements, expected 24",
        () -> linearGrad(r(40), r(30), r(30), r(40), r(10)));
    refused(
        "linearGrad: dbias has 40 elements, expected 10",
        () -> linearGrad(r(40), r(30), r(24), r(40), r(40)));
    Buffer dweight = r(40);
    assertThat(linearGrad(r(40), r(30), null, dweight, null).writes()).containsExactly(dweight);
  }

  /** Two members, 3 rows, 4 to 5 columns. */
  private Primitive linearGrad(Buffer weight, Buffer dy, Buffer dx, Buffer dweight, Buffer dbias) {
    return new Primitive.LinearGrad(2, 3, 4, 5, r(24), weight, dy, dx, dweight, dbias);
  }

  @Test
  void linearMaxout() {
    refused(
        "linearMaxout: pieces is 0, expected at least 1",
        () -> new Primitive.LinearMaxout(2, 3, 4, 5, 0, r(24), r(0), r(0), r(30), i(30)));
    refused(
        "linearMaxout: bias has 10 elements, expected 30",
        () -> new Primitive.LinearMaxout(2, 3, 4, 5, 3, r(24), r(120), r(10), r(30), i(30)));
    refused(
        "linearMaxout: index is REAL, expected INT32",
        () -> new Primitive.LinearMaxout(2, 3, 4, 5, 3, r(24), r(120), r(30), r(30), r(30)));
    refused(
        "linearMaxoutInputGrad: weight has 4 elements, expected 120",
        () -> new Primitive.LinearMaxoutInputGrad(2, 3, 4, 5, 3, r(4), i(30), r(30), r(24)));
    refused(
        "linearMaxoutInputGrad: index is REAL, expected INT32",
        () -> new Primitive.LinearMaxoutInputGrad(2, 3, 4, 5, 3, r(120), r(30), r(30), r(24)));
    refused(
        "linearMaxoutInputGrad: dx has 30 elements, expected 24",
        () -> new Primitive.LinearMaxoutInputGrad(2, 3, 4, 5, 3, r(120), i(30), r(30), r(30)));
    refused(
        "linearMaxoutGrad: dx has 30 elements, expected 24",
        () ->
            new Primitive.LinearMaxoutGrad(
                2, 3, 4, 5, 3, r(24), r(120), i(30), r(30), r(30), r(120), r(30)));
    refused(
        "linearMaxoutWeightGrad: dy has 24 elements, expected 30",
        () ->
            new Primitive.LinearMaxoutWeightGrad(
                2, 3, 4, 5, 3, r(24), i(30), r(24), r(120), r(30)));
    refused(
        "linearMaxoutWeightGrad: dbias has 10 elements, expected 30",
        () ->
            new Primitive.LinearMaxoutWeightGrad(
                2, 3, 4, 5, 3, r(24), i(30), r(30), r(120), r(10)));
  }

  @Test
  void normalisation() {
    refused(
        "softmax: x has 5 elements, expected 6",
        () -> new Primitive.Softmax(true, 2, 3, r(5), r(6)));
    refused(
        "softmax: y has 5 elements, expected 6",
        () -> new Primitive.Softmax(true, 2, 3, r(6), r(5)));
    refused(
        "softmaxGrad: dy has 5 elements, expected 6",
        () -> new Primitive.SoftmaxGrad(true, 2, 3, r(6), r(5), r(6)));
    refused(
        "batchNorm: x has 1 elements, expected 24",
        () -> new Primitive.BatchNorm(1, 2, 3, 4, 0, 1, r(1), r(3), r(3), r(24), r(3), r(3)));
    refused(
        "batchNorm: variance has 4 elements, expected 3",
        () -> new Primitive.BatchNorm(1, 2, 3, 4, 0, 1, r(24), r(3), r(3), r(24), r(3), r(4)));
    refused(
        "batchNorm: batch is 0, expected at least 1",
        () -> new Primitive.BatchNorm(1, 0, 3, 4, 0, 1, r(0), r(3), r(3), r(0), r(3), r(3)));
    refused(
        "batchNorm: spatial is 0, expected at least 1",
        () -> new Primitive.BatchNorm(1, 2, 3, 0, 0, 1, r(0), r(3), r(3), r(0), r(3), r(3)));
    refused(
        "batchNorm: slope is -0.5, expected at least 0.0",
        () -> new Primitive.BatchNorm(1, 2, 3, 4, 0, -0.5, r(24), r(3), r(3), r(24), r(3), r(3)));
    refused(
        "batchNorm: the running variance has 2 elements, expected 3",
        () ->
            new Primitive.BatchNorm(
                1,
                2,
                3,
                4,
                0,
                1,
                r(24),
                r(3),
                r(3),
                r(24),
                r(3),
                r(3),
                new Primitive.BatchNorm.Running(0.1, r(3), r(2))));
    refused(
        "batchNormGrad: slope is NaN, expected at least 0.0",
        () -> batchNormGrad(Double.NaN, r(24), r(3)));
    refused("batchNormGrad: dy has 3 elements, expected 24", () -> batchNormGrad(1, r(3), r(3)));
    refused(
        "batchNormGrad: dbeta has 24 elements, expected 3", () -> batchNormGrad(1, r(24), r(24)));
  }

  private Primitive batchNormGrad(double slope, Buffer dy, Buffer dbeta) {
    return new Primitive.BatchNormGrad(
        1, 2, 3, 4, 0, slope, r(24), r(3), r(24), r(3), r(3), dy, r(24), r(3), dbeta);
  }

  @Test
  void losses() {
    refused(
        "logisticLoss: 0 targets, expected 1 to 4",
        () -> new Primitive.LogisticLoss(1, 1, List.of(), r(0), r(1), r(0)));
    refused(
        "logisticLoss: 5 targets, expected 1 to 4",
        () -> new Primitive.LogisticLoss(1, 1, List.of(1., 1., 1., 1., 1.), r(5), r(1), r(5)));
    refused(
        "logisticLoss: a target is 1.5, expected 0 to 1",
        () -> new Primitive.LogisticLoss(1, 1, List.of(0., 1.5), r(2), r(1), r(2)));
    refused(
        "logisticLoss: size is 0, expected at least 1",
        () -> new Primitive.LogisticLoss(1, 0, List.of(0.), r(0), r(1), r(0)));
    refused(
        "logisticLoss: x has 5 elements, expected 12",
        () -> new Primitive.LogisticLoss(2, 3, List.of(0., 1.), r(5), r(2), r(12)));
    refused(
        "logisticLoss: loss has 1 elements, expected 2",
        () -> new Primitive.LogisticLoss(2, 3, List.of(0., 1.), r(12), r(1), r(12)));
    refused(
        "logisticLoss: dx has 6 elements, expected 12",
        () -> new Primitive.LogisticLoss(2, 3, List.of(0., 1.), r(12), r(2), r(6)));
  }

  @Test
  void random() {
    refused(
        "random: step has 2 elements, expected 1",
        () -> random(Distribution.NORMAL, i(2), i(3), r(12)));
    refused(
        "random: step is REAL, expected INT32",
        () -> random(Distribution.NORMAL, r(1), i(3), r(12)));
    refused(
        "random: member is REAL, expected INT32",
        () -> random(Distribution.NORMAL, i(1), r(3), r(12)));
    refused(
        "random: y has 11 elements, expected 12",
        () -> random(Distribution.NORMAL, i(1), i(3), r(11)));
    refused(
        "random: y is INT32, expected REAL",
        () -> random(Distribution.BERNOULLI, i(1), i(3), i(12)));
    refused(
        "random: y is REAL, expected INT32", () -> random(Distribution.INTEGER, i(1), i(3), r(12)));
    refused(
        "shuffledBatch: population is 3, expected at least 4",
        () -> new Primitive.ShuffledBatch(1, 2, i(1), i(2), 3, 4, i(8)));
    refused(
        "shuffledBatch: count is 0, expected at least 1",
        () -> new Primitive.ShuffledBatch(1, 2, i(1), i(2), 3, 0, i(0)));
    refused(
        "shuffledBatch: y has 4 elements, expected 8",
        () -> new Primitive.ShuffledBatch(1, 2, i(1), i(2), 9, 4, i(4)));
    refused(
        "shuffledBatch: y is REAL, expected INT32",
        () -> new Primitive.ShuffledBatch(1, 2, i(1), i(2), 9, 4, r(8)));
  }

  @Test
  void parametersOfDistributions() {
    refused("random: p is 1.5, expected 0 to 1", () -> draw(Distribution.BERNOULLI, 1.5, r(12)));
    refused("random: p is NaN, expected 0 to 1", () -> draw(Distribution.BERNOULLI, NaN, r(12)));
    String whole = ", expected a whole number of at least 1";
    refused("random: p is 0.0" + whole, () -> draw(Distribution.INTEGER, 0, i(12)));
    refused("random: p is 2.5" + whole, () -> draw(Distribution.INTEGER, 2.5, i(12)));
    refused("random: p is 3.0E9" + whole, () -> draw(Distribution.INTEGER, 3e9, i(12)));
  }

  private Primitive draw(Distribution distribution, double p, Buffer y) {
    return new Primitive.Random(distribution, p, 1, 5, 6, i(1), i(3), 4, y);
  }

  private static Primitive random(Distribution distribution, Buffer step, Buffer member, Buffer y) {
    return new Primitive.Random(distribution, 1, 1, 5, 6, step, member, 4, y);
  }

  @Test
  void training() {
    refused("increment: counter is REAL, expected INT32", () -> new Primitive.Increment(r(1)));
    refused("adam: gradients has 1 buffers, expected 2", () -> adam(List.of(r(3)), two()));
    refused("adam: gradients 1 has 3 elements, expected 4", () -> adam(List.of(r(3), r(3)), two()));
    refused("adam: m has 0 buffers, expected 2", () -> adam(two(), List.of()));
    refused("adam: m 0 is INT32, expected REAL", () -> adam(two(), List.of(i(3), r(4))));
    refused(
        "sgd: velocity has 0 buffers, expected 2",
        () -> new Primitive.Sgd(0.9, false, 0, r(1), two(), two(), List.of()));
    refused(
        "sgd: velocity has 2 buffers, expected 0",
        () -> new Primitive.Sgd(0, false, 0, r(1), two(), two(), two()));
    refused(
        "sgd: learningRate has 2 elements, expected 1",
        () -> new Primitive.Sgd(0, false, 0, r(2), two(), two(), List.of()));
    refused(
        "ringPut: ring has 5 elements, expected 21",
        () -> new Primitive.RingPut(3, i(1), two(), r(5)));
    refused(
        "ringPut: capacity is 0, expected at least 1",
        () -> new Primitive.RingPut(0, i(1), two(), r(0)));
    refused(
        "ringPut: x is INT32, expected REAL",
        () -> new Primitive.RingPut(3, i(1), List.of(r(1), i(2)), r(9)));
  }

  private List<Buffer> two() {
    return List.of(r(3), r(4));
  }

  private Primitive adam(List<Buffer> gradients, List<Buffer> m) {
    return new Primitive.Adam(0.9, 0.99, 1e-8, true, 0, r(1), i(1), two(), gradients, m, two());
  }

  @Test
  void optimisersReadAndWriteTheirState() {
    List<Buffer> w = two();
    List<Buffer> g = two();
    List<Buffer> m = two();
    List<Buffer> v = two();
    Primitive adam = new Primitive.Adam(0.9, 0.99, 1e-8, true, 0, r(1), i(1), w, g, m, v);
    assertThat(adam.reads()).containsAll(w).containsAll(g).containsAll(m).containsAll(v);
    assertThat(adam.reads()).hasSize(10);
    assertThat(adam.writes()).containsAll(w).containsAll(m).containsAll(v).hasSize(6);
  }

  @Test
  void windows() {
    refused(
        "window: height is 0, expected at least 1", () -> new Window(0, 4, 3, 3, 1, 1, 1, 1, 4, 4));
    refused(
        "window: stride over the width is 0, expected at least 1",
        () -> new Window(4, 4, 3, 3, 1, 0, 1, 1, 4, 4));
    refused(
        "window: padding of the width is 3, expected 0 or more and less than the kernel's 3",
        () -> new Window(4, 4, 3, 3, 1, 1, 1, 3, 4, 4));
    refused(
        "window: the last of 4 windows over the height begins at 5, expected less than 4",
        () -> new Window(4, 4, 3, 3, 2, 1, 1, 1, 4, 4));
    refused(
        "window: 65536 x 65536 pixels are too many",
        () -> new Window(1 << 16, 1 << 16, 3, 3, 1, 1, 1, 1, 1, 1));
  }

  @Test
  void convolutionAndPooling() {
    Window w = new Window(4, 5, 3, 3, 1, 1, 1, 1, 4, 5);
    refused(
        "conv2d: x has 119 elements, expected 120",
        () -> new Primitive.Conv2d(1, 2, 3, 4, w, r(119), r(108), null, r(160)));
    refused(
        "conv2d: bias has 3 elements, expected 4",
        () -> new Primitive.Conv2d(1, 2, 3, 4, w, r(120), r(108), r(3), r(160)));
    refused(
        "conv2dInputGrad: weight has 107 elements, expected 108",
        () -> new Primitive.Conv2dInputGrad(1, 2, 3, 4, w, r(107), r(160), null, r(120)));
    refused(
        "conv2dInputGrad: bias has 4 elements, expected 3",
        () -> new Primitive.Conv2dInputGrad(1, 2, 3, 4, w, r(108), r(160), r(4), r(120)));
    refused(
        "conv2dWeightGrad: dweight is INT32, expected REAL",
        () -> new Primitive.Conv2dWeightGrad(1, 2, 3, 4, w, r(120), r(160), i(108)));
    refused(
        "maxPool: index is REAL, expected INT32",
        () -> new Primitive.MaxPool(2, w, r(40), r(40), r(40)));
    refused(
        "sumPool: y has 39 elements, expected 40",
        () -> new Primitive.SumPool(2, w, 1, r(40), r(39)));
    refused(
        "sumPoolGrad: dy has 39 elements, expected 40",
        () -> new Primitive.SumPoolGrad(2, w, 1, r(39), r(40)));
  }
}
