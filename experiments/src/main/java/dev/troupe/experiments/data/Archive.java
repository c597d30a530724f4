package dev.troupe.experiments.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Unpacks {@code .tar.gz} and {@code .zip} files that are not trusted: a name that leads out of the
 * target, a link or a device, a name that is there twice, and more than the limits is refused.
 * Permissions, owners and times are not taken over.
 */
final class Archive {
  private static final int BLOCK = 512;

  /** The most that an archive may unpack to. */
  record Limits(long bytes, int files) {}

  private final Path archive;
  private final Path target;
  private final Limits limits;
  private final List<Path> files = new ArrayList<>();
  private long bytes;

  private Archive(Path archive, Path target, Limits limits) {
    this.archive = archive;
    this.target = target.toAbsolutePath().normalize();
    this.limits = limits;
  }

  /**
   * Unpacks into a directory that nobody else writes to.
   *
   * @return the files, relative to the target
   * @throws DataFileException if the archive is damaged, or refused; what was unpacked before stays
   */
  static List<Path> unpack(Path archive, Path target, Limits limits) throws IOException {
    Archive job = new Archive(archive, target, limits);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive), 1 << 16)) {
      byte[] magic = new byte[2];
      in.mark(magic.length);
      in.readNBytes(magic, 0, magic.length);
      in.reset();
      if (magic[0] == 'P' && magic[1] == 'K') {
        job.zip();
      } else if (magic[0] == 0x1f && magic[1] == (byte) 0x8b) {
        job.tar(new GZIPInputStream(in, 1 << 16));
      } else {
        throw job.refused("begins neither as a .zip nor as a .tar.gz file");
      }
    } catch (EOFException e) {
      throw new DataFileException(archive + ": ends too soon", e);
    } catch (ZipException e) {
      throw new DataFileException(archive + ": is damaged (" + e.getMessage() + ")", e);
    }
    return job.files;
  }

  private DataFileException refused(String what) {
    return new DataFileException(archive + ": " + what);
  }

  private void zip() throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        Path place = place(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(place);
        } else {
          try (InputStream in = zip.getInputStream(entry)) {
            copy(entry.getName(), in, Long.MAX_VALUE, place);
          }
        }
      }
    }
  }

  private void tar(InputStream in) throws IOException {
    String longName = null;
    byte[] header = new byte[BLOCK];
    while (in.readNBytes(header, 0, BLOCK) == BLOCK && !isEmpty(header)) {
      checkHeader(header);
      long size = octal(header, 124, 12, "size");
      String name = longName == null ? name(header) : longName;
      longName = null;
      char type = (char) (header[156] & 0xff);
      switch (type) {
        case '0', '\0', '7' -> copy(name, in, size, place(name));
        case '5' -> Files.createDirectories(place(name));
        case 'L' -> {
          if (size > BLOCK * 8) {
            throw refused("a name is " + size + " bytes long, expected at most " + BLOCK * 8);
          }
          longName = text(exactly(in, (int) size), 0, (int) size);
        }
        case 'x', 'g' -> skip(in, size); // further attributes, of which none is needed
        case '1', '2' -> throw refused("'" + name + "' is a link, which is not unpacked");
        default -> throw refused("'" + name + "' is of kind '" + type + "', expected a file");
      }
      skip(in, Math.floorMod(-size, BLOCK));
    }
  }

  private static boolean isEmpty(byte[] header) {
    return Arrays.equals(header, new byte[BLOCK]);
  }

  private static String name(byte[] header) {
    boolean hasPrefix = text(header, 257, 6).equals("ustar") && header[263] == '0';
    String prefix = hasPrefix ? text(header, 345, 155) : "";
    String name = text(header, 0, 100);
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private void checkHeader(byte[] header) throws DataFileException {
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    long expected = octal(header, 148, 8, "checksum");
    if (sum != expected) {
      throw refused("the sum of an entry's header is " + sum + ", expected " + expected);
    }
  }

  private long octal(byte[] header, int at, int length, String what) throws DataFileException {
    String digits = text(header, at, length).strip();
    if (!digits.matches("[0-7]{1,12}")) {
      throw refused("the " + what + " of an entry is '" + digits + "', expected octal digits");
    }
    return Long.parseLong(digits, 8);
  }

  private static String text(byte[] bytes, int at, int length) {
    int end = at;
    while (end < at + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, at, end - at, UTF_8);
  }

  /** Where an entry goes: below the target, whatever its name tries. */
  private Path place(String name) throws DataFileException {
    boolean plain =
        !name.isEmpty()
            && !name.startsWith("/")
            && name.indexOf('\\') < 0
            && name.indexOf(':') < 0
            && name.chars().noneMatch(Character::isISOControl)
            && Arrays.stream(name.split("/")).noneMatch(".."::equals);
    try {
      Path place = target.resolve(name).normalize();
      if (plain && place.startsWith(target)) {
        return place;
      }
    } catch (InvalidPathException e) {
      // refused below, like any other name
    }
    throw refused("the name '" + printable(name) + "' leads out of the folder, or is none");
  }

  private static String printable(String name) {
    return name.replaceAll("\\p{Cntrl}", "?");
  }

  private void copy(String name, InputStream in, long size, Path place) throws IOException {
    if (Files.exists(place)) {
      throw refused("'" + name + "' is there twice");
    }
    files.add(target.relativize(place));
    if (files.size() > limits.files) {
      throw refused("has more files than " + limits.files);
    }
    Files.createDirectories(place.getParent());
    byte[] buffer = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(place, StandardOpenOption.CREATE_NEW)) {
      long left = size;
      while (left > 0) {
        int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (n < 0) {
          if (size != Long.MAX_VALUE) {
            throw new EOFException();
          }
          break;
        }
        bytes += n;
        if (bytes > limits.bytes) {
          throw refused("unpacks to more than " + limits.bytes + " bytes");
        }
        out.write(buffer, 0, n);
        left -= n;
      }
    }
  }

  private static byte[] exactly(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException();
    }
    return bytes;
  }

  private static void skip(InputStream in, long count) throws IOException {
    in.skipNBytes(count);
  }
}
