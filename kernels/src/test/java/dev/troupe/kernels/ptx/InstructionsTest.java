package dev.troupe.kernels.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** Each class of instructions against Java's arithmetic, on awkward values. */
class InstructionsTest {
  private static final int[] INTS = {
    0,
    1,
    -1,
    2,
    -2,
    7,
    31,
    32,
    33,
    63,
    64,
    255,
    256,
    -256,
    65_535,
    65_536,
    0x12345678,
    0x80000000,
    0x7fffffff,
    0x80000001,
    -7
  };
  private static final long[] LONGS = {
    0,
    1,
    -1,
    31,
    32,
    63,
    64,
    65,
    0xffffffffL,
    0x100000000L,
    Long.MIN_VALUE,
    Long.MAX_VALUE,
    0x123456789abcdefL,
    -12345678901L
  };
  private static final float[] FLOATS = {
    0f,
    -0f,
    1f,
    -1f,
    0.5f,
    1.5f,
    2.5f,
    -2.5f,
    1e-40f,
    -1e-40f,
    Float.MIN_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN,
    3e9f,
    -3e9f,
    1e19f,
    2e19f,
    1.1754942E-38f,
    0.1f,
    16_777_217f,
    255.5f,
    65_519.996f
  };

  // ---------------------------------------------------------------- how they are run

  /** Applies {@code op d, a, b;} to all pairs; both have 4 bytes. */
  private static int[] pairs(String op, String type, int[] values) {
    int n = values.length;
    int[] a = new int[n * n];
    int[] b = new int[n * n];
    for (int i = 0; i < n * n; i++) {
      a[i] = values[i / n];
      b[i] = values[i % n];
    }
    return apply(op + " %d, %a, %b;", type, type, a, b, b);
  }

  private static int[] apply(String body, String from, String to, int[] a, int[] b, int[] c) {
    String text =
        Interpreted.kernel(
            ".param .u64 a, .param .u64 b, .param .u64 c, .param .u64 d, .param .u32 n",
            """
            .reg .pred %%p, %%q;
            .reg .b32 %%a, %%b, %%c, %%d, %%i, %%n, %%t;
            .reg .b16 %%h, %%k;
            .reg .b64 %%pa, %%pb, %%pc, %%pd, %%o, %%x, %%y;
            ld.param.u64 %%pa, [a];
            ld.param.u64 %%pb, [b];
            ld.param.u64 %%pc, [c];
            ld.param.u64 %%pd, [d];
            ld.param.u32 %%n, [n];
            mov.u32 %%t, %%ctaid.x;
            mad.lo.s32 %%i, %%t, 64, 0;
            mov.u32 %%t, %%tid.x;
            add.s32 %%i, %%i, %%t;
            setp.ge.s32 %%p, %%i, %%n;
            @%%p ret;
            mul.wide.s32 %%o, %%i, 4;
            add.s64 %%pa, %%pa, %%o;
            add.s64 %%pb, %%pb, %%o;
            add.s64 %%pc, %%pc, %%o;
            add.s64 %%pd, %%pd, %%o;
            ld.global.%s %%a, [%%pa];
            ld.global.%s %%b, [%%pb];
            ld.global.%s %%c, [%%pc];
            %s
            st.global.%s [%%pd], %%d;
            ret;
            """
                .formatted(from, from, from, body, to));
    try (Interpreted on = new Interpreted()) {
      int n = a.length;
      long d = on.empty(n);
      Arguments arguments =
          new Arguments().put(on.ints(a)).put(on.ints(b)).put(on.ints(c)).put(d).put(n);
      on.launch(text, "k", Grid.of((n + 63) / 64, 64), arguments);
      return on.ints(d, n);
    }
  }

