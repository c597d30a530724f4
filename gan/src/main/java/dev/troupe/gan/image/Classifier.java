package dev.troupe.gan.image;

import dev.troupe.autograd.Variable;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Pass;

/**
 * A classifier of images.
 *
 * @param body [E, N, C, H, W] to features [E, N, width], which metrics such as FID compare
 * @param width numbers in a feature vector
 * @param head features to logits [E, N, classes]
 * @param classes how many
 */
public record Classifier(Layer body, int width, Layer head, int classes) implements Layer {
  @Override
  public Variable forward(Variable x, Pass pass) {
    return head.forward(body.forward(x, pass), pass);
  }
}
