package dev.troupe.experiments.artificial;

import dev.troupe.gan.metrics.Summary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything that a run measured, read back from its metrics, which earlier sessions also wrote.
 */
final class Measured {
  private static final double LATE = 0.75;
  private static final Set<String> AVERAGED =
      Set.of("frechet_distance", "frechet_distance_to_set", "critic_gap");

  private final List<Configuration> configurations;
  private final int repeats;
  private final Map<String, List<Map<String, Object>>> lines = new HashMap<>(); // by stage
  private final Map<String, Long> firstSteps = new HashMap<>(); // of the stage in the run

  /**
   * @param stages names of all stages of the run, in order, and how many steps each has
   * @param metrics its lines
   */
  Measured(
      List<Configuration> configurations,
      int repeats,
      SequencedMap<String, Long> stages,
      List<Map<String, Object>> metrics) {
    this.configurations = List.copyOf(configurations);
    this.repeats = repeats;
    long first = 0;
    for (var stage : stages.entrySet()) {
      firstSteps.put(stage.getKey(), first);
      lines.put(stage.getKey(), new ArrayList<>());
      first += stage.getValue();
    }
    for (Map<String, Object> line : metrics) {
      if (line.get("stage") instanceof String stage) {
        lines.get(stage).add(line);
      }
    }
  }

  List<Configuration> configurations() {
    return configurations;
  }

  /** How many times each was trained. */
  int repeats() {
    return repeats;
  }

  private static String stage(Configuration c, int repeat, Phase phase) {
    return c.slug() + "/" + repeat + "/" + phase;
  }

  /** What the last line of a stage has, a number or a list. */
  Object last(Configuration c, int repeat, Phase phase, String key) {
    return lines.get(stage(c, repeat, phase)).getLast().get(key);
  }

  /**
   * What a table has of each repeat: the last number, or the mean over the last quarter of the
   * iterations of what goes up and down from one measurement to the next. Empty where it was not
   * measured.
   */
  List<Double> values(Configuration c, Phase phase, String key) {
    List<Double> values = new ArrayList<>();
    for (int r = 1; r <= repeats; r++) {
      String stage = stage(c, r, phase);
      List<Map<String, Object>> all =
          lines.getOrDefault(stage, List.of()).stream()
              .filter(line -> line.get(key) instanceof Number)
              .toList();
      if (!all.isEmpty()) {
        long last = iteration(stage, all.getLast());
        double from = averaged(key) ? LATE * last : last - 1;
        values.add(
            all.stream()
                .filter(line -> iteration(stage, line) > from)
                .mapToDouble(line -> ((Number) line.get(key)).doubleValue())
                .average()
                .orElseThrow());
      }
    }
    return values;
  }

  /** Whether {@link #values} has a mean over the last quarter of the iterations. */
  static boolean averaged(String key) {
    return AVERAGED.contains(key);
  }

  private long iteration(String stage, Map<String, Object> line) {
    return ((Number) line.get("step")).longValue() - firstSteps.get(stage);
  }

  /** Mean and spread of the {@link #values} over the repeats. */
  Summary summary(Configuration c, Phase phase, String key) {
    return GanTraining.summary(values(c, phase, key));
  }

  /** Mean and spread over the repeats of {@code a}'s value less {@code b}'s of the same repeat. */
  Summary difference(Configuration a, Configuration b, Phase phase, String key) {
    List<Double> x = values(a, phase, key);
    List<Double> y = values(b, phase, key);
    List<Double> out = new ArrayList<>();
    for (int r = 0; r < repeats; r++) {
      out.add(x.get(r) - y.get(r));
    }
    return GanTraining.summary(out);
  }

  /**
   * A number over the iterations.
   *
   * @param x iterations of the stage
   * @param mean over repeats
   * @param spread standard deviation over repeats, NaN for one
   */
  record Curve(double[] x, double[] mean, double[] spread) {}

  /** A number over the iterations of a phase, at those where every repeat has it. */
  Curve curve(Configuration c, Phase phase, String key) {
    SequencedMap<Long, List<Double>> points = new TreeMap<>();
    for (int r = 1; r <= repeats; r++) {
      String stage = stage(c, r, phase);
      for (Map<String, Object> line : lines.getOrDefault(stage, List.of())) {
        if (line.get(key) instanceof Number number) {
          points
              .computeIfAbsent(iteration(stage, line), _ -> new ArrayList<>())
              .add(number.doubleValue());
        }
      }
    }
    points.values().removeIf(values -> values.size() < repeats);
    List<Summary> summaries = points.values().stream().map(GanTraining::summary).toList();
    return new Curve(
        points.keySet().stream().mapToDouble(Long::doubleValue).toArray(),
        summaries.stream().mapToDouble(Summary::mean).toArray(),
        summaries.stream().mapToDouble(Summary::std).toArray());
  }

  /** Per generator, the share of its samples in each mode, [n_G][modes]. */
  List<List<Double>> shares(Configuration c, int repeat) {
    List<List<Double>> out = new ArrayList<>();
    for (Object row : (List<?>) last(c, repeat, Phase.GAN, "shares")) {
      out.add(numbers(row));
    }
    return out;
  }

  /** The generators' mixed strategy, [n_G]. */
  List<Double> weights(Configuration c, int repeat) {
    return numbers(last(c, repeat, Phase.GAN, "weights_g"));
  }

  private static List<Double> numbers(Object list) {
    return ((List<?>) list).stream().map(x -> ((Number) x).doubleValue()).toList();
  }
}
