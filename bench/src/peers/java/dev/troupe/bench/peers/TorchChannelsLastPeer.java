package dev.troupe.bench.peers;

import dev.troupe.bench.Peer;
import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import java.util.Optional;

/** libtorch with images in its other layout, channels innermost; works on images only. */
public final class TorchChannelsLastPeer implements Peer {
  @Override
  public String name() {
    return "libtorch-channels-last";
  }

  @Override
  public String description() {
    return "libtorch as above, images and weights in MemoryFormat.ChannelsLast";
  }

  @Override
  public Optional<Work> open(WorkSpec spec, int members, int threads) {
    return switch (spec) {
      case WorkSpec.Convolution convolution ->
          Optional.of(new TorchConvolution(convolution, members, threads, true));
      case WorkSpec.Dcgan32 dcgan -> Optional.of(new TorchDcgan(members, threads, true));
      case WorkSpec.ResNet18 resNet -> Optional.of(new TorchResNet18(members, threads, true));
      default -> Optional.empty();
    };
  }
}
