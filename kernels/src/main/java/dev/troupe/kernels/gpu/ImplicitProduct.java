package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;

/**
 * A convolution or one of its gradients as a product of a matrix with one that is looked up in an
 * image: the twin of {@code convolution.cuh}, which says what j and k, their digits, and phases
 * are. Set anew for each launch, so that none makes garbage.
 */
final class ImplicitProduct {
  private Buffer a;
  private Buffer b;
  private Buffer bias;
  private Buffer c;
  private int members;
  private int m;
  private int highJ;
  private int highK;
  private int middleJ; // sizes of digits, those of all phases together
  private int lowJ;
  private int middleK;
  private int lowK;
  private int phasesDown;
  private int phasesAcross;
  private int padDown;
  private int padAcross;
  private int aRow;
  private int aHigh;
  private int aMiddle;
  private int aLow;
  private int aPhase;
  private int height;
  private int width;
  private int planeJ;
  private int planeK;
  private int rowOrigin;
  private int rowJ;
  private int rowK;
  private int columnOrigin;
  private int columnJ;
  private int columnK;
  private int cRow;
  private int cHigh;
  private int cMiddle;
  private int cLow;
  private int cPhase;
  private int contiguous; // so many neighbours in j, from multiples of it on, are neighbours in c

  /** y by x and weight. */
  void set(Primitive.Conv2d op) {
    Window w = op.window();
    operands(op.members(), op.out(), op.weight(), op.x(), op.bias(), op.y());
    j(op.batch(), w.outHeight(), w.outWidth());
    k(op.in(), w.kernelHeight(), w.kernelWidth());
    phases(1, 1, 0, 0);
    stepsOfA(op.in() * w.taps(), w.taps(), w.kernelWidth(), 1, 0);
    image(w.height(), w.width(), op.in() * w.pixels(), w.pixels());
    rows(-w.padTop(), w.strideHeight(), 1);
    columns(-w.padLeft(), w.strideWidth(), 1);
    stepsOfC(w.windows(), op.out() * w.windows(), w.outWidth(), 1, 0);
    contiguous = w.windows();
  }

  /** dx by weight and dy. */
  void set(Primitive.Conv2dInputGrad op) {
    Window w = op.window();
    // Where there is one window, the stride could be any: one that gives each tap a phase of its
    // own leaves nothing to multiply in vain.
    int down = w.outHeight() == 1 ? w.kernelHeight() : w.strideHeight();
    int across = w.outWidth() == 1 ? w.kernelWidth() : w.strideWidth();
    operands(op.members(), op.in(), op.weight(), op.dy(), op.bias(), op.dx());
    j(op.batch(), w.height(), w.width());
    k(op.out(), w.kernelHeight(), w.kernelWidth());
    phases(down, across, w.padTop(), w.padLeft());
    int filter = op.in() * w.taps();
    stepsOfA(w.taps(), filter, down * w.kernelWidth(), across, w.kernelWidth());
    image(w.outHeight(), w.outWidth(), op.out() * w.windows(), w.windows());
    rows(0, 1, -1);
    columns(0, 1, -1);
    stepsOfC(w.pixels(), op.in() * w.pixels(), down * w.width(), across, w.width());
    contiguous = down == 1 && across == 1 ? w.pixels() : 1;
  }

  /** dweight by dy and x. */
  void set(Primitive.Conv2dWeightGrad op) {
    Window w = op.window();
    operands(op.members(), op.out(), op.dy(), op.x(), null, op.dweight());
    j(op.in(), w.kernelHeight(), w.kernelWidth());
    k(op.batch(), w.outHeight(), w.outWidth());
    phases(1, 1, 0, 0);
    stepsOfA(w.windows(), op.out() * w.windows(), w.outWidth(), 1, 0);
    image(w.height(), w.width(), w.pixels(), op.in() * w.pixels());
    rows(-w.padTop(), 1, w.strideHeight());
    columns(-w.padLeft(), 1, w.strideWidth());
    stepsOfC(op.in() * w.taps(), w.taps(), w.kernelWidth(), 1, 0);
    contiguous = op.in() * w.taps();
  }

