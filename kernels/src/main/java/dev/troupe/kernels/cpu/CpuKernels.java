package dev.troupe.kernels.cpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.HostDevice;
import dev.troupe.kernels.Primitive;
import java.util.List;
import java.util.function.Function;

/** Which kernel computes a primitive, and on what. */
final class CpuKernels {
  private final Workers workers;
  private final Function<Buffer, HostBuffer> memory;

  /**
   * Kernels that share their work among {@code workers}.
   *
   * @param memory gives the arrays of a primitive's buffers, or refuses one
   */
  CpuKernels(Workers workers, Function<Buffer, HostBuffer> memory) {
    this.workers = workers;
    this.memory = memory;
  }

  private HostBuffer host(Buffer buffer) {
    return memory.apply(buffer);
  }

  private HostBuffer[] hosts(List<Buffer> buffers) {
    HostBuffer[] hosts = new HostBuffer[buffers.size()];
    for (int k = 0; k < hosts.length; k++) {
      hosts[k] = host(buffers.get(k));
    }
    return hosts;
  }

  void run(Primitive primitive) {
    switch (primitive) {
      case Primitive.Map op -> Elementwise.map(workers, op, host(op.x()), host(op.y()));
      case Primitive.Zip op ->
          Elementwise.zip(workers, op, host(op.a()), host(op.b()), host(op.y()));
      case Primitive.MatMul op -> matMul(op);
      case Primitive.Sum op -> Reductions.sum(workers, op, host(op.x()), host(op.y()));
      case Primitive.Extreme op ->
          Indexing.extreme(workers, op, host(op.x()), host(op.y()), host(op.index()));
      case Primitive.PutAlong op ->
          Indexing.putAlong(workers, op, host(op.x()), host(op.index()), host(op.y()));
      case Primitive.TakeAlong op ->
          Indexing.takeAlong(workers, op, host(op.x()), host(op.index()), host(op.y()));
      case Primitive.LinearGrad op -> op.parts().forEach(this::run);
      case Primitive.LinearMaxoutGrad op -> op.parts().forEach(this::run);
      case Primitive.LinearMaxout op ->
          LinearMaxout.run(
              workers,
              op,
              host(op.x()),
              host(op.weight()),
              host(op.bias()),
              host(op.y()),
              host(op.index()));
      case Primitive.LinearMaxoutInputGrad op ->
          MaxoutInputGrad.run(
              workers, op, host(op.weight()), host(op.index()), host(op.dy()), host(op.dx()));
      case Primitive.LinearMaxoutWeightGrad op ->
          MaxoutWeightGrad.run(
              workers,
              op,
              host(op.x()),
              host(op.index()),
              host(op.dy()),
              host(op.dweight()),
              host(op.dbias()));
      case Primitive.Conv2d op ->
          Convolution.conv2d(
              workers,
              op,
              host(op.x()),
              host(op.weight()),
              op.bias() == null ? null : host(op.bias()),
              host(op.y()));
      case Primitive.Conv2dInputGrad op ->
          Convolution.inputGrad(
              workers,
              op,
              host(op.weight()),
              host(op.dy()),
              op.bias() == null ? null : host(op.bias()),
              host(op.dx()));
      case Primitive.Conv2dWeightGrad op ->
          ConvolutionWeightGrad.run(workers, op, host(op.x()), host(op.dy()), host(op.dweight()));
      case Primitive.MaxPool op ->
          Pooling.max(workers, op, host(op.x()), host(op.y()), host(op.index()));
      case Primitive.SumPool op -> Pooling.sum(workers, op, host(op.x()), host(op.y()));
      case Primitive.SumPoolGrad op -> Pooling.sumGrad(workers, op, host(op.dy()), host(op.dx()));
      case Primitive.BatchNorm op ->
          Normalisation.batchNorm(
              workers,
              op,
              host(op.x()),
              host(op.gamma()),
              host(op.beta()),
              host(op.y()),
              host(op.mean()),
              host(op.variance()),
              op.running() == null ? null : host(op.running().mean()),
              op.running() == null ? null : host(op.running().variance()));
      case Primitive.BatchNormGrad op ->
          Normalisation.batchNormGrad(
              workers,
              new Normalisation.Backward(
                  op,
                  host(op.x()),
                  host(op.gamma()),
                  host(op.y()),
                  host(op.mean()),
                  host(op.variance()),
                  host(op.dy()),
                  host(op.dx()),
                  host(op.dgamma()),
                  host(op.dbeta())));
      case Primitive.Gather op ->
          Indexing.gather(workers, op, host(op.table()), host(op.index()), host(op.y()));
      case Primitive.ScatterAdd op ->
          Indexing.scatterAdd(workers, op, host(op.x()), host(op.index()), host(op.table()));
      case Primitive.Random op ->
          RandomDraws.fill(workers, op, host(op.step()), host(op.member()), host(op.y()));
      case Primitive.ShuffledBatch op ->
          RandomDraws.shuffledBatch(workers, op, host(op.step()), host(op.member()), host(op.y()));
      case Primitive.Adam op ->
          Optimisers.adam(
              workers,
              op,
              real(op.learningRate()),
              int32(op.step()),
              hosts(op.weights()),
              hosts(op.gradients()),
              hosts(op.m()),
              hosts(op.v()));
      case Primitive.Sgd op ->
          Optimisers.sgd(
              workers,
              op,
              real(op.learningRate()),
              hosts(op.weights()),
              hosts(op.gradients()),
              hosts(op.velocity()));
      case Primitive.Increment op -> {
        HostBuffer c = host(op.counter());
        for (int i = 0; i < c.size(); i++) {
          c.ints()[c.offset() + i]++;
        }
      }
      case Primitive.RingPut op -> {
        HostBuffer ring = host(op.ring());
        int at = ring.offset() + Math.floorMod(int32(op.step()), op.capacity()) * op.width();
        for (HostBuffer x : hosts(op.xs())) {
          System.arraycopy(x.floats(), x.offset(), ring.floats(), at, x.size());
          at += x.size();
        }
      }
      case Primitive.Fill op -> Layout.fill(workers, op.value(), host(op.y()));
      case Primitive.Copy op -> Layout.copy(workers, host(op.x()), host(op.y()));
      case Primitive.Select op ->
          Elementwise.select(
              workers, op, host(op.condition()), host(op.a()), host(op.b()), host(op.y()));
      case Primitive.Permute op -> Layout.permute(workers, op, host(op.x()), host(op.y()));
      case Primitive.Concat op -> Layout.concat(workers, op.rows(), hosts(op.xs()), host(op.y()));
      case Primitive.CopyRows op -> Layout.copyRows(workers, op, host(op.x()), host(op.y()));
      case Primitive.Softmax op -> Normalisation.softmax(workers, op, host(op.x()), host(op.y()));
      case Primitive.SoftmaxGrad op ->
          Normalisation.softmaxGrad(workers, op, host(op.y()), host(op.dy()), host(op.dx()));
      case Primitive.LogisticLoss op ->
          Losses.logistic(workers, op, host(op.x()), host(op.loss()), host(op.dx()));
      case Primitive.Custom op -> HostDevice.compute(op, memory);
    }
  }

  private void matMul(Primitive.MatMul op) {
    HostBuffer a = host(op.a());
    HostBuffer b = host(op.b());
    HostBuffer c = host(op.c());
    HostBuffer bias = op.bias() == null ? null : host(op.bias());
    Gemm.multiply(
        workers,
        op.transA(),
        op.transB(),
        op.batch(),
        op.m(),
        op.n(),
        op.k(),
        a.floats(),
        a.offset(),
        op.sharedA() ? 0 : op.m() * op.k(),
        b.floats(),
        b.offset(),
        op.sharedB() ? 0 : op.k() * op.n(),
        bias == null ? null : bias.floats(),
        bias == null ? 0 : bias.offset(),
        op.n(),
        (float) op.slope(),
        false,
        c.floats(),
        c.offset(),
        op.m() * op.n());
  }

  private float real(Buffer b) {
    HostBuffer h = host(b);
    return h.floats()[h.offset()];
  }

  private int int32(Buffer b) {
    HostBuffer h = host(b);
    return h.ints()[h.offset()];
  }
}
