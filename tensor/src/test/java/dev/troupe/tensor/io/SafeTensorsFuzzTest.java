package dev.troupe.tensor.io;

import static dev.troupe.tensor.io.TestFiles.assertSame;
import static dev.troupe.tensor.io.TestFiles.input;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;

/** Like {@link NpyFuzzTest}, which says how to fuzz for longer. */
class SafeTensorsFuzzTest {
  @FuzzTest(maxDuration = "2m")
  void readsOrRefuses(byte[] file) throws IOException {
    SafeTensors.Contents contents;
    try {
      contents = SafeTensors.read(input(file));
    } catch (ArrayFileException e) {
      return;
    }
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    SafeTensors.write(Channels.newChannel(written), contents.arrays(), contents.metadata());
    SafeTensors.Contents again = SafeTensors.read(input(written.toByteArray()));
    assertThat(again.metadata()).containsExactlyEntriesOf(contents.metadata());
    assertThat(again.arrays().keySet()).containsExactlyElementsOf(contents.arrays().keySet());
    contents.arrays().forEach((name, array) -> assertSame(again.arrays().get(name), array));
  }
}
