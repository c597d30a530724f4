package dev.troupe.experiments.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What {@code results.json} holds. Two runs of the same settings and seed on the same device write
 * the same bytes apart from {@code wall_seconds}, also if one of them was killed and resumed; so no
 * date, host name or directory belongs in here.
 *
 * @param header what was run
 * @param notes what a reader must know, such as rows that were left out
 * @param records the numbers
 */
@JsonPropertyOrder({"header", "notes", "records"})
public record Results(Header header, List<String> notes, List<ResultRecord> records) {
  /**
   * What was run.
   *
   * @param version of Troupe
   * @param experiment as on the command line
   * @param preset {@code quick} or {@code paper}
   * @param seed first or only seed
   * @param settings every setting with the value it had, in the order of {@code --help}
   * @param device {@code cpu}, with its vector width, or the GPU's name
   * @param wallSeconds computing time over all parts of the run
   * @param parameterHash SHA-256 over all trained parameters
   */
  @JsonPropertyOrder({
    "version",
    "experiment",
    "preset",
    "seed",
    "settings",
    "device",
    "wall_seconds",
    "parameter_hash"
  })
  public record Header(
      String version,
      String experiment,
      String preset,
      long seed,
      Map<String, Object> settings,
      String device,
      @JsonProperty("wall_seconds") double wallSeconds,
      @JsonProperty("parameter_hash") String parameterHash) {}

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final ObjectWriter WRITER =
      MAPPER.writer(
          new DefaultPrettyPrinter(
                  Separators.createDefaultInstance()
                      .withObjectFieldValueSpacing(Separators.Spacing.AFTER))
              .withArrayIndenter(new DefaultIndenter("  ", "\n"))
              .withObjectIndenter(new DefaultIndenter("  ", "\n")));

  /** Keeps copies. */
  public Results {
    notes = List.copyOf(notes);
    records = List.copyOf(records);
  }

  /** The file's text. */
  public String toJson() {
    try {
      return WRITER.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("results: cannot be written as JSON", e);
    }
  }

  /** Reads what {@link #toJson} wrote. */
  public static Results read(Path file) throws IOException {
    return MAPPER.readValue(Files.readString(file, StandardCharsets.UTF_8), Results.class);
  }
}
