package dev.troupe.kernels.reference;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.HostDevice;
import dev.troupe.kernels.Primitive;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The oracle: float64, one thread, naive loops. A new buffer is full of NaN (INT32: the smallest
 * int), so that a program which reads what nothing has written shows itself.
 */
public final class ReferenceDevice extends HostDevice {
  /** With an empty pool. */
  public ReferenceDevice() {
    super("reference", Double.BYTES, double[]::new);
  }

  @Override
  public HostBuffer allocate(ElementType type, int size) {
    HostBuffer buffer = super.allocate(type, size);
    switch (type) {
      case REAL -> Arrays.fill(buffer.doubles(), Double.NaN);
      case INT32 -> Arrays.fill(buffer.ints(), Integer.MIN_VALUE);
    }
    return buffer;
  }

  @Override
  public void run(Primitive primitive) {
    checkOpen();
    switch (primitive) {
      case Primitive.Fill(double value, Buffer y) -> Elementwise.fill(value, host(y));
      case Primitive.Copy(Buffer x, Buffer y) -> Elementwise.copy(host(x), host(y));
      case Primitive.Map op -> Elementwise.map(op, real(op.x()), real(op.y()));
      case Primitive.Zip op -> Elementwise.zip(op, real(op.a()), real(op.b()), real(op.y()));
      case Primitive.Select op ->
          Elementwise.select(op, real(op.condition()), real(op.a()), real(op.b()), real(op.y()));

      case Primitive.Sum op -> Reductions.sum(op, real(op.x()), real(op.y()));
      case Primitive.Extreme op ->
          Reductions.extreme(op, real(op.x()), real(op.y()), int32(op.index()));

      case Primitive.TakeAlong op ->
          Indexing.takeAlong(op, real(op.x()), int32(op.index()), real(op.y()));
      case Primitive.PutAlong op ->
          Indexing.putAlong(op, real(op.x()), int32(op.index()), real(op.y()));
      case Primitive.Gather op ->
          Indexing.gather(op, real(op.table()), int32(op.index()), real(op.y()));
      case Primitive.ScatterAdd op ->
          Indexing.scatterAdd(op, real(op.x()), int32(op.index()), real(op.table()));
      case Primitive.RingPut op ->
          Indexing.ringPut(op, int32(op.step()), all(op.xs()), real(op.ring()));

      case Primitive.Permute op -> Layout.permute(op, host(op.x()), host(op.y()));
      case Primitive.Concat op ->
          Layout.concat(op.rows(), op.xs().stream().map(this::host).toList(), host(op.y()));
      case Primitive.CopyRows op -> Layout.copyRows(op, host(op.x()), host(op.y()));

      case Primitive.MatMul op ->
          MatrixProduct.matMul(
              op,
              real(op.a()),
              real(op.b()),
              op.bias() == null ? null : real(op.bias()),
              real(op.c()));

      case Primitive.LinearGrad op -> op.parts().forEach(this::run);
      case Primitive.LinearMaxoutGrad op -> op.parts().forEach(this::run);
      case Primitive.LinearMaxout op ->
          Maxout.forward(
              op,
              real(op.x()),
              real(op.weight()),
              real(op.bias()),
              real(op.y()),
              int32(op.index()));
      case Primitive.LinearMaxoutInputGrad op ->
          Maxout.inputGrad(op, real(op.weight()), int32(op.index()), real(op.dy()), real(op.dx()));
      case Primitive.LinearMaxoutWeightGrad op ->
          Maxout.weightGrad(
              op,
              real(op.x()),
              int32(op.index()),
              real(op.dy()),
              real(op.dweight()),
              real(op.dbias()));

      case Primitive.Conv2d op ->
          Convolution.conv2d(
              op,
              real(op.x()),
              real(op.weight()),
              op.bias() == null ? null : real(op.bias()),
              real(op.y()));
      case Primitive.Conv2dInputGrad op ->
          Convolution.inputGrad(
              op,
              real(op.weight()),
              real(op.dy()),
              op.bias() == null ? null : real(op.bias()),
              real(op.dx()));
      case Primitive.Conv2dWeightGrad op ->
          Convolution.weightGrad(op, real(op.x()), real(op.dy()), real(op.dweight()));
      case Primitive.MaxPool op -> Pooling.max(op, real(op.x()), real(op.y()), int32(op.index()));
      case Primitive.SumPool op -> Pooling.sum(op, real(op.x()), real(op.y()));
      case Primitive.SumPoolGrad op -> Pooling.sumGrad(op, real(op.dy()), real(op.dx()));

      case Primitive.Softmax op -> Normalisation.softmax(op, real(op.x()), real(op.y()));
      case Primitive.SoftmaxGrad op ->
          Normalisation.softmaxGrad(op, real(op.y()), real(op.dy()), real(op.dx()));
      case Primitive.BatchNorm op -> {
        Normalisation.batchNorm(
            op,
            real(op.x()),
            real(op.gamma()),
            real(op.beta()),
            real(op.y()),
            real(op.mean()),
            real(op.variance()));
        if (op.running() != null) {
          double rate = op.running().rate();
          Normalisation.approach(real(op.running().mean()), real(op.mean()), rate);
          Normalisation.approach(real(op.running().variance()), real(op.variance()), rate);
        }
      }
      case Primitive.BatchNormGrad op ->
          Normalisation.batchNormGrad(
              op,
              real(op.x()),
              real(op.gamma()),
              real(op.y()),
              real(op.mean()),
              real(op.variance()),
              real(op.dy()),
              real(op.dx()),
              real(op.dgamma()),
              real(op.dbeta()));

      case Primitive.LogisticLoss op ->
          Losses.logistic(op, real(op.x()), real(op.loss()), real(op.dx()));

      case Primitive.Random op ->
          RandomFills.random(op, int32(op.step()), int32(op.member()), host(op.y()));
      case Primitive.ShuffledBatch op ->
          RandomFills.shuffledBatch(op, int32(op.step()), int32(op.member()), int32(op.y()));

      case Primitive.Increment(Buffer counter) -> Optimisers.increment(int32(counter));
      case Primitive.Adam op -> {
        double rate = real(op.learningRate()).get(0);
        int t = int32(op.step()).get(0) + 1;
        Optimisers.adam(
            op, rate, t, all(op.weights()), all(op.gradients()), all(op.m()), all(op.v()));
      }
      case Primitive.Sgd op -> {
        double rate = real(op.learningRate()).get(0);
        Optimisers.sgd(op, rate, all(op.weights()), all(op.gradients()), all(op.velocity()));
      }

      case Primitive.Custom custom -> runCustom(custom);
    }
  }

  private Reals real(Buffer buffer) {
    return Reals.of(host(buffer));
  }

  private Ints int32(Buffer buffer) {
    return Ints.of(host(buffer));
  }

  private List<Reals> all(List<Buffer> buffers) {
    List<Reals> all = new ArrayList<>();
    for (Buffer buffer : buffers) {
      all.add(real(buffer));
    }
    return all;
  }
}
