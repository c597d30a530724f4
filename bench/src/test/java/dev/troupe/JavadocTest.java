package dev.troupe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Every public type and method of main code has a Javadoc comment; javac's doclint checks what is
 * in it.
 */
final class JavadocTest {
  @Test
  void publicTypesAndMethodsAreDocumented() throws IOException {
    List<Path> files = new ArrayList<>();
    Path root = Path.of("..").toRealPath();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path module : modules.filter(p -> Files.exists(p.resolve("pom.xml"))).toList()) {
        Path sources = module.resolve("src/main/java");
        if (Files.isDirectory(sources)) {
          try (Stream<Path> walk = Files.walk(sources)) {
            walk.filter(p -> p.toString().endsWith(".java")).forEach(files::add);
          }
        }
      }
    }
    assertThat(files).as("source files under %s", root).hasSizeGreaterThan(50);

    var compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      assertThat(undocumented(manager, manager.getJavaFileObjectsFromPaths(files))).isEmpty();
    }
  }

  @Test
  void whatIsNotDocumentedIsFound() {
    String source =
        """
        package p;
        /** Documented. */
        public final class A {
          public A() {}
          public void missing() {}
          /** Documented. */
          public void present() {}
          @Override public String toString() { return ""; }
          void internal() {}
          public record R(int x) {}
        }
        """;
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///p/A.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    assertThat(undocumented(null, List.of(file)))
        .containsExactly("/p/A.java:5: missing", "/p/A.java:10: R");
  }

  private static List<String> undocumented(
      StandardJavaFileManager manager, Iterable<? extends JavaFileObject> files) {
    var compiler = ToolProvider.getSystemJavaCompiler();
    JavacTask task = (JavacTask) compiler.getTask(null, manager, null, null, null, files);
    Finder finder = new Finder(DocTrees.instance(task));
    try {
      for (CompilationUnitTree unit : task.parse()) {
        finder.scan(unit, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return finder.found;
  }

  private static final class Finder extends TreePathScanner<Void, Void> {
    private final DocTrees trees;
    private final List<String> found = new ArrayList<>();

    Finder(DocTrees trees) {
      this.trees = trees;
    }

    @Override
    public Void visitClass(ClassTree type, Void unused) {
      if (!isPublic(type.getModifiers())) {
        return null; // and so nothing in it is
      }
      check(type, type.getSimpleName());
      return super.visitClass(type, unused);
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      if (isPublic(method.getModifiers())
          && method.getReturnType() != null
          && !overrides(method.getModifiers())) {
        check(method, method.getName());
      }
      return null;
    }

    private boolean isPublic(ModifiersTree modifiers) {
      Tree parent = getCurrentPath().getParentPath().getLeaf();
      return modifiers.getFlags().contains(Modifier.PUBLIC)
          || (parent.getKind() == Tree.Kind.INTERFACE
              && !modifiers.getFlags().contains(Modifier.PRIVATE));
    }

    private static boolean overrides(ModifiersTree modifiers) {
      return modifiers.getAnnotations().stream()
          .map(AnnotationTree::getAnnotationType)
          .anyMatch(type -> type.toString().equals("Override"));
    }

    private void check(Tree tree, CharSequence name) {
      if (trees.getDocComment(getCurrentPath()) == null) {
        CompilationUnitTree unit = getCurrentPath().getCompilationUnit();
        long line =
            unit.getLineMap()
                .getLineNumber(trees.getSourcePositions().getStartPosition(unit, tree));
        found.add(unit.getSourceFile().toUri().getPath() + ":" + line + ": " + name);
      }
    }
  }
}
