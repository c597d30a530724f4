package dev.troupe.experiments;

import java.util.List;

/**
 * One key of an experiment, set by {@code --set name=value}. Declared once as a constant and used
 * as the typed handle to its value:
 *
 * <pre>{@code
 * static final Setting<Integer> MEMBERS =
 *     new Setting<>("members", "GANs trained side by side", Domain.integer(1, 1024), 8, 25);
 * ...
 * int members = settings.get(MEMBERS);
 * }</pre>
 *
 * @param name lowerCamelCase, unique within the experiment
 * @param description a few words for {@code --help}, with the unit if there is one
 * @param domain the values allowed
 * @param quick default in {@link Preset#QUICK}
 * @param paper default in {@link Preset#PAPER}
 * @param <T> the type of the value
 */
public record Setting<T>(String name, String description, Domain<T> domain, T quick, T paper) {
  public Setting {
    if (!name.matches("[a-z][A-Za-z0-9]*")) {
      throw new IllegalArgumentException("setting '" + name + "': not a lowerCamelCase name");
    }
    for (T value : List.of(quick, paper)) {
      if (!domain.contains(value)) {
        throw new IllegalArgumentException(
            "setting " + name + ": default " + value + " is not " + domain.describe());
      }
    }
  }

  /** The value when nobody sets it. */
  public T defaultIn(Preset preset) {
    return switch (preset) {
      case QUICK -> quick;
      case PAPER -> paper;
    };
  }

  /**
   * Reads a value.
   *
   * @throws UserException with {@link ExitCode#USAGE} when the text is no value of the domain
   */
  public T parse(String text) {
    return domain.read("setting " + name, text);
  }
}
