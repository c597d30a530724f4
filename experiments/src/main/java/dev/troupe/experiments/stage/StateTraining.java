package dev.troupe.experiments.stage;

import dev.troupe.nn.State;
import dev.troupe.tensor.io.HostArray;
import java.util.Map;
import java.util.SequencedMap;

/** A training of which all that changes is in one state. */
public interface StateTraining extends Training {
  /** Networks, optimisers, counters and losses. */
  State state();

  @Override
  default SequencedMap<String, HostArray> save() {
    return state().save();
  }

  @Override
  default void load(Map<String, HostArray> arrays) {
    state().load(arrays);
  }

  @Override
  default int members() {
    return state().members();
  }

  /** The parameters of one member by name, shape and number. */
  default String summary() {
    return state().summary();
  }

  /** SHA-256 over the parameters of all members. */
  default String hash() {
    return state().parameterHash();
  }
}
