package dev.troupe.gan.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.autograd.Variable;
import dev.troupe.gan.Gan;
import dev.troupe.gan.Latent;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.nn.Pass;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sizes of the published networks. */
class ModelsTest {
  private final CpuDevice device = new CpuDevice(2);
  private final Scope scope = Scope.open(device, "models");
  private final State state = new State(scope, 1, 0, 1);

  @AfterEach
  void close() {
    scope.close();
    device.close();
  }

  private Variable images(int channels, int size) {
    return Variable.constant(scope.zeros(Shape.of(2, 3, channels, size, size)));
  }

  @Test
  void dcganOfTheReferenceCodeHasItsParameters() {
    Gan gan = Dcgan.reference(3, 32, 64).create(state);
    assertThat(gan.generatorState().parametersPerMember()).isEqualTo(4_514_819);
    assertThat(gan.discriminatorState().parametersPerMember()).isEqualTo(4_310_401);
  }

  @Test
  void dcganMakesAndJudgesImagesOfAllSizes() {
    Pass pass = Pass.training(new Rng(scope, 1, 0, 1), "test");
    Dcgan[] all = {
      Dcgan.reference(1, 28, 4),
      Dcgan.reference(3, 32, 4),
      Dcgan.small(3),
      new Dcgan(2, 24, Latent.normal(5), 3, 2, 3, 3, true, false),
    };
    for (int i = 0; i < all.length; i++) {
      Dcgan d = all[i];
      Gan gan = d.create(state.at("gan" + i));
      Variable z = Variable.constant(scope.zeros(Shape.of(2, 3, d.latent().size())));
      Variable y = gan.generator().forward(z, pass);
      assertThat(y.shape()).isEqualTo(Shape.of(2, 3, d.channels(), d.size(), d.size()));
      assertThat(gan.discriminator().forward(y, pass).shape()).isEqualTo(Shape.of(2, 3, 1));
    }
  }

  @Test
  void dcganOfTheIssueIsFourByFourTimes512() {
    Gan gan = Dcgan.small(3).create(state);
    // 100 -> 4·4·512 -> 256 -> 128 -> 3, with 4x4 kernels, norms, and a bias in the output alone
    long generator =
        100 * 16 * 512
            + 2 * 512
            + 512 * 256 * 16
            + 2 * 256
            + 256 * 128 * 16
            + 2 * 128
            + 128 * 3 * 16
            + 3;
    long discriminator =
        3 * 64 * 16 + 64 + 64 * 128 * 16 + 2 * 128 + 128 * 256 * 16 + 2 * 256 + 256 * 16 + 1;
    assertThat(gan.generatorState().parametersPerMember()).isEqualTo(generator);
    assertThat(gan.discriminatorState().parametersPerMember()).isEqualTo(discriminator);
  }

  @Test
  void dcganRefusesSizesThatDoNotFit() {
    assertThatThrownBy(() -> new Dcgan(3, 30, Latent.normal(100), 2, 8, 8, 4, true, true))
        .hasMessage("dcgan: images of 30 pixels a side do not halve 2 times");
    assertThatThrownBy(() -> new Dcgan(3, 32, Latent.normal(0), 3, 8, 8, 4, true, true))
        .hasMessage(
            "dcgan: 3 channels, latent size 0, 3 levels, widths 8 and 8, expected 1 or more of"
                + " each");
    assertThatThrownBy(() -> new Dcgan(3, 32, Latent.normal(9), 3, 8, 8, 1, true, true))
        .hasMessage("dcgan: kernel is 1, expected 2 or more");
  }

  @Test
  void resNet18HasItsParameters() {
    Classifier net = ResNet.resNet18(state, 3, 10, 64);
    assertThat(state.parametersPerMember()).isEqualTo(11_173_962);
    assertThat(net.width()).isEqualTo(512);
  }

  @Test
  void resNet20HasItsParameters() {
    // 16 channels at the entry, 3 stages of 3 blocks, a pre-activation in all blocks but the first
    ResNet.resNet6n2(state, 3, 3, 10);
    assertThat(state.parametersPerMember()).isEqualTo(269_722);
  }

  @Test
  void simpleCnnHasItsParameters() {
    Classifier net = SimpleCnn.create(state, 3, 2);
    long convolutions = (27 * 16 + 16) + (144 * 32 + 32) + (288 * 64 + 64);
    long norms = 2 * (16 + 32 + 64);
    assertThat(state.parametersPerMember())
        .isEqualTo(convolutions + norms + (64 * 64 + 64) + (64 * 2 + 2));
    assertThat(net.width()).isEqualTo(64);
  }

  @Test
  void classifiersGiveOneLogitForEachClass() {
    Classifier[] all = {
      SimpleCnn.create(state.at("a"), 1, 3),
      ResNet.resNet18(state.at("b"), 1, 3, 2),
      ResNet.resNet6n2(state.at("c"), 1, 1, 3)
    };
    for (Classifier net : all) {
      Variable features = net.body().forward(images(1, 28), Pass.EVALUATION);
      assertThat(features.shape()).isEqualTo(Shape.of(2, 3, net.width()));
      Variable logits = net.forward(images(1, 28), Pass.EVALUATION);
      assertThat(logits.shape()).isEqualTo(Shape.of(2, 3, 3));
    }
    assertThatThrownBy(() -> ResNet.resNet6n2(state, 0, 1, 3))
        .hasMessage("resNet: n is 0, expected 1 or more");
  }
}
