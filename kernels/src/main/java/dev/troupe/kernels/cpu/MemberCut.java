package dev.troupe.kernels.cpu;

import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Cuts primitives by members: the share of some of them is the same primitive on slices along the
 * leading axis. All shares together do what the whole does, bit for bit, in whatever order they are
 * run; so an axis that is summed, or walked in order, is never cut.
 *
 * <p>Nothing here knows what a member is. An elementwise function of 12 elements has a share for
 * each of 3 members and for each of 4; {@link Accesses} finds out which shares of several
 * primitives go together.
 */
final class MemberCut {
  private final int from;
  private final int to;
  private final int members;
  private final UnaryOperator<HostBuffer> place;

  private MemberCut(int from, int to, int members, UnaryOperator<HostBuffer> place) {
    this.from = from;
    this.to = to;
    this.members = members;
    this.place = place;
  }

  /** Whether {@code members} members have a share each. */
  static boolean isPossible(Primitive primitive, int members) {
    return units(primitive) % members == 0;
  }

  /** The share of members [from, to) of {@code members}, where {@link #isPossible}. */
  static Primitive share(Primitive primitive, int from, int to, int members) {
    return share(primitive, from, to, members, UnaryOperator.identity());
  }

  /** The same, with slices that lie elsewhere: where {@code place} says. */
  static Primitive share(
      Primitive primitive, int from, int to, int members, UnaryOperator<HostBuffer> place) {
    return new MemberCut(from, to, members, place).of(primitive);
  }

  /**
   * How many members a primitive itself speaks of; 0 where it only knows elements or rows, which
   * may be those of any number.
   */
  static int members(Primitive primitive) {
    return switch (primitive) {
      case Primitive.MatMul op -> op.batch();
      case Primitive.LinearMaxout op -> op.members();
      case Primitive.LinearMaxoutInputGrad op -> op.members();
      case Primitive.LinearMaxoutWeightGrad op -> op.members();
      case Primitive.Conv2d op -> op.members();
      case Primitive.Conv2dInputGrad op -> op.members();
      case Primitive.Conv2dWeightGrad op -> op.members();
      case Primitive.BatchNorm op -> op.members();
      case Primitive.BatchNormGrad op -> op.members();
      case Primitive.LogisticLoss op -> op.members();
      case Primitive.Random op -> op.member().size();
      case Primitive.ShuffledBatch op -> op.member().size();
      default -> 0;
    };
  }

  /**
   * How many equal parts along its leading axis a primitive computes each by itself; 1 where it is
   * all of a piece, or empty.
   */
  private static int units(Primitive primitive) {
    int units =
        switch (primitive) {
          case Primitive.Fill op -> op.y().size();
          case Primitive.Copy op -> op.y().size();
          case Primitive.Map op -> op.y().size();
          case Primitive.Zip op -> units(op.by());
          case Primitive.Select op -> units(op.by());
          case Primitive.Sum op -> op.outer();
          case Primitive.Extreme op -> op.outer();
          case Primitive.TakeAlong op -> op.outer();
          case Primitive.PutAlong op -> op.outer();
          case Primitive.Gather op -> op.batch();
          case Primitive.ScatterAdd op -> op.tables();
          case Primitive.Permute op -> units(walk(op));
          case Primitive.Concat op -> op.rows();
          case Primitive.CopyRows op -> op.width() == 0 ? 1 : op.rows();
          case Primitive.MatMul op -> op.batch();
          case Primitive.LinearMaxout op -> op.members();
          case Primitive.LinearMaxoutInputGrad op -> op.members();
          case Primitive.LinearMaxoutWeightGrad op -> op.members();
          case Primitive.Conv2d op -> op.members();
          case Primitive.Conv2dInputGrad op -> op.members();
          case Primitive.Conv2dWeightGrad op -> op.members();
          case Primitive.MaxPool op -> op.planes();
          case Primitive.SumPool op -> op.planes();
          case Primitive.SumPoolGrad op -> op.planes();
          case Primitive.Softmax op -> op.rows();
          case Primitive.SoftmaxGrad op -> op.rows();
          case Primitive.BatchNorm op -> op.members();
          case Primitive.BatchNormGrad op -> op.members();
          case Primitive.LogisticLoss op -> op.members();
          case Primitive.Random op -> op.member().size();
          case Primitive.ShuffledBatch op -> op.member().size();
          case Primitive.Increment op -> op.counter().size();
          case Primitive.Adam op -> commonDivisor(op.weights());
          case Primitive.Sgd op -> commonDivisor(op.weights());
          case Primitive.LinearGrad _, Primitive.LinearMaxoutGrad _ -> 1; // recorded in parts
          case Primitive.RingPut _, Primitive.Custom _ -> 1;
        };
    return Math.max(1, units);
  }

  private static int units(Broadcast by) {
    return by.size() == 0 ? 1 : by.sizes()[0];
  }

  private static Broadcast walk(Primitive.Permute op) {
    return new Broadcast(op.sizes(), new int[][] {op.strides()});
  }

