package dev.troupe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * Troupe, and the peers that this build was made with: those of the Maven profile {@code peers} are
 * found as services, because the libraries that they need are absent from every other build.
 */
public final class Peers {
  private Peers() {}

  /** All peers, Troupe first. */
  public static List<Peer> all() {
    List<Peer> peers = new ArrayList<>(beside());
    peers.addFirst(new TroupePeer());
    return peers;
  }

  /** All peers but Troupe. */
  public static List<Peer> beside() {
    return ServiceLoader.load(Peer.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  /**
   * The peer of that name.
   *
   * @throws IllegalArgumentException if this build has none
   */
  public static Peer named(String name) {
    return named(name, all());
  }

  static Peer named(String name, List<Peer> available) {
    return available.stream()
        .filter(peer -> peer.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no peer is named %s; this build has %s (the Maven profile peers adds libtorch and MKL)"
                    .formatted(
                        name,
                        available.stream().map(Peer::name).collect(Collectors.joining(", ")))));
  }

  /**
   * Opens work that must exist.
   *
   * @throws IllegalArgumentException if the peer has no implementation of it
   */
  public static Work open(String peer, WorkSpec spec, int members, int threads) {
    return named(peer)
        .open(spec, members, threads)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s: peer %s does not implement it with members=%d, threads=%d"
                    .formatted(spec.name(), peer, members, threads)));
  }
}
