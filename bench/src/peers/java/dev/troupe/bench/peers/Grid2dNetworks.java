package dev.troupe.bench.peers;

import dev.troupe.bench.WorkSpec.Grid2d;
import org.bytedeco.pytorch.Tensor;

/**
 * The networks of {@link Grid2d} for one member or for several, with the tensors in the layout that
 * suits libtorch. Made within a {@link org.bytedeco.javacpp.PointerScope}, which owns all of them.
 */
interface Grid2dNetworks {
  /** The generators' parameters. */
  Tensor[] parametersG();

  /** The discriminators' parameters. */
  Tensor[] parametersD();

  /** The axis of batches and logits that counts examples. */
  int rowAxis();

  /** N(0, I) for one batch of each member. */
  Tensor noise();

  /** One batch for each member, drawn with replacement from the resident points. */
  Tensor batch();

  /** G(z), with batch statistics; updates the running statistics. */
  Tensor generate(Tensor z);

  /** The logits D(x). */
  Tensor score(Tensor x);
}
