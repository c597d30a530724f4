package dev.troupe.autograd.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Walks the catalogue: derivatives, error messages, and whether an op is missing from it. */
class CatalogueTest {
  private static int derivatives;
  private static int failures;
  private static int agreements;
  private static final Map<String, Double> LARGEST = new LinkedHashMap<>();
  private static final Map<String, Double> LARGEST_PTX = new LinkedHashMap<>();

  @TestFactory
  Stream<DynamicTest> derivativesMatchCentralDifferences() {
    return Catalogue.entries().stream()
        .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> checkDerivatives(entry)));
  }

  private static void checkDerivatives(Entry entry) {
    try (Device reference = new ReferenceDevice()) {
      int count = 0;
      boolean expected = false;
      for (Sample sample : entry.samples()) {
        expected |= sample.order() > 0;
        Derivatives.Result r = Derivatives.check(reference, sample);
        assertThat(r.first())
            .as("gradient of %s, %s", entry.name(), sample.label())
            .isLessThan(1e-7);
        assertThat(r.second())
            .as("second derivative of %s, %s", entry.name(), sample.label())
            .isLessThan(1e-6);
        count += r.count();
      }
      assertThat(count > 0).as("%s has derivatives to check", entry.name()).isEqualTo(expected);
      assertThat(reference.memory().live()).as("bytes leaked").isZero();
      derivatives += count;
    }
  }

  @TestFactory
  Stream<DynamicTest> cpuAgreesWithReference() {
    return Catalogue.entries().stream()
        .map(entry ->
            DynamicTest.dynamicTest(
                entry.name(), () -> checkAgreement(entry, new CpuDevice(2), LARGEST)));
  }

  /** The kernels of the GPU, interpreted. */
  @TestFactory
  Stream<DynamicTest> ptxAgreesWithReference() {
    return Catalogue.entries().stream()
        .map(entry ->
            DynamicTest.dynamicTest(
                entry.name(),
                () -> checkAgreement(entry, new GpuDevice(new PtxMachine()), LARGEST_PTX)));
  }

  private static void checkAgreement(Entry entry, Device tested, Map<String, Double> largest) {
    try (Device reference = new ReferenceDevice();
        Device device = tested) {
      long before = device.memory().live(); // what the device itself holds
      double worst = 0;
      for (Sample sample : entry.samples()) {
        double c = Agreement.worst(device, reference, sample);
        assertThat(c).as("c of %s, %s", entry.name(), sample.label()).isLessThan(Agreement.LIMIT);
        worst = Math.max(worst, c);
        agreements++;
      }
      assertThat(device.memory().live()).as("bytes leaked").isEqualTo(before);
      largest.put(entry.name(), worst);
    }
  }

  @TestFactory
  Stream<DynamicTest> badInputIsRefused() {
    return Catalogue.entries().stream()
        .filter(entry -> !entry.failures().isEmpty())
        .map(entry -> DynamicTest.dynamicTest(entry.name(), () -> checkFailures(entry)));
  }

  private static void checkFailures(Entry entry) {
    try (Device reference = new ReferenceDevice()) {
      for (Entry.Failure failure : entry.failures()) {
        try (Scope scope = Scope.open(reference, "failure")) {
          Sample sample = new Sample("failure", failure.inputs(), failure.call(), 0, null, 0);
          assertThatThrownBy(() -> failure.call().apply(sample.make()))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage(failure.message());
          failures++;
        }
      }
    }
  }

  @Test
  void everyPublicOpIsInTheCatalogue() {
    Set<String> names =
        Catalogue.entries().stream()
            .map(e -> e.name().replaceAll("\\(.*", ""))
            .collect(Collectors.toSet());
    // Made of entries without anything of their own: constants and scalars.
    names.addAll(List.of("scalar", "onesLike", "zerosLike", "neg", "meanKeep"));
    Set<String> missing =
        Arrays.stream(Ops.class.getDeclaredMethods())
            .filter(m -> Modifier.isPublic(m.getModifiers()))
            .map(Method::getName)
            .filter(n -> !names.contains(n))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(missing).isEmpty();
  }

  @AfterAll
  static void report() {
    List<Entry> entries = Catalogue.entries();
    int samples = entries.stream().mapToInt(e -> e.samples().size()).sum();
    System.out.printf(
        "catalogue: %d ops, %d samples; %d gradient elements checked in first and second order,"
            + " %d samples on cpu and ptx against reference, %d refusals%n",
        entries.size(), samples, derivatives, agreements, failures);
    print("cpu", LARGEST);
    print("ptx", LARGEST_PTX);
  }

  private static void print(String device, Map<String, Double> largest) {
    StringBuilder line = new StringBuilder("catalogue: largest c per op on " + device + ":");
    largest.forEach((op, c) -> line.append(String.format(" %s %.2f,", op, c)));
    System.out.println(line.substring(0, line.length() - 1));
  }
}
