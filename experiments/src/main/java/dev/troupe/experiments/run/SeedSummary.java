package dev.troupe.experiments.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.experiments.Outcome;
import dev.troupe.gan.metrics.Summary;
import dev.troupe.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What several seeds of one experiment come to: for each number of their {@code results.json} its
 * mean and standard deviation over the seeds.
 */
public final class SeedSummary {
  /** The file that {@link #write} makes. */
  public static final String FILE = "seeds.md";

  private record Key(String table, String row, String metric) {}

  private final String title;
  private final List<String> runs = new ArrayList<>();
  private final Map<Key, List<Double>> values = new LinkedHashMap<>();

  /**
   * @param title the heading
   */
  public SeedSummary(String title) {
    this.title = title;
  }

  /**
   * Adds a finished run.
   *
   * @throws IOException if its {@code results.json} cannot be read
   */
  public void add(long seed, Path directory, Outcome outcome) throws IOException {
    String best = outcome.files().isEmpty() ? "" : outcome.files().getFirst();
    runs.add("- seed " + seed + ": " + directory.getFileName().resolve(best));
    Map<String, Object> results =
        Json.readObject(Files.readString(directory.resolve("results.json")));
    for (Object item : (List<?>) results.get("records")) {
      Map<?, ?> record = (Map<?, ?>) item;
      Key key =
          new Key(
              (String) record.get("table"),
              (String) record.get("row"),
              (String) record.get("metric"));
      List<Double> list = values.computeIfAbsent(key, _ -> new ArrayList<>());
      if (record.get("mean") instanceof Number mean) { // null where the metric is not defined
        list.add(mean.doubleValue());
      }
    }
  }

  /** Markdown: a table of the means, and where each run lies. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(title).append("\n\n");
    text.append("| table | row | metric | mean | std | seeds |\n");
    text.append("|---|---|---|--:|--:|--:|\n");
    values.forEach((key, list) ->
        text.append("| ")
            .append(String.join(" | ", key.table, key.row, key.metric))
            .append(" | ")
            .append(row(Summary.of(list.stream().mapToDouble(x -> x).toArray()))));
    text.append("\nstd is the sample standard deviation over the seeds' means.\n\n");
    text.append(String.join("\n", runs)).append('\n');
    return text.toString();
  }

  /** Writes {@link #text} into the directory above the runs'. */
  public Path write(Path parent) throws IOException {
    Path file = parent.resolve(FILE);
    AtomicFiles.write(file, text().getBytes(UTF_8));
    return file;
  }

  private static String row(Summary s) {
    return number(s.mean()) + " | " + number(s.std()) + " | " + s.n() + " |\n";
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.4g", value);
  }
}
