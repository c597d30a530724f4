package dev.troupe.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of PTX from outside this package, for {@link Primitive.Custom}. A device compiles it when
 * it first meets the object: keep it in a static field.
 *
 * <p>{@code nvcc -ptx -arch=compute_75 cube.cu} makes one of CUDA C++; kernels that are {@code
 * extern "C"} keep their names.
 */
public final class PtxFile {
  private static final String SUFFIX = ".ptx";

  private final String name;
  private final String text;

  /**
   * From its text.
   *
   * @param name for messages, with or without {@code .ptx}
   */
  public PtxFile(String name, String text) {
    this.name = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    this.text = text;
  }

  /** The resource {@code name} beside a class. */
  public static PtxFile beside(Class<?> type, String name) {
    try (InputStream in = type.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException(name + ": no such resource beside " + type.getName());
      }
      return new PtxFile(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(name + ": cannot be read", e);
    }
  }

  /**
   * A file.
   *
   * @throws IOException if it cannot be read, or is no text
   */
  public static PtxFile read(Path file) throws IOException {
    try {
      return new PtxFile(file.getFileName().toString(), Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": is no text, expected PTX", e);
    }
  }

  /** Its name, without {@code .ptx}. */
  public String name() {
    return name;
  }

  /** Its text. */
  public String text() {
    return text;
  }
}
