package dev.troupe.experiments;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/** The resolved settings of one run: a preset with the user's own values put over it. */
public final class Settings {
  private final Preset preset;
  private final SequencedMap<Setting<?>, Object> values;

  private Settings(Preset preset, SequencedMap<Setting<?>, Object> values) {
    this.preset = preset;
    this.values = values;
  }

  /**
   * Resolves the settings of an experiment and lets it check them together.
   *
   * @param assignments {@code key=value} texts, as given with {@code --set}
   * @throws UserException with {@link ExitCode#USAGE} on an unknown key (naming the nearest), a
   *     value of the wrong type or out of range, a key set twice, or values that do not fit
   *     together
   */
  public static Settings resolve(Experiment experiment, Preset preset, List<String> assignments) {
    Map<String, Setting<?>> declared = new LinkedHashMap<>();
    SequencedMap<Setting<?>, Object> values = new LinkedHashMap<>();
    for (Setting<?> setting : experiment.settings()) {
      if (declared.put(setting.name(), setting) != null) {
        throw new IllegalArgumentException(
            experiment.name() + ": setting " + setting.name() + " is declared twice");
      }
      values.put(setting, setting.defaultIn(preset));
    }
    Map<String, String> seen = new LinkedHashMap<>();
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw new UserException(
            ExitCode.USAGE, "--set: expected key=value, got '" + assignment + "'");
      }
      String key = assignment.substring(0, equals).strip();
      String text = assignment.substring(equals + 1).strip();
      Setting<?> setting = declared.get(key);
      if (setting == null) {
        throw unknown(experiment, key, declared.keySet());
      }
      String before = seen.put(key, text);
      if (before != null) {
        throw new UserException(
            ExitCode.USAGE,
            "setting " + key + ": set twice, to '" + before + "' and '" + text + "'");
      }
      values.put(setting, setting.parse(text));
    }
    Settings settings = new Settings(preset, values);
    experiment.check(settings);
    return settings;
  }

  private static UserException unknown(Experiment experiment, String key, Set<String> names) {
    String hint =
        Nearest.to(key, names)
            .map(name -> "did you mean '" + name + "'?")
            .orElse("it has " + String.join(", ", names));
    return new UserException(
        ExitCode.USAGE, experiment.name() + ": unknown setting '" + key + "'; " + hint);
  }

  /** The preset the defaults are from. */
  public Preset preset() {
    return preset;
  }

  /**
   * The value of a setting.
   *
   * @throws IllegalArgumentException if the experiment did not declare it
   */
  @SuppressWarnings("unchecked") // resolve() puts only values that the setting's domain made
  public <T> T get(Setting<T> setting) {
    Object value = values.get(setting);
    if (value == null) {
      throw new IllegalArgumentException("settings: '" + setting.name() + "' is not declared");
    }
    return (T) value;
  }

  /** All values as canonical texts, in the order of declaration: for checkpoints and reports. */
  public SequencedMap<String, String> canonical() {
    SequencedMap<String, String> texts = new LinkedHashMap<>();
    values.forEach((setting, value) -> texts.put(setting.name(), text(setting, value)));
    return Collections.unmodifiableSequencedMap(texts);
  }

  /** The {@code --set} arguments that lead here from the preset alone, in order of declaration. */
  public List<String> assignments() {
    List<String> changed = new ArrayList<>();
    values.forEach((setting, value) -> {
      if (!value.equals(setting.defaultIn(preset))) {
        changed.add(setting.name() + "=" + text(setting, value));
      }
    });
    return List.copyOf(changed);
  }

  @SuppressWarnings("unchecked") // as in get()
  private static <T> String text(Setting<T> setting, Object value) {
    return setting.domain().format((T) value);
  }
}
