package dev.troupe;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The rules of DESIGN.md about who may use whom; this module is the one that sees all classes. */
final class ArchitectureTest {
  /** Each module may use those before it. */
  private static final List<String> MODULES =
      List.of("kernels", "tensor", "autograd", "nn", "gan", "experiments", "bench");

  private static final List<String> CORE = MODULES.subList(0, MODULES.indexOf("experiments"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.troupe");

  private static String[] packages(List<String> modules) {
    return modules.stream().map(module -> "dev.troupe." + module + "..").toArray(String[]::new);
  }

  private static ArchRule doesNotUse(String module, List<String> others) {
    return noClasses()
        .that()
        .resideInAPackage("dev.troupe." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages(others))
        .allowEmptyShould(true);
  }

  @ParameterizedTest
  @FieldSource("MODULES")
  void eachModuleHasClassesInItsOwnPackages(String module) {
    List<JavaClass> classes =
        CLASSES.stream()
            .filter(c -> c.getSource().orElseThrow().getUri().toString().matches(inModule(module)))
            .toList();
    assertThat(classes).as("classes of %s", module).isNotEmpty();
    assertThat(classes)
        .allSatisfy(c -> assertThat(c.getPackageName() + ".").startsWith(root(module)));
  }

  private static String inModule(String module) {
    return ".*(/" + module + "/target/classes/|/troupe-" + module + "-[^/]*\\.jar!).*";
  }

  private static String root(String module) {
    return "dev.troupe." + module + ".";
  }

  @ParameterizedTest
  @FieldSource("MODULES")
  void eachModuleUsesOnlyThoseBeforeIt(String module) {
    List<String> later = MODULES.subList(MODULES.indexOf(module) + 1, MODULES.size());
    if (!later.isEmpty()) {
      doesNotUse(module, later).check(CLASSES);
    }
  }

  @Test
  void theRuleOfDirectionsCanFail() {
    assertThat(doesNotUse("tensor", List.of("kernels")).evaluate(CLASSES).hasViolation()).isTrue();
  }

  @Test
  void onlyKernelsCudaNamesJcuda() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.troupe.kernels.cuda..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jcuda..")
        .check(CLASSES);
  }

  @Test
  void theCoreUsesNoReflectionAndNoServiceLoaders() {
    noClasses()
        .that()
        .resideInAnyPackage(packages(CORE))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.reflect..")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(java.util.ServiceLoader.class)
        .check(CLASSES);
  }
}