  private static int commonDivisor(List<Buffer> buffers) {
    int common = 0;
    for (Buffer buffer : buffers) {
      int a = common;
      int b = buffer.size();
      while (b != 0) {
        int rest = a % b;
        a = b;
        b = rest;
      }
      common = a;
    }
    return common;
  }

  private Primitive of(Primitive primitive) {
    return switch (primitive) {
      case Primitive.Fill op -> new Primitive.Fill(op.value(), cut(op.y()));
      case Primitive.Copy op -> new Primitive.Copy(cut(op.x()), cut(op.y()));
      case Primitive.Map op -> new Primitive.Map(op.f(), op.p(), op.q(), cut(op.x()), cut(op.y()));
      case Primitive.Zip op ->
          new Primitive.Zip(
              op.f(),
              op.p(),
              cut(op.by()),
              input(op.by(), 0, op.a()),
              input(op.by(), 1, op.b()),
              cut(op.y()));
      case Primitive.Select op ->
          new Primitive.Select(
              cut(op.by()),
              input(op.by(), 0, op.condition()),
              input(op.by(), 1, op.a()),
              input(op.by(), 2, op.b()),
              cut(op.y()));
      case Primitive.Sum op ->
          new Primitive.Sum(
              cut(op.outer()), op.size(), op.inner(), op.scale(), cut(op.x()), cut(op.y()));
      case Primitive.Extreme op ->
          new Primitive.Extreme(
              op.largest(),
              cut(op.outer()),
              op.size(),
              op.inner(),
              cut(op.x()),
              cut(op.y()),
              cut(op.index()));
      case Primitive.TakeAlong op ->
          new Primitive.TakeAlong(
              cut(op.outer()), op.size(), op.inner(), cut(op.x()), cut(op.index()), cut(op.y()));
      case Primitive.PutAlong op ->
          new Primitive.PutAlong(
              cut(op.outer()), op.size(), op.inner(), cut(op.x()), cut(op.index()), cut(op.y()));
      case Primitive.Gather op -> {
        boolean shared = op.tables() != op.batch();
        yield new Primitive.Gather(
            cut(op.batch()),
            shared ? 1 : cut(op.tables()),
            op.rows(),
            op.width(),
            op.count(),
            shared ? op.table() : cut(op.table()),
            cut(op.index()),
            cut(op.y()));
      }
      case Primitive.ScatterAdd op ->
          new Primitive.ScatterAdd(
              cut(op.batch()),
              cut(op.tables()),
              op.rows(),
              op.width(),
              op.count(),
              cut(op.x()),
              cut(op.index()),
              cut(op.table()));
      case Primitive.Permute op ->
          new Primitive.Permute(
              cut(walk(op)).sizes(), op.strides(), input(walk(op), 0, op.x()), cut(op.y()));
      case Primitive.Concat op -> new Primitive.Concat(cut(op.rows()), cut(op.xs()), cut(op.y()));
      case Primitive.CopyRows op ->
          new Primitive.CopyRows(
              cut(op.rows()),
              op.width(),
              op.xStride(),
              op.yStride(),
              rows(op, op.x(), op.xStride()),
              rows(op, op.y(), op.yStride()));
      case Primitive.MatMul op ->
          new Primitive.MatMul(
              cut(op.batch()),
              op.m(),
              op.n(),
              op.k(),
              op.transA(),
              op.transB(),
              op.sharedA(),
              op.sharedB(),
              op.slope(),
              op.sharedA() ? op.a() : cut(op.a()),
              op.sharedB() ? op.b() : cut(op.b()),
              cut(op.bias()),
              cut(op.c()));
      case Primitive.LinearMaxout op ->
          new Primitive.LinearMaxout(
              cut(op.members()),
              op.batch(),
              op.in(),
              op.units(),
              op.pieces(),
              cut(op.x()),
              cut(op.weight()),
              cut(op.bias()),
              cut(op.y()),
              cut(op.index()));
      case Primitive.LinearMaxoutInputGrad op ->
          new Primitive.LinearMaxoutInputGrad(
              cut(op.members()),
              op.batch(),
              op.in(),
              op.units(),
              op.pieces(),
              cut(op.weight()),
              cut(op.index()),
              cut(op.dy()),
              cut(op.dx()));
      case Primitive.LinearMaxoutWeightGrad op ->
          new Primitive.LinearMaxoutWeightGrad(
              cut(op.members()),
              op.batch(),
              op.in(),
              op.units(),
              op.pieces(),
              cut(op.x()),
              cut(op.index()),
              cut(op.dy()),
              cut(op.dweight()),
              cut(op.dbias()));
      case Primitive.Conv2d op ->
          new Primitive.Conv2d(
              cut(op.members()),
              op.batch(),
              op.in(),
              op.out(),
              op.window(),
              cut(op.x()),
              cut(op.weight()),
              cut(op.bias()),
              cut(op.y()));
      case Primitive.Conv2dInputGrad op ->
          new Primitive.Conv2dInputGrad(
              cut(op.members()),
              op.batch(),
              op.in(),
              op.out(),
              op.window(),
              cut(op.weight()),
              cut(op.dy()),
              cut(op.bias()),
              cut(op.dx()));
      case Primitive.Conv2dWeightGrad op ->
          new Primitive.Conv2dWeightGrad(
              cut(op.members()),
              op.batch(),
              op.in(),
              op.out(),
              op.window(),
              cut(op.x()),
              cut(op.dy()),
              cut(op.dweight()));
      case Primitive.MaxPool op ->
          new Primitive.MaxPool(
              cut(op.planes()), op.window(), cut(op.x()), cut(op.y()), cut(op.index()));
      case Primitive.SumPool op ->
          new Primitive.SumPool(
              cut(op.planes()), op.window(), op.scale(), cut(op.x()), cut(op.y()));
      case Primitive.SumPoolGrad op ->
          new Primitive.SumPoolGrad(
              cut(op.planes()), op.window(), op.scale(), cut(op.dy()), cut(op.dx()));
      case Primitive.Softmax op ->
          new Primitive.Softmax(op.log(), cut(op.rows()), op.size(), cut(op.x()), cut(op.y()));
      case Primitive.SoftmaxGrad op ->
          new Primitive.SoftmaxGrad(
              op.log(), cut(op.rows()), op.size(), cut(op.y()), cut(op.dy()), cut(op.dx()));
      case Primitive.BatchNorm op ->
          new Primitive.BatchNorm(
              cut(op.members()),
              op.batch(),
              op.channels(),
              op.spatial(),
              op.epsilon(),
              op.slope(),
              cut(op.x()),
              cut(op.gamma()),
              cut(op.beta()),
              cut(op.y()),
              cut(op.mean()),
              cut(op.variance()),
              cut(op.running()));
      case Primitive.BatchNormGrad op ->
          new Primitive.BatchNormGrad(
              cut(op.members()),
              op.batch(),
              op.channels(),
              op.spatial(),
              op.epsilon(),
              op.slope(),
              cut(op.x()),
              cut(op.gamma()),
              cut(op.y()),
              cut(op.mean()),
              cut(op.variance()),
              cut(op.dy()),
              cut(op.dx()),
              cut(op.dgamma()),
              cut(op.dbeta()));
      case Primitive.LogisticLoss op ->
          new Primitive.LogisticLoss(
              cut(op.members()),
              op.size(),
              op.targets(),
              cut(op.x()),
              cut(op.loss()),
              cut(op.dx()));
      case Primitive.Random op ->
          new Primitive.Random(
              op.distribution(),
              op.p(),
              op.q(),
              op.seed(),
              op.stream(),
              op.step(),
              cut(op.member()),
              op.perMember(),
              cut(op.y()));
      case Primitive.ShuffledBatch op ->
          new Primitive.ShuffledBatch(
              op.seed(),
              op.stream(),
              op.step(),
              cut(op.member()),
              op.population(),
              op.count(),
              cut(op.y()));
      case Primitive.Increment op -> new Primitive.Increment(cut(op.counter()));
      case Primitive.Adam op ->
          new Primitive.Adam(
              op.beta1(),
              op.beta2(),
              op.epsilon(),
              op.folded(),
              op.decay(),
              op.learningRate(),
              op.step(),
              cut(op.weights()),
              cut(op.gradients()),
              cut(op.m()),
              cut(op.v()));
      case Primitive.Sgd op ->
          new Primitive.Sgd(
              op.momentum(),
              op.nesterov(),
              op.decay(),
              op.learningRate(),
              cut(op.weights()),
              cut(op.gradients()),
              cut(op.velocity()));
      case Primitive.LinearGrad _, Primitive.LinearMaxoutGrad _ -> primitive;
      case Primitive.RingPut _, Primitive.Custom _ -> primitive;
    };
  }

