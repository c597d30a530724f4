package dev.troupe.experiments.report;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Writes a TensorBoard event file: scalars and pictures by tag and step.
 *
 * <p>The file is a sequence of TFRecords (length, its masked CRC-32C, data, its masked CRC-32C, all
 * little-endian), each an {@code Event} protocol buffer; the few fields in use are encoded here. A
 * resumed run begins a new file in the same folder, whose first event tells TensorBoard to drop
 * what an earlier file holds from that step on. A file cut off in the middle of a record stays
 * readable up to there.
 */
public final class EventFile implements Closeable {
  // Field numbers of tensorflow.Event, Summary, Summary.Value, Summary.Image and SessionLog.
  private static final int EVENT_WALL_TIME = 1;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int EVENT_SESSION_LOG = 7;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;
  private static final int VALUE_IMAGE = 4;
  private static final int IMAGE_HEIGHT = 1;
  private static final int IMAGE_WIDTH = 2;
  private static final int IMAGE_COLORSPACE = 3;
  private static final int IMAGE_ENCODED = 4;
  private static final int SESSION_STATUS = 1;
  private static final int STATUS_START = 1;
  private static final int RGB = 3;

  private final Path path;
  private final OutputStream out;
  private final InstantSource clock;

  private EventFile(Path path, OutputStream out, InstantSource clock) {
    this.path = path;
    this.out = out;
    this.clock = clock;
  }

  /** Begins a file in a folder, which is made if need be. */
  public static EventFile create(Path folder) throws IOException {
    return create(folder, InstantSource.system());
  }

  /** Begins a file of a run that goes on after the given step: later ones are to be forgotten. */
  public static EventFile resume(Path folder, long step) throws IOException {
    EventFile file = create(folder);
    file.event(message -> {
      message.varint(EVENT_STEP, step + 1);
      message.bytes(
          EVENT_SESSION_LOG, new Message().varint(SESSION_STATUS, STATUS_START).encoded());
    });
    file.flush();
    return file;
  }

  static EventFile create(Path folder, InstantSource clock) throws IOException {
    Files.createDirectories(folder);
    long seconds = clock.instant().getEpochSecond();
    for (int i = 0; ; i++) {
      // TensorBoard reads the files of a folder in the order of their names.
      Path path =
          folder.resolve(String.format(Locale.ROOT, "events.out.tfevents.%010d.%04d", seconds, i));
      try {
        OutputStream out =
            new BufferedOutputStream(Files.newOutputStream(path, StandardOpenOption.CREATE_NEW));
        EventFile file = new EventFile(path, out, clock);
        file.event(message -> message.text(EVENT_FILE_VERSION, "brain.Event:2"));
        file.flush();
        return file;
      } catch (FileAlreadyExistsException e) {
        // Begun within the same second: the next number.
      }
    }
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** Adds a number. */
  public void scalar(String tag, long step, double value) throws IOException {
    value(step, new Message().text(VALUE_TAG, tag).number(VALUE_SIMPLE, (float) value));
  }

  /** Adds a picture, the bytes of an RGB PNG file. */
  public void image(String tag, long step, byte[] png) throws IOException {
    if (png.length < 24 || png[1] != 'P' || png[2] != 'N' || png[3] != 'G') {
      throw new IllegalArgumentException("event file: " + tag + " is not a PNG file");
    }
    ByteBuffer header = ByteBuffer.wrap(png);
    Message image =
        new Message()
            .varint(IMAGE_HEIGHT, header.getInt(20))
            .varint(IMAGE_WIDTH, header.getInt(16))
            .varint(IMAGE_COLORSPACE, RGB)
            .bytes(IMAGE_ENCODED, png);
    value(step, new Message().text(VALUE_TAG, tag).bytes(VALUE_IMAGE, image.encoded()));
  }

  private void value(long step, Message value) throws IOException {
    byte[] summary = new Message().bytes(SUMMARY_VALUE, value.encoded()).encoded();
    event(message -> message.varint(EVENT_STEP, step).bytes(EVENT_SUMMARY, summary));
  }

  private void event(Consumer<Message> fields) throws IOException {
    Instant now = clock.instant();
    Message message =
        new Message().number(EVENT_WALL_TIME, now.getEpochSecond() + now.getNano() * 1e-9);
    fields.accept(message);
    byte[] data = message.encoded();
    byte[] length = little(8).putLong(data.length).array();
    try {
      out.write(length);
      out.write(little(4).putInt(maskedCrc(length)).array());
      out.write(data);
      out.write(little(4).putInt(maskedCrc(data)).array());
    } catch (IOException e) {
      throw named(e);
    }
  }

  /** The stream's own exceptions, such as that of a full disk, do not say which file it is. */
  private IOException named(IOException e) {
    return new FileSystemException(path.toString(), null, e.getMessage());
  }

  /** Hands what was written to the file, so that TensorBoard sees it. */
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw named(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      out.close();
    } catch (IOException e) {
      throw named(e);
    }
  }

  /** CRC-32C, rotated right by 15 and offset, as TFRecord has it. */
  static int maskedCrc(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xA282EAD8;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A protocol buffer message in the making. */
  private static final class Message {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Message varint(int field, long value) {
      raw((long) field << 3 | VARINT);
      raw(value);
      return this;
    }

    Message number(int field, double value) {
      raw((long) field << 3 | FIXED64);
      bytes.writeBytes(little(8).putDouble(value).array());
      return this;
    }

    Message number(int field, float value) {
      raw((long) field << 3 | FIXED32);
      bytes.writeBytes(little(4).putFloat(value).array());
      return this;
    }

    Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message bytes(int field, byte[] value) {
      raw((long) field << 3 | LENGTH);
      raw(value.length);
      bytes.writeBytes(value);
      return this;
    }

    private void raw(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        bytes.write((int) (rest & 0x7F | 0x80));
        rest >>>= 7;
      }
      bytes.write((int) rest);
    }

    byte[] encoded() {
      return bytes.toByteArray();
    }
  }
}
