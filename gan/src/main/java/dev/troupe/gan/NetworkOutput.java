package dev.troupe.gan;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Pass;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;

/**
 * What a randomly initialised network R makes of standard normal noise (Tang 2020, section IV.A).
 * The paper's R has two layers, one affine map, and Glorot uniform weights: a Gaussian with a
 * random covariance.
 */
public final class NetworkOutput implements Source {
  private final AffineNet net;
  private final Layer layer;

  /**
   * A new network, the same for all members that draw.
   *
   * @param scope owns its parameters
   * @param seed of its parameters
   */
  public NetworkOutput(Scope scope, long seed, AffineNet net, Initialiser weights) {
    this.net = net;
    this.layer = net.create(new State(scope, seed, 0).at("network"), weights);
  }

  @Override
  public int features() {
    return net.out();
  }

  @Override
  public Variable draw(Rng rng, String stream, int count) {
    Shape shape = Shape.of(rng.members(), count, net.in());
    Variable z = Variable.constant(rng.normal(stream + "/z", shape, 0, 1));
    Shape rows = Shape.of(1, rng.members() * count, net.in()); // R has one member
    Variable y = Gradients.noGrad(() -> layer.forward(Ops.reshape(z, rows), Pass.EVALUATION));
    return Ops.reshape(y, shape.with(2, net.out()));
  }
}
