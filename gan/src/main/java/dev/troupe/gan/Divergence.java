package dev.troupe.gan;

import java.util.List;

/**
 * Where a training ceased to be finite.
 *
 * @param terms what was NaN or infinite first, in the order in which an iteration computes it; more
 *     than one if they were so in the same update
 * @param iteration from 0
 * @param update of the discriminators within the iteration, from 1; 0 for that of the generators
 */
public record Divergence(List<String> terms, long iteration, int update) {
  @Override
  public String toString() {
    String where =
        update == 0 ? "the generators' update" : "update " + update + " of the discriminators";
    return String.join(" and ", terms)
        + (terms.size() == 1 ? " is" : " are")
        + " not finite in iteration "
        + iteration
        + ", "
        + where;
  }
}