  private static int[] bits(float... values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static void ints(String op, IntBinaryOperator expected) {
    int[] got = pairs(op, "b32", INTS);
    for (int i = 0; i < got.length; i++) {
      int a = INTS[i / INTS.length];
      int b = INTS[i % INTS.length];
      assertThat(got[i]).as("%s of %d, %d", op, a, b).isEqualTo(expected.applyAsInt(a, b));
    }
  }

  private static void one(String op, IntUnaryOperator expected) {
    int[] got = apply(op + " %d, %a;", "b32", "b32", INTS, INTS, INTS);
    for (int i = 0; i < got.length; i++) {
      assertThat(got[i]).as("%s of %d", op, INTS[i]).isEqualTo(expected.applyAsInt(INTS[i]));
    }
  }

  /** The result rounded to float32; what is not a number has the bits of a GPU. */
  private static void floats(String op, DoubleBinaryOperator expected) {
    int[] got = pairs(op, "f32", bits(FLOATS));
    for (int i = 0; i < got.length; i++) {
      float a = FLOATS[i / FLOATS.length];
      float b = FLOATS[i % FLOATS.length];
      float e = (float) expected.applyAsDouble(a, b);
      int want = Float.isNaN(e) ? 0x7fffffff : Float.floatToRawIntBits(e);
      assertThat(got[i]).as("%s of %s, %s", op, a, b).isEqualTo(want);
    }
  }

  private static void float1(String op, DoubleUnaryOperator expected) {
    int[] got = apply(op + " %d, %a;", "f32", "f32", bits(FLOATS), bits(FLOATS), bits(FLOATS));
    for (int i = 0; i < got.length; i++) {
      float e = (float) expected.applyAsDouble(FLOATS[i]);
      int want = Float.isNaN(e) ? 0x7fffffff : Float.floatToRawIntBits(e);
      assertThat(got[i]).as("%s of %s", op, FLOATS[i]).isEqualTo(want);
    }
  }

  // ---------------------------------------------------------------- integers

  @Test
  void additionAndMultiplication() {
    ints("add.s32", Integer::sum);
    ints("sub.u32", (a, b) -> a - b);
    ints("mul.lo.s32", (a, b) -> a * b);
    ints("mul.hi.s32", (a, b) -> (int) ((long) a * b >> 32));
    ints("mul.hi.u32", (a, b) -> (int) (unsigned(a) * unsigned(b) >>> 32));
    ints("mul24.lo.u32", (a, b) -> (a & 0xffffff) * (b & 0xffffff));
    ints("add.sat.s32", (a, b) -> Math.clamp((long) a + b, Integer.MIN_VALUE, Integer.MAX_VALUE));
    ints("min.s32", Math::min);
    ints("max.u32", (a, b) -> Integer.compareUnsigned(a, b) > 0 ? a : b);
    ints("min.u32", (a, b) -> Integer.compareUnsigned(a, b) < 0 ? a : b);
    int[] mad = apply("mad.lo.s32 %d, %a, %b, %c;", "b32", "b32", INTS, reversed(INTS), INTS);
    for (int i = 0; i < INTS.length; i++) {
      assertThat(mad[i]).isEqualTo(INTS[i] * INTS[INTS.length - 1 - i] + INTS[i]);
    }
  }

  private static long unsigned(int a) {
    return a & 0xffffffffL;
  }

  private static int[] reversed(int[] a) {
    int[] r = new int[a.length];
    for (int i = 0; i < a.length; i++) {
      r[i] = a[a.length - 1 - i];
    }
    return r;
  }

  @Test
  void divisionAndRemainder() {
    ints("div.s32", (a, b) -> b == 0 ? -1 : a / b);
    ints("div.u32", (a, b) -> b == 0 ? -1 : Integer.divideUnsigned(a, b));
    ints("rem.s32", (a, b) -> b == 0 ? a : a % b);
    ints("rem.u32", (a, b) -> b == 0 ? a : Integer.remainderUnsigned(a, b));
  }

  @Test
  void shiftsOfThirtyTwoAndMore() {
    ints("shl.b32", (a, b) -> unsigned(b) > 31 ? 0 : a << b);
    ints("shr.u32", (a, b) -> unsigned(b) > 31 ? 0 : a >>> b);
    ints("shr.s32", (a, b) -> unsigned(b) > 31 ? a >> 31 : a >> b);
    int[] left = apply("shf.l.wrap.b32 %d, %a, %b, %c;", "b32", "b32", INTS, reversed(INTS), INTS);
    int[] right =
        apply("shf.r.clamp.b32 %d, %a, %b, %c;", "b32", "b32", INTS, reversed(INTS), INTS);
    for (int i = 0; i < INTS.length; i++) {
      long both = unsigned(INTS[i]) | (long) INTS[INTS.length - 1 - i] << 32;
      assertThat(left[i]).isEqualTo((int) (both << (INTS[i] & 31) >>> 32));
      assertThat(right[i]).isEqualTo((int) (both >>> Math.min(unsigned(INTS[i]), 32)));
    }
  }

  @Test
  void bits() {
    ints("and.b32", (a, b) -> a & b);
    ints("or.b32", (a, b) -> a | b);
    ints("xor.b32", (a, b) -> a ^ b);
    one("not.b32", a -> ~a);
    one("neg.s32", a -> -a);
    one("abs.s32", Math::abs);
    one("popc.b32", Integer::bitCount);
    one("clz.b32", Integer::numberOfLeadingZeros);
    one("brev.b32", Integer::reverse);
    one("bfind.u32", a -> a == 0 ? -1 : 31 - Integer.numberOfLeadingZeros(a));
    one("bfind.s32", a -> 31 - Integer.numberOfLeadingZeros(a < 0 ? ~a : a));
    for (int table : new int[] {0x80, 0xfe, 0x96, 0xca, 0x3c, 0x01}) {
      int[] got =
          apply(
              "lop3.b32 %d, %a, %b, %c, " + table + ";", "b32", "b32", INTS, reversed(INTS), INTS);
      for (int i = 0; i < INTS.length; i++) {
        int want = 0;
        for (int bit = 0; bit < 32; bit++) {
          int x = INTS[i] >>> bit & 1;
          int y = INTS[INTS.length - 1 - i] >>> bit & 1;
          want |= (table >>> (4 * x + 2 * y + x) & 1) << bit; // c is a
        }
        assertThat(got[i]).as("table %x", table).isEqualTo(want);
      }
    }
  }

  @Test
  void bitFields() {
    int[] value = {0x12345678, 0x12345678, 0x87654321, -1, 0x80000000, 0x12345678, 5, -8};
    int[] from = {4, 0, 28, 31, 31, 40, 0, 2};
    int[] count = {8, 32, 8, 1, 4, 8, 0, 40};
    int[] u = apply("bfe.u32 %d, %a, %b, %c;", "b32", "b32", value, from, count);
    int[] s = apply("bfe.s32 %d, %a, %b, %c;", "b32", "b32", value, from, count);
    assertThat(u).containsExactly(0x67, 0x12345678, 8, 1, 1, 0, 0, -8 >>> 2);
    assertThat(s).containsExactly(0x67, 0x12345678, -8, -1, -1, 0, 0, -2);
    int[] insert = apply("bfi.b32 %d, %a, 0x7fffffff, %b, %c;", "b32", "b32", value, from, count);
    assertThat(insert[0]).isEqualTo(0x7ffff78f);
    assertThat(insert[1]).isEqualTo(0x12345678);
    assertThat(insert[2]).isEqualTo(0x1fffffff);
    assertThat(insert[3]).isEqualTo(-1);
    int[] selector = {0x3210, 0x7654, 0x0123, 0x8888, 0xffff, 0x5410, 0x7, 0xb};
    int[] a = new int[8];
    Arrays.fill(a, 0x83828180);
    int[] b = new int[8];
    Arrays.fill(b, 0x07060504);
    assertThat(apply("prmt.b32 %d, %a, %b, %c;", "b32", "b32", a, b, selector))
        .containsExactly(
            0x83828180, 0x07060504, 0x80818283, -1, 0, 0x05048180, 0x80808007, 0x808080ff);
  }

  @Test
  void sixteenBits() {
    int[] got =
        apply(
            """
            cvt.u16.u32 %h, %a;
            cvt.u16.u32 %k, %b;
            add.s16 %h, %h, %k;
            shr.s16 %h, %h, 3;
            cvt.s32.s16 %d, %h;
            """,
            "b32", "b32", INTS, reversed(INTS), INTS);
    for (int i = 0; i < INTS.length; i++) {
      assertThat(got[i]).isEqualTo((short) (INTS[i] + INTS[INTS.length - 1 - i]) >> 3);
    }
  }

  // ---------------------------------------------------------------- 64 bits

  private static long[] longs(String body, long[] a, long[] b) {
    String text =
        Interpreted.kernel(
            ".param .u64 a, .param .u64 b, .param .u64 d",
            """
            .reg .b32 %%t, %%u;
            .reg .f32 %%f;
            .reg .pred %%p;
            .reg .b64 %%a, %%b, %%d, %%o, %%x, %%y, %%z;
            ld.param.u64 %%x, [a];
            ld.param.u64 %%y, [b];
            ld.param.u64 %%z, [d];
            mov.u32 %%t, %%tid.x;
            mul.wide.u32 %%o, %%t, 8;
            add.s64 %%x, %%x, %%o;
            add.s64 %%y, %%y, %%o;
            add.s64 %%z, %%z, %%o;
            ld.global.b64 %%a, [%%x];
            ld.global.b64 %%b, [%%y];
            %s
            st.global.b64 [%%z], %%d;
            ret;
            """
                .formatted(body));
    try (Interpreted on = new Interpreted()) {
      long d = on.empty(2 * a.length);
      on.launch(
          text,
          "k",
          Grid.of(1, a.length),
          new Arguments().put(on.longs(a)).put(on.longs(b)).put(d));
      return on.longs(d, a.length);
    }
  }

  private static void longs(String op, LongBinaryOperator expected) {
    int n = LONGS.length;
    long[] a = new long[n * n];
    long[] b = new long[n * n];
    for (int i = 0; i < n * n; i++) {
      a[i] = LONGS[i / n];
      b[i] = LONGS[i % n];
    }
    long[] got = longs(op + " %d, %a, %b;", a, b);
    for (int i = 0; i < n * n; i++) {
      assertThat(got[i])
          .as("%s of %d, %d", op, a[i], b[i])
          .isEqualTo(expected.applyAsLong(a[i], b[i]));
    }
  }

  @Test
  void sixtyFourBits() {
    longs("add.s64", Long::sum);
    longs("sub.s64", (a, b) -> a - b);
    longs("mul.lo.s64", (a, b) -> a * b);
    longs("mul.hi.s64", Math::multiplyHigh);
    longs("mul.hi.u64", Math::unsignedMultiplyHigh);
    longs("div.s64", (a, b) -> b == 0 ? -1 : a / b);
    longs("rem.u64", (a, b) -> b == 0 ? a : Long.remainderUnsigned(a, b));
    longs("max.s64", Math::max);
    longs("xor.b64", (a, b) -> a ^ b);
    String shift = "cvt.u32.u64 %t, %b; ";
    long[][] both = {LONGS, LONGS};
    long[] left = longs(shift + "shl.b64 %d, %a, %t;", both[0], both[1]);
    long[] right = longs(shift + "shr.s64 %d, %a, %t;", both[0], both[1]);
    for (int i = 0; i < LONGS.length; i++) {
      int by = (int) LONGS[i];
      assertThat(left[i]).isEqualTo(unsigned(by) > 63 ? 0 : LONGS[i] << by);
      assertThat(right[i]).isEqualTo(unsigned(by) > 63 ? LONGS[i] >> 63 : LONGS[i] >> by);
    }
    narrow("popc.b64 %t, %a;", Long::bitCount);
    narrow("clz.b64 %t, %a;", Long::numberOfLeadingZeros);
    long[] wide = longs("cvt.u32.u64 %t, %a; mul.wide.s32 %d, %t, %t;", LONGS, LONGS);
    long[] more = longs("cvt.u32.u64 %t, %a; mad.wide.u32 %d, %t, %t, %b;", LONGS, LONGS);
    long[] pair = longs("mov.b64 {%t, %u}, %a; mov.b64 %d, {%u, %t};", LONGS, LONGS);
    for (int i = 0; i < LONGS.length; i++) {
      int low = (int) LONGS[i];
      assertThat(wide[i]).isEqualTo((long) low * low);
      assertThat(more[i]).isEqualTo(unsigned(low) * unsigned(low) + LONGS[i]);
      assertThat(pair[i]).isEqualTo(Long.rotateLeft(LONGS[i], 32));
    }
  }

  private static void narrow(String body, LongUnaryOperator expected) {
    long[] got = longs(body + " cvt.u64.u32 %d, %t;", LONGS, LONGS);
    for (int i = 0; i < LONGS.length; i++) {
      assertThat(got[i]).isEqualTo(expected.applyAsLong(LONGS[i]));
    }
  }

  @Test
  void doubles() {
    double[] values = {0, -0.0, 1, -1.5, 1e300, 1e-310, Double.NaN, Double.POSITIVE_INFINITY, 0.1};
    long[] a = Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
    long[] b = a.clone();
    for (int i = 0; i < b.length; i++) {
      b[i] = a[(i + 4) % a.length];
    }
    Object[][] ops = {
      {"add.rn.f64", (DoubleBinaryOperator) Double::sum},
      {"mul.rn.f64", (DoubleBinaryOperator) (x, y) -> x * y},
      {"div.rn.f64", (DoubleBinaryOperator) (x, y) -> x / y},
      {
        "min.f64",
        (DoubleBinaryOperator) (x, y) -> Double.isNaN(x) ? y : Double.isNaN(y) ? x : Math.min(x, y)
      },
    };
    for (Object[] op : ops) {
      long[] got = longs(op[0] + " %d, %a, %b;", a, b);
      for (int i = 0; i < got.length; i++) {
        double y = Double.longBitsToDouble(b[i]);
        assertThat(Double.longBitsToDouble(got[i]))
            .as("%s of %s, %s", op[0], values[i], y)
            .isEqualTo(Double.valueOf(((DoubleBinaryOperator) op[1]).applyAsDouble(values[i], y)));
      }
    }
    long[] fma = longs("fma.rn.f64 %d, %a, %b, %a;", a, b);
    long[] single = longs("cvt.rn.f32.f64 %f, %a; cvt.f64.f32 %d, %f;", a, b);
    for (int i = 0; i < fma.length; i++) {
      double y = Double.longBitsToDouble(b[i]);
      assertThat(Double.longBitsToDouble(fma[i]))
          .isEqualTo(Double.valueOf(Math.fma(values[i], y, values[i])));
      assertThat(Double.longBitsToDouble(single[i])).isEqualTo(Double.valueOf((float) values[i]));
    }
  }

  // ---------------------------------------------------------------- floating point

  @Test
  void floatArithmetic() {
    floats("add.rn.f32", (a, b) -> (float) a + (float) b);
    floats("sub.rn.f32", (a, b) -> (float) a - (float) b);
    floats("mul.rn.f32", (a, b) -> (float) a * (float) b);
    floats("div.rn.f32", (a, b) -> (float) a / (float) b);
    floats("min.f32", (a, b) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b));
    floats("max.f32", (a, b) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b));
    floats("min.NaN.f32", Math::min);
    floats("max.NaN.f32", Math::max);
    float1("sqrt.rn.f32", Math::sqrt);
    float1("rcp.rn.f32", a -> 1 / (float) a);
    int[] fma =
        apply(
            "fma.rn.f32 %d, %a, %b, %c;",
            "f32", "f32", bits(FLOATS), reversed(bits(FLOATS)), bits(FLOATS));
    for (int i = 0; i < FLOATS.length; i++) {
      float e = Math.fma(FLOATS[i], FLOATS[FLOATS.length - 1 - i], FLOATS[i]);
      assertThat(fma[i]).isEqualTo(Float.isNaN(e) ? 0x7fffffff : Float.floatToRawIntBits(e));
    }
  }

  @Test
  void signs() {
    int[] all = bits(FLOATS);
    int[] neg = apply("neg.f32 %d, %a;", "f32", "f32", all, all, all);
    int[] abs = apply("abs.f32 %d, %a;", "f32", "f32", all, all, all);
    int[] sign = apply("copysign.f32 %d, %a, %b;", "f32", "f32", all, reversed(all), all);
    for (int i = 0; i < all.length; i++) {
      assertThat(neg[i]).isEqualTo(all[i] ^ 0x80000000);
      assertThat(abs[i]).isEqualTo(all[i] & 0x7fffffff);
      assertThat(sign[i]).isEqualTo(all[i] & 0x80000000 | all[all.length - 1 - i] & 0x7fffffff);
    }
  }

  @Test
  void flushAndSaturate() {
    floats("add.ftz.f32", (a, b) -> flushed(flushed(a) + flushed(b)));
    floats("mul.ftz.f32", (a, b) -> flushed(flushed(a) * flushed(b)));
    floats("add.sat.f32", (a, b) -> saturated((float) a + (float) b));
  }

  private static float flushed(double a) {
    float x = (float) a;
    return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0f, x) : x;
  }

  private static float saturated(float x) {
    return x > 0 ? Math.min(x, 1) : 0;
  }

  // ---------------------------------------------------------------- conversions

  @Test
  void floatToInteger() {
    convert("cvt.rzi.s32.f32", a -> (int) a);
    convert("cvt.rni.s32.f32", a -> (int) Math.rint(a));
    convert("cvt.rmi.s32.f32", a -> (int) Math.floor(a));
    convert("cvt.rpi.s32.f32", a -> (int) Math.ceil(a));
    convert("cvt.rzi.u32.f32", a -> (int) Math.max(0, Math.min((long) a, 0xffffffffL)));
    convert("cvt.rzi.u8.f32", a -> Math.max(0, Math.min((int) a, 255)));
    convert("cvt.rzi.s16.f32", a -> Math.max(-32_768, Math.min((int) a, 32_767)));
  }

  private static void convert(String op, java.util.function.DoubleToIntFunction expected) {
    int[] all = bits(FLOATS);
    int[] got = apply(op + " %d, %a;", "f32", "b32", all, all, all);
    for (int i = 0; i < all.length; i++) {
      int want = Float.isNaN(FLOATS[i]) ? 0 : expected.applyAsInt(FLOATS[i]);
      assertThat(got[i]).as("%s of %s", op, FLOATS[i]).isEqualTo(want);
    }
  }

  @Test
  void integerToFloat() {
    int[] signed = apply("cvt.rn.f32.s32 %d, %a;", "b32", "f32", INTS, INTS, INTS);
    int[] unsigned = apply("cvt.rn.f32.u32 %d, %a;", "b32", "f32", INTS, INTS, INTS);
    int[] down = apply("cvt.rz.f32.s32 %d, %a;", "b32", "f32", INTS, INTS, INTS);
    for (int i = 0; i < INTS.length; i++) {
      assertThat(Float.intBitsToFloat(signed[i])).isEqualTo((float) INTS[i]);
      assertThat(Float.intBitsToFloat(unsigned[i])).isEqualTo((float) unsigned(INTS[i]));
      float nearest = (float) INTS[i];
      double towardsZero =
          Math.abs((double) nearest) > Math.abs((double) INTS[i])
              ? Math.nextAfter(nearest, 0)
              : nearest;
      assertThat((double) Float.intBitsToFloat(down[i])).isEqualTo(towardsZero);
    }
  }

  @Test
  void roundingToIntegralValues() {
    float1("cvt.rni.f32.f32", Math::rint);
    float1("cvt.rmi.f32.f32", Math::floor);
    float1("cvt.rpi.f32.f32", Math::ceil);
    float1("cvt.rzi.f32.f32", a -> a < 0 ? Math.ceil(a) : Math.floor(a));
    float1("cvt.sat.f32.f32", a -> saturated((float) a));
  }

  @Test
  void halvesAndTf32() {
    int[] all = bits(FLOATS);
    int[] half = apply("cvt.rn.f16.f32 %h, %a; cvt.f32.f16 %d, %h;", "f32", "f32", all, all, all);
    int[] tf32 = apply("cvt.rna.tf32.f32 %d, %a;", "f32", "b32", all, all, all);
    for (int i = 0; i < all.length; i++) {
      float want = Float.float16ToFloat(Float.floatToFloat16(FLOATS[i]));
      assertThat(Float.intBitsToFloat(half[i])).isEqualTo(Float.valueOf(want));
      if (Float.isFinite(FLOATS[i])) {
        // Half away from 0 at the 10th bit of the fraction.
        assertThat(tf32[i]).isEqualTo((all[i] + 0x1000) & ~0x1fff);
      }
    }
    assertThat(apply("cvt.sat.s8.s32 %d, %a;", "b32", "b32", INTS, INTS, INTS))
        .containsExactly(Arrays.stream(INTS).map(a -> Math.max(-128, Math.min(127, a))).toArray());
    assertThat(apply("cvt.u16.s32 %h, %a; cvt.u32.u16 %d, %h;", "b32", "b32", INTS, INTS, INTS))
        .containsExactly(Arrays.stream(INTS).map(a -> a & 0xffff).toArray());
  }

  // ---------------------------------------------------------------- comparisons

  @Test
  void comparisonsOfIntegers() {
    String body = "setp.%s %%p, %%a, %%b; selp.b32 %%d, 1, 0, %%p;";
    Object[][] ops = {
      {"eq.s32", (IntBinaryOperator) (a, b) -> a == b ? 1 : 0},
      {"ne.u32", (IntBinaryOperator) (a, b) -> a != b ? 1 : 0},
      {"lt.s32", (IntBinaryOperator) (a, b) -> a < b ? 1 : 0},
      {"ge.u32", (IntBinaryOperator) (a, b) -> unsigned(a) >= unsigned(b) ? 1 : 0},
      {"gt.u32", (IntBinaryOperator) (a, b) -> unsigned(a) > unsigned(b) ? 1 : 0},
      {"le.s32", (IntBinaryOperator) (a, b) -> a <= b ? 1 : 0},
    };
    for (Object[] op : ops) {
      comparison(body.formatted(op[0]), "b32", INTS, (IntBinaryOperator) op[1]);
    }
  }

  @Test
  void comparisonsOfFloats() {
    String body = "setp.%s.f32 %%p, %%a, %%b; selp.b32 %%d, 1, 0, %%p;";
    Object[][] ops = {
      {"eq", (IntBinaryOperator) (a, b) -> f(a) == f(b) ? 1 : 0},
      {"ne", (IntBinaryOperator) (a, b) -> f(a) < f(b) || f(a) > f(b) ? 1 : 0},
      {"lt", (IntBinaryOperator) (a, b) -> f(a) < f(b) ? 1 : 0},
      {"gtu", (IntBinaryOperator) (a, b) -> f(a) <= f(b) ? 0 : 1},
      {"neu", (IntBinaryOperator) (a, b) -> f(a) != f(b) ? 1 : 0},
      {"equ", (IntBinaryOperator) (a, b) -> f(a) < f(b) || f(a) > f(b) ? 0 : 1},
      {"nan", (IntBinaryOperator) (a, b) -> Float.isNaN(f(a)) || Float.isNaN(f(b)) ? 1 : 0},
      {"num", (IntBinaryOperator) (a, b) -> Float.isNaN(f(a)) || Float.isNaN(f(b)) ? 0 : 1},
    };
    for (Object[] op : ops) {
      comparison(body.formatted(op[0]), "f32", bits(FLOATS), (IntBinaryOperator) op[1]);
    }
  }

  private static float f(int bits) {
    return Float.intBitsToFloat(bits);
  }

  private static void comparison(
      String body, String type, int[] values, IntBinaryOperator expected) {
    int n = values.length;
    int[] a = new int[n * n];
    int[] b = new int[n * n];
    for (int i = 0; i < n * n; i++) {
      a[i] = values[i / n];
      b[i] = values[i % n];
    }
    int[] got = apply(body, type, "b32", a, b, b);
    for (int i = 0; i < n * n; i++) {
      assertThat(got[i])
          .as("%s of %x, %x", body, a[i], b[i])
          .isEqualTo(expected.applyAsInt(a[i], b[i]));
    }
  }

  @Test
  void joinedComparisonsAndLogic() {
    int[] got =
        apply(
            """
            setp.lt.s32 %p|%q, %a, %b;
            setp.gt.or.s32 %p, %a, 100, %p;
            and.pred %q, %p, %q;
            not.pred %q, %q;
            selp.b32 %d, 2, 0, %p;
            @!%q add.s32 %d, %d, 1;
            """,
            "b32", "b32", INTS, reversed(INTS), INTS);
    for (int i = 0; i < INTS.length; i++) {
      int a = INTS[i];
      int b = INTS[INTS.length - 1 - i];
      boolean p = a < b || a > 100;
      boolean q = p && a >= b;
      assertThat(got[i]).isEqualTo((p ? 2 : 0) + (q ? 1 : 0));
    }
  }
}
