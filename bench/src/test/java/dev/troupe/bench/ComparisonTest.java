package dev.troupe.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  /** A peer whose step takes a known time, and only for exp. */
  private record Sleeper(String name, long millis, List<String> events) implements Peer {
    @Override
    public String description() {
      return "sleeps %d ms".formatted(millis);
    }

    @Override
    public Optional<Work> open(WorkSpec spec, int members, int threads) {
      if (!spec.name().equals("exp")) {
        return Optional.empty();
      }
      events.add("open %s members=%d threads=%d".formatted(name, members, threads));
      return Optional.of(
          new Work() {
            @Override
            public String name() {
              return spec.name();
            }

            @Override
            public void step() {
              try {
                Thread.sleep(millis);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            }

            @Override
            public double flops() {
              return 3e6;
            }

            @Override
            public void close() {
              events.add("close " + Sleeper.this.name);
            }
          });
    }
  }

  @TempDir private Path folder;

  @Test
  void writesARowForEachPeerThatHasTheWork() throws IOException {
    List<String> events = new ArrayList<>();
    List<Peer> peers = List.of(new Sleeper("fast", 3, events), new Sleeper("slow", 12, events));
    Path table = folder.resolve("results/table.md");
    int code =
        Comparison.run(
            peers,
            "exp@2",
            "tanh",
            "--threads=1",
            "--rounds=3",
            "--seconds=0.02",
            "--warm-up=0.01",
            "--out=" + table);
    assertThat(code).isZero();
    assertThat(events)
        .containsExactly(
            "open fast members=2 threads=1",
            "open slow members=2 threads=1",
            "close fast",
            "close slow");
    List<String> lines = Files.readAllLines(table);
    assertThat(lines).contains("- fast: sleeps 3 ms", "- slow: sleeps 12 ms");
    List<String> rows = lines.stream().filter(line -> line.startsWith("| exp ")).toList();
    assertThat(rows).hasSize(2);
    assertThat(lines).noneMatch(line -> line.startsWith("| tanh"));
    String[] fast = rows.get(0).split(" *\\| *", -1);
    String[] slow = rows.get(1).split(" *\\| *", -1);
    assertThat(fast).startsWith("", "exp", "2", "1", "fast").hasSize(12);
    assertThat(slow[4]).isEqualTo("slow");
    assertThat(Double.parseDouble(fast[6])).isGreaterThanOrEqualTo(3.0);
    assertThat(Double.parseDouble(slow[6])).isGreaterThanOrEqualTo(12.0);
    assertThat(Double.parseDouble(fast[9])).isEqualTo(1.0);
    assertThat(slow[10]).endsWith(" of 3");
  }

  /** In one round, it is that of the medians. How long a sleep takes, the machine decides. */
  @Test
  void theRatioIsToTheFirstRow() throws IOException {
    List<String> events = new ArrayList<>();
    List<Peer> peers = List.of(new Sleeper("fast", 3, events), new Sleeper("slow", 12, events));
    Path table = folder.resolve("table.md");
    String[] arguments = {"exp", "--rounds=1", "--seconds=0.1", "--warm-up=0", "--out=" + table};
    assertThat(Comparison.run(peers, arguments)).isZero();
    double[][] rows = // median and ratio
        Files.readAllLines(table).stream()
            .filter(line -> line.startsWith("| exp "))
            .map(line -> line.split(" *\\| *", -1))
            .map(row -> new double[] {Double.parseDouble(row[5]), Double.parseDouble(row[9])})
            .toArray(double[][]::new);
    assertThat(rows).hasDimensions(2, 2);
    assertThat(rows[1][1]).isCloseTo(rows[1][0] / rows[0][0], within(0.01));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    List<Peer> peers = List.of(new Sleeper("fast", 1, new ArrayList<>()));
    assertThat(Comparison.run(peers, "nothing")).isNotZero();
    assertThat(Comparison.run(peers, "exp@0")).isNotZero();
    assertThat(Comparison.run(peers, "exp", "--peers=absent")).isNotZero();
  }
}
