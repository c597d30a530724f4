package dev.troupe.tensor.io;

import static dev.troupe.tensor.io.TestFiles.assertSame;
import static dev.troupe.tensor.io.TestFiles.input;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;

/**
 * Any bytes are read or refused by name, and what was read survives writing and reading.
 *
 * <p>An ordinary test run replays the committed inputs. To look for new ones:
 *
 * <pre>{@code
 * JAZZER_FUZZ=1 ./mvnw test -pl tensor -am -Djazzer.hooks=true \
 *     -Dtest=NpyFuzzTest -Dsurefire.failIfNoSpecifiedTests=false
 * }</pre>
 *
 * <p>It stops at the first finding or after {@code maxDuration}, to be raised for a longer search.
 * The input of a finding is written to {@code src/test/resources}; commit it with its fix.
 */
class NpyFuzzTest {
  @FuzzTest(maxDuration = "2m")
  void readsOrRefuses(byte[] file) throws IOException {
    HostArray array;
    try {
      array = Npy.read(input(file));
    } catch (ArrayFileException e) {
      return;
    }
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    Npy.write(Channels.newChannel(written), array);
    assertSame(Npy.read(input(written.toByteArray())), array);
  }
}