  /** The share of {@code n} things that lie in the order of the members. */
  private int cut(int n) {
    return n / members * (to - from);
  }

  private Buffer cut(Buffer buffer) {
    return buffer == null
        ? null
        : slice(buffer, buffer.size() / members * from, cut(buffer.size()));
  }

  private Buffer slice(Buffer buffer, int first, int size) {
    return place.apply((HostBuffer) buffer.slice(first, size));
  }

  private List<Buffer> cut(List<Buffer> buffers) {
    return buffers.stream().map(this::cut).toList();
  }

  private Primitive.BatchNorm.Running cut(Primitive.BatchNorm.Running running) {
    return running == null
        ? null
        : new Primitive.BatchNorm.Running(
            running.rate(), cut(running.mean()), cut(running.variance()));
  }

  private Broadcast cut(Broadcast by) {
    int[] sizes = by.sizes().clone();
    sizes[0] = cut(sizes[0]);
    return new Broadcast(sizes, by.strides());
  }

  /** What the share of a broadcast needs of its input {@code k}: all where that is repeated. */
  private Buffer input(Broadcast by, int k, Buffer buffer) {
    int first = by.sizes()[0] / members * from * by.strides()[k][0];
    return slice(buffer, first, cut(by).extent(k));
  }

  /** From the first to the last row of the share, without what lies beyond. */
  private Buffer rows(Primitive.CopyRows op, Buffer buffer, int stride) {
    int first = op.rows() / members * from * stride;
    return slice(buffer, first, (cut(op.rows()) - 1) * stride + op.width());
  }
}