  private void operands(int members, int m, Buffer a, Buffer b, Buffer bias, Buffer c) {
    this.members = members;
    this.m = m;
    this.a = a;
    this.b = b;
    this.bias = bias;
    this.c = c;
  }

  private void j(int high, int middle, int low) {
    highJ = high;
    middleJ = middle;
    lowJ = low;
  }

  private void k(int high, int middle, int low) {
    highK = high;
    middleK = middle;
    lowK = low;
  }

  private void phases(int down, int across, int padDown, int padAcross) {
    phasesDown = down;
    phasesAcross = across;
    this.padDown = padDown;
    this.padAcross = padAcross;
  }

  private void stepsOfA(int row, int high, int middle, int low, int phase) {
    aRow = row;
    aHigh = high;
    aMiddle = middle;
    aLow = low;
    aPhase = phase;
  }

  private void image(int height, int width, int planeJ, int planeK) {
    this.height = height;
    this.width = width;
    this.planeJ = planeJ;
    this.planeK = planeK;
  }

  private void rows(int origin, int j, int k) {
    rowOrigin = origin;
    rowJ = j;
    rowK = k;
  }

  private void columns(int origin, int j, int k) {
    columnOrigin = origin;
    columnJ = j;
    columnK = k;
  }

  private void stepsOfC(int row, int high, int middle, int low, int phase) {
    cRow = row;
    cHigh = high;
    cMiddle = middle;
    cLow = low;
    cPhase = phase;
  }

  int members() {
    return members;
  }

  int m() {
    return m;
  }

  /** Elements of a member's result. */
  int results() {
    return m * highJ * middleJ * lowJ;
  }

  /** Columns of the first phase, which no other exceeds. */
  int phaseN() {
    return highJ * Math.ceilDiv(middleJ, phasesDown) * Math.ceilDiv(lowJ, phasesAcross);
  }

  /** Terms of an element in the phase that has most. */
  int phaseK() {
    return highK * Math.ceilDiv(middleK, phasesDown) * Math.ceilDiv(lowK, phasesAcross);
  }

  Buffer c() {
    return c;
  }

  /** How many tiles a member's result has. */
  int tiles(int rows, int columns) {
    return phasesDown * phasesAcross * Math.ceilDiv(m, rows) * Math.ceilDiv(phaseN(), columns);
  }

  /**
   * Appends the struct for a product, or for its parts [members, splits, m, n] where there are
   * several splits of k.
   */
  void put(Launcher launcher, int splits, int perSplit, Buffer to) {
    boolean fours = contiguous % 4 == 0 && Walk.isAligned(launcher.address(to));
    launcher
        .put(a)
        .put(b)
        .putOrNull(bias)
        .put(to)
        .put((long) (a.size() / members))
        .put((long) (b.size() / members))
        .put((long) results())
        .put(m)
        .put(splits)
        .put(perSplit)
        .put(highJ)
        .put(highK);
    putDigit(launcher, middleJ, phasesDown);
    putDigit(launcher, lowJ, phasesAcross);
    putDigit(launcher, middleK, phasesDown);
    putDigit(launcher, lowK, phasesAcross);
    launcher.put(phasesDown).put(phasesAcross).put(padDown).put(padAcross);
    launcher.put(aRow).put(aHigh).put(aMiddle).put(aLow).put(aPhase);
    launcher.put(height).put(width).put(planeJ).put(planeK);
    launcher.put(rowOrigin).put(rowJ).put(rowK).put(columnOrigin).put(columnJ).put(columnK);
    launcher.put(cRow).put(cHigh).put(cMiddle).put(cLow).put(cPhase).put(fours ? 1 : 0);
  }

  /** The struct {@code PhasedDigit}. */
  private static void putDigit(Launcher launcher, int size, int phases) {
    int full = Math.ceilDiv(size, phases);
    launcher.putDivisor(full).putDivisor(full - 1);
    launcher.put((size - 1) % phases);
  }
}
