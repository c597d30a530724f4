package dev.troupe.experiments.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A decoded PNG or JPEG file.
 *
 * @param frame [C, H, W]
 * @param pixels bytes in that order
 */
record Picture(Frame frame, byte[] pixels) {
  private static final int MAX_SIDE = 1 << 14;

  /** A file of some bytes can claim any size, and a decoder takes up to 8 bytes for each. */
  private static final long MAX_PIXELS = 1 << 24;

  /**
   * Decodes a file. Grey values are taken as they are, palettes and 16 bits become 8; no colour
   * profile and no EXIF rotation is applied.
   *
   * @param channels 3, or 1 for luminance (ITU-R BT.601)
   * @throws DataFileException if it is no such file, damaged, or not opaque
   */
  static Picture decode(String name, byte[] file, int channels) throws DataFileException {
    String format;
    if (startsWith(file, 0x89, 'P', 'N', 'G')) {
      format = "PNG";
    } else if (startsWith(file, 0xff, 0xd8, 0xff)) {
      format = "JPEG";
    } else {
      throw new DataFileException(name + ": begins neither as a PNG nor as a JPEG file");
    }
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    BufferedImage image;
    List<String> damage = new ArrayList<>();
    // What is missing of a JPEG image its reader makes up, and says no more than this.
    reader.addIIOReadWarningListener((source, warning) -> {
      if (warning.startsWith("Truncated") || warning.startsWith("Corrupt")) {
        damage.add(warning);
      }
    });
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, true, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      if (width > MAX_SIDE || height > MAX_SIDE || (long) width * height > MAX_PIXELS) {
        throw new DataFileException(
            name
                + ": is "
                + height
                + " x "
                + width
                + " pixels, expected at most "
                + MAX_SIDE
                + " a side and "
                + MAX_PIXELS
                + " in all");
      }
      image = reader.read(0);
      if (!damage.isEmpty()) {
        throw new IOException(damage.getFirst());
      }
    } catch (DataFileException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new DataFileException(
          name + ": cannot be decoded as " + format + " (" + e.getMessage() + ")", e);
    } finally {
      reader.dispose();
    }
    return of(name, image, channels);
  }

  private static boolean startsWith(byte[] file, int... magic) {
    for (int i = 0; i < magic.length; i++) {
      if (i >= file.length || (file[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static Picture of(String name, BufferedImage image, int channels)
      throws DataFileException {
    Frame frame = new Frame(channels, image.getHeight(), image.getWidth());
    byte[] pixels = new byte[frame.size()];
    int plane = frame.plane();
    for (int h = 0; h < frame.height(); h++) {
      for (int w = 0; w < frame.width(); w++) {
        int argb = argb(image, w, h);
        if (argb >>> 24 != 255) {
          throw new DataFileException(
              name
                  + ": pixel (row "
                  + h
                  + ", column "
                  + w
                  + ") has alpha "
                  + (argb >>> 24)
                  + ", expected 255, an opaque image");
        }
        int r = argb >> 16 & 0xff;
        int g = argb >> 8 & 0xff;
        int b = argb & 0xff;
        int at = h * frame.width() + w;
        if (channels == 1) {
          pixels[at] = (byte) ((299 * r + 587 * g + 114 * b + 500) / 1000);
        } else {
          pixels[at] = (byte) r;
          pixels[at + plane] = (byte) g;
          pixels[at + 2 * plane] = (byte) b;
        }
      }
    }
    return new Picture(frame, pixels);
  }

  /** Not {@code getRGB} for grey images, which Java takes as linear light and brightens. */
  private static int argb(BufferedImage image, int w, int h) {
    Raster raster = image.getRaster();
    if (raster.getNumBands() > 2 || image.getColorModel() instanceof IndexColorModel) {
      return image.getRGB(w, h);
    }
    int shift = image.getColorModel().getComponentSize(0) - 8;
    int grey = raster.getSample(w, h, 0) >> shift;
    int alpha = raster.getNumBands() == 2 ? raster.getSample(w, h, 1) >> shift : 255;
    return alpha << 24 | grey << 16 | grey << 8 | grey;
  }
}
