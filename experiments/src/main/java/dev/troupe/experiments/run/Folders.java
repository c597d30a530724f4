package dev.troupe.experiments.run;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What of the file system a run uses besides its directory. It decides no bit.
 *
 * @param data what {@code --data} says, or null
 * @param cache where trainings are kept for other runs; empty if that is not wanted
 */
public record Folders(String data, Optional<Path> cache) {
  /** Neither. */
  public static final Folders NONE = new Folders(null, Optional.empty());
}
