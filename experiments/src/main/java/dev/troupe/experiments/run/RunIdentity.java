package dev.troupe.experiments.run;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.Version;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Everything that decides a run's bits, as texts: a run directory and its checkpoints may be gone
 * on with only by a run of the same identity. Threads are not in it, since they change no bit.
 *
 * @param values {@code experiment, version, preset, seed, device}, then each setting as {@code
 *     set.KEY}
 */
public record RunIdentity(SequencedMap<String, String> values) {
  private static final String EXPERIMENT = "experiment";
  private static final String SETTING = "set.";

  public RunIdentity {
    values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
  }

  /** The identity of a run of this version. */
  public static RunIdentity of(
      Experiment experiment, Settings settings, long seed, DeviceChoice device) {
    SequencedMap<String, String> values = new LinkedHashMap<>();
    values.put(EXPERIMENT, experiment.name());
    values.put("version", Version.current());
    values.put("preset", settings.preset().toString());
    values.put("seed", Long.toString(seed));
    values.put("device", device.toString());
    settings.canonical().forEach((key, value) -> values.put(SETTING + key, value));
    return new RunIdentity(values);
  }

  /**
   * Compares with what a run directory or a checkpoint says of itself; keys of {@code found} that
   * no identity has are ignored, so that it may be a file's whole metadata.
   *
   * @param where what it was read from, to begin the message with
   * @throws UserException with {@link ExitCode#RUN_DIRECTORY}, naming each key that differs with
   *     the value there and the value asked for; of another experiment its name alone
   */
  public void requireSame(Map<String, String> found, String where) {
    List<String> differences = new ArrayList<>();
    values.forEach((key, wanted) -> {
      String there = found.get(key);
      if (!wanted.equals(there)) {
        differences.add(
            shortName(key) + " is " + (there == null ? "absent" : there) + ", not " + wanted);
      }
    });
    found.forEach((key, there) -> {
      if (key.startsWith(SETTING) && !values.containsKey(key)) {
        differences.add(shortName(key) + " is " + there + ", now unknown");
      }
    });
    boolean anotherExperiment =
        found.containsKey(EXPERIMENT) && !found.get(EXPERIMENT).equals(values.get(EXPERIMENT));
    if (anotherExperiment) {
      differences.subList(1, differences.size()).clear(); // it has other settings altogether
    }
    if (!differences.isEmpty()) {
      throw new UserException(
          ExitCode.RUN_DIRECTORY,
          where
              + ": holds a different run: "
              + String.join("; ", differences)
              + " (give the same values, or another --out)");
    }
  }

  private static String shortName(String key) {
    return key.startsWith(SETTING) ? key.substring(SETTING.length()) : key;
  }
}
