package dev.troupe.tensor.io;

import static dev.troupe.tensor.io.TestFiles.latin1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void writeTheOldFile() throws IOException {
    file = directory.resolve("a.json");
    AtomicFiles.write(file, latin1("old"));
  }

  @Test
  void replacesAFile() throws IOException {
    AtomicFiles.write(file, latin1("new"));
    assertThat(file).hasContent("new");
    assertThat(directory).isDirectoryNotContaining(f -> !f.equals(file));
  }

  @Test
  void theOldFileIsThereUntilTheNewOneIsWhole() throws IOException {
    AtomicFiles.write(
        file,
        channel -> {
          ArrayOutput.writeFully(channel, ByteBuffer.wrap(latin1("half")));
          assertThat(file).hasContent("old");
          ArrayOutput.writeFully(channel, ByteBuffer.wrap(latin1(" and half")));
        });
    assertThat(file).hasContent("half and half");
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() {
    assertThatThrownBy(() ->
            AtomicFiles.write(
                file,
                channel -> {
                  ArrayOutput.writeFully(channel, ByteBuffer.wrap(new byte[1000]));
                  throw new IOException("No space left on device");
                }))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": cannot be written, No space left on device");
    assertOnlyTheOldFileIsThere();
  }

  @Test
  void aBugInTheWriterLeavesTheOldFileAndNothingElse() {
    IllegalStateException bug = new IllegalStateException("bug");
    assertThatThrownBy(() ->
            AtomicFiles.write(
                file,
                channel -> {
                  throw bug;
                }))
        .isSameAs(bug);
    assertOnlyTheOldFileIsThere();
  }

  @Test
  void anInterruptLeavesTheOldFileAndNothingElse() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> AtomicFiles.write(file, latin1("new")))
          .isInstanceOf(IOException.class)
          .hasMessage(file + ": cannot be written, the thread was interrupted");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertOnlyTheOldFileIsThere();
  }

  @Test
  void saysWhyAPlaceCannotBeWritten() throws IOException {
    Path inAFile = file.resolve("b.json");
    assertThatThrownBy(() -> AtomicFiles.write(inAFile, latin1("new")))
        .isInstanceOf(IOException.class)
        .hasMessage(inAFile + ": cannot be written, Not a directory");
    Path nowhere = directory.resolve("missing/b.json");
    assertThatThrownBy(() -> AtomicFiles.write(nowhere, latin1("new")))
        .isInstanceOf(IOException.class)
        .hasMessage(nowhere + ": cannot be written, no such file or directory");
    assertOnlyTheOldFileIsThere();

    Path taken = Files.createDirectory(directory.resolve("taken"));
    assertThatThrownBy(() -> AtomicFiles.write(taken, latin1("new")))
        .isInstanceOf(IOException.class)
        .hasMessage(taken + ": cannot be written, Is a directory");
    Files.delete(taken);
    assertOnlyTheOldFileIsThere();
  }

  @Test
  void sweepsWhatKilledWritersLeft() throws IOException {
    Files.createFile(directory.resolve(".a.json.0123456789abcdef.tmp"));
    Path hidden = Files.createFile(directory.resolve(".hidden.tmp"));
    AtomicFiles.sweep(directory);
    Files.delete(hidden);
    assertOnlyTheOldFileIsThere();
  }

  private void assertOnlyTheOldFileIsThere() {
    assertThat(file).hasContent("old");
    assertThat(directory).isDirectoryNotContaining(f -> !f.equals(file));
  }
}
