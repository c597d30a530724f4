package dev.troupe.kernels;

/** Buffers with contents, and contents of buffers. */
public record Values(Device device) {
  public Buffer real(double... values) {
    Buffer buffer = device.allocate(ElementType.REAL, values.length);
    device.write(values, buffer);
    return buffer;
  }

  public Buffer int32(int... values) {
    Buffer buffer = device.allocate(ElementType.INT32, values.length);
    device.write(values, buffer);
    return buffer;
  }

  /** A buffer that the primitive under test is to fill. */
  public Buffer realOfSize(int size) {
    return device.allocate(ElementType.REAL, size);
  }

  public Buffer int32OfSize(int size) {
    return device.allocate(ElementType.INT32, size);
  }

  public double[] of(Buffer buffer) {
    double[] values = new double[buffer.size()];
    device.read(buffer, values);
    return values;
  }

  public int[] intsOf(Buffer buffer) {
    int[] values = new int[buffer.size()];
    device.read(buffer, values);
    return values;
  }

  public static double[] normal(java.util.Random random, int size) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  public static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
