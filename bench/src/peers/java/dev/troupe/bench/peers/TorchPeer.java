package dev.troupe.bench.peers;

import dev.troupe.bench.Peer;
import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import java.util.Optional;

/** libtorch; several members are trained one after the other, as separate programs would. */
public final class TorchPeer implements Peer {
  @Override
  public String name() {
    return "libtorch";
  }

  @Override
  public String description() {
    return Native.torchVersion();
  }

  @Override
  public Optional<Work> open(WorkSpec spec, int members, int threads) {
    return switch (spec) {
      case WorkSpec.Sgemm sgemm -> Optional.empty();
      case WorkSpec.Elementwise elementwise ->
          members == 1 ? Optional.of(new TorchElementwise(elementwise, threads)) : Optional.empty();
      case WorkSpec.Convolution convolution ->
          Optional.of(new TorchConvolution(convolution, members, threads, false));
      case WorkSpec.Artificial artificial -> Optional.of(new TorchWganGp(artificial, threads));
      case WorkSpec.Dcgan32 dcgan -> Optional.of(new TorchDcgan(members, threads, false));
      case WorkSpec.ResNet18 resNet -> Optional.of(new TorchResNet18(members, threads, false));
      case WorkSpec.Grid2d grid2d ->
          Optional.of(
              members == 1 ? TorchGrid2d.single(threads) : new SequentialMembers(members, threads));
    };
  }
}
