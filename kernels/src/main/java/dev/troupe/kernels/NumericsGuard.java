package dev.troupe.kernels;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Anomaly mode: looks at what every primitive has written and stops at the first NaN or infinity.
 * Slow, since all results are copied to the host; a {@link StepGuard} goes in front of it, not
 * behind.
 */
public final class NumericsGuard extends ForwardingDevice {
  private static final int INPUTS_SHOWN = 8;

  private int members;
  private long step = -1;

  /** In front of {@code inner}, which is closed with this. */
  public NumericsGuard(Device inner) {
    super(inner);
  }

  /**
   * Messages name the member: results of a size that {@code members} divides are laid out [members,
   * …].
   */
  public void members(int members) {
    this.members = members;
  }

  /** Messages name this training step. */
  public void step(long step) {
    this.step = step;
  }

  /** Calls {@code step} each time: results are looked at after each primitive. */
  @Override
  public CapturedStep capture(Runnable step) {
    return CapturedStep.plain(step);
  }

  /**
   * Runs the primitive and checks its REAL results.
   *
   * @throws NumericsException if there is a NaN or an infinity among what it has written
   */
  @Override
  public void run(Primitive primitive) {
    super.run(primitive);
    switch (primitive) {
      // These two leave a part of their result as it was, which may never have been written.
      case Primitive.CopyRows op -> check(op, 0, op.y(), 0, op.yStride(), op.width(), op.rows());
      case Primitive.RingPut op -> {
        int[] at = new int[1];
        inner.read(op.step(), at);
        int width = op.width();
        check(op, 0, op.ring(), Math.floorMod(at[0], op.capacity()) * width, width, width, 1);
      }
      default -> {
        List<Buffer> results = primitive.writes();
        for (int k = 0; k < results.size(); k++) {
          int size = results.get(k).size();
          check(primitive, k, results.get(k), 0, size, size, 1);
        }
      }
    }
  }

  /**
   * Checks {@code rows} rows of {@code width}, {@code stride} apart, from element {@code from} of
   * the result on.
   */
  private void check(
      Primitive primitive, int k, Buffer result, int from, int stride, int width, int rows) {
    if (result.type() != ElementType.REAL || rows == 0 || width == 0) {
      return;
    }
    Buffer part = result.slice(from, (rows - 1) * stride + width);
    double[] values = new double[part.size()];
    inner.read(part, values);
    for (int i = 0; i < values.length; i++) {
      if (i % stride < width && !Double.isFinite(values[i])) {
        // A ring holds one step's values for all members in a row.
        int whole = primitive instanceof Primitive.RingPut ? width : result.size();
        fail(primitive, k, result, from + i, values[i], i, whole);
      }
    }
  }

  private void fail(
      Primitive primitive, int k, Buffer result, int element, double value, int at, int whole) {
    int member = members > 0 && whole % members == 0 ? at / (whole / members) : -1;
    List<String> where = new ArrayList<>();
    if (member >= 0) {
      where.add("member " + member);
    }
    if (step >= 0) {
      where.add("step " + step);
    }
    String message =
        String.format(
            "%s: %s at element %d of %d of output %d%s; %s",
            primitive.name(),
            value,
            element,
            result.size(),
            k,
            where.isEmpty() ? "" : " (" + String.join(", ", where) + ")",
            inputs(primitive));
    throw new NumericsException(message, primitive.name(), k, element, member, step);
  }

  private String inputs(Primitive primitive) {
    List<Buffer> written = primitive.writes();
    List<Range> ranges = new ArrayList<>();
    List<Buffer> inputs = primitive.reads();
    for (int k = 0; k < inputs.size(); k++) {
      if (inputs.get(k).type() == ElementType.REAL) {
        ranges.add(range(k, inputs.get(k), written.contains(inputs.get(k))));
      }
    }
    if (ranges.isEmpty()) {
      return "no real inputs";
    }
    // The optimisers have many: those that are already broken first.
    ranges.sort(Comparator.comparing(r -> r.nans + r.infinities == 0));
    List<String> parts = new ArrayList<>();
    for (Range range : ranges.subList(0, Math.min(INPUTS_SHOWN, ranges.size()))) {
      parts.add(range.toString());
    }
    if (ranges.size() > INPUTS_SHOWN) {
      parts.add(ranges.size() - INPUTS_SHOWN + " more inputs");
    }
    return String.join("; ", parts);
  }

  private Range range(int k, Buffer buffer, boolean overwritten) {
    double[] values = new double[buffer.size()];
    inner.read(buffer, values);
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    int nans = 0;
    int infinities = 0;
    for (double v : values) {
      if (Double.isNaN(v)) {
        nans++;
      } else if (Double.isInfinite(v)) {
        infinities++;
      } else {
        min = Math.min(min, v);
        max = Math.max(max, v);
      }
    }
    return new Range(k, values.length, overwritten, min, max, nans, infinities);
  }

  /** What an input holds: its finite values lie in [min, max]. */
  private record Range(
      int input, int size, boolean overwritten, double min, double max, int nans, int infinities) {
    @Override
    public String toString() {
      return String.format(
          "input %d%s: %d elements %s, %d NaN, %d infinite",
          input,
          overwritten ? " (overwritten)" : "",
          size,
          min <= max ? "in [" + min + ", " + max + "]" : "none finite",
          nans,
          infinities);
    }
  }
}
