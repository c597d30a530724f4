package dev.troupe.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.autograd.ops.Catalogue;
import dev.troupe.autograd.ops.Entry;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class TorchParityTest {
  /** Also fails for an op that is in neither list. */
  @TestFactory
  Stream<DynamicTest> everyOpAgreesWithLibtorch() {
    return Catalogue.entries().stream()
        .map(entry ->
            DynamicTest.dynamicTest(
                entry.name(),
                () -> {
                  try (TorchParity parity = new TorchParity()) {
                    TorchParity.Row row = parity.compare(entry);
                    assertThat(row.within()).as("%s", row).isTrue();
                  }
                }));
  }

  @Test
  void noOpIsNamedThatTheCatalogueLacks() {
    Map<String, Entry> entries =
        Catalogue.entries().stream().collect(Collectors.toMap(Entry::name, Function.identity()));
    assertThat(entries.keySet()).containsAll(Counterparts.ABSENT.keySet());
    assertThat(entries.keySet()).containsAll(Counterparts.DIFFERENT.keySet());
    assertThat(entries.keySet()).containsAll(Counterparts.names());
    assertThat(Set.copyOf(Counterparts.names()))
        .doesNotContainAnyElementsOf(Counterparts.ABSENT.keySet());
  }
}
