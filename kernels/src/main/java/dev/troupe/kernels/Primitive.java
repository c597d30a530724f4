package dev.troupe.kernels;

import java.util.ArrayList;
import java.util.List;

/**
 * One piece of arithmetic on buffers: what every device must be able to run, and all that it must.
 * Primitives know sizes and buffers, no shapes and no gradients. All buffers are contiguous;
 * results are overwritten unless the text says "in place". Result and inputs may be the same buffer
 * only where it says so.
 *
 * <p>Constructors check sizes, so that no kernel runs outside a buffer; values (indices) are
 * checked by the device where it can, and documented where it cannot.
 */
public sealed interface Primitive {

  /** The name that profiles and messages use. */
  default String name() {
    return getClass().getSimpleName();
  }

  /** Primitives that compute the same one after another, where a device has nothing faster. */
  default List<Primitive> parts() {
    return List.of(this);
  }

  /** The buffers whose contents the result depends on. */
  List<Buffer> reads();

  /** The buffers that it changes. */
  List<Buffer> writes();

  // ---------------------------------------------------------------- elementwise

  /** {@code y = value}, rounded to REAL, or towards zero to INT32. */
  record Fill(double value, Buffer y) implements Primitive {
    @Override
    public List<Buffer> reads() {
      return List.of();
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * {@code y = x}, converting between REAL and INT32 where the types differ: from REAL as a cast of
   * Java does it, towards zero, NaN to 0, what is too large to the largest int.
   */
  record Copy(Buffer x, Buffer y) implements Primitive {
    /** Checks the sizes. */
    public Copy {
      Check.size("copy", "x", x, y.size());
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /** {@code y = f(x)} for each element; {@code y} may be {@code x}. */
  record Map(Unary f, double p, double q, Buffer x, Buffer y) implements Primitive {
    /** Checks the sizes. */
    public Map {
      Check.type("map", "y", y, ElementType.REAL);
      Check.real("map", "x", x, y.size());
    }

    @Override
    public String name() {
      return f.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * {@code y = f(a, b)} for each element, the inputs broadcast; {@code y} may be an input that is
   * not repeated.
   */
  record Zip(Binary f, double p, Broadcast by, Buffer a, Buffer b, Buffer y) implements Primitive {
    /** Checks the sizes. */
    public Zip {
      Check.real("zip", "y", y, by.size());
      Check.input("zip", "a", a, by, 0);
      Check.input("zip", "b", b, by, 1);
    }

    @Override
    public String name() {
      return f.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(a, b);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * {@code y = condition != 0 ? a : b} for each element, all three broadcast (inputs 0, 1, 2 of
   * {@code by}). A NaN is not 0.
   */
  record Select(Broadcast by, Buffer condition, Buffer a, Buffer b, Buffer y) implements Primitive {
    /** Checks the sizes. */
    public Select {
      Check.real("select", "y", y, by.size());
      Check.input("select", "condition", condition, by, 0);
      Check.input("select", "a", a, by, 1);
      Check.input("select", "b", b, by, 2);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(condition, a, b);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  // ---------------------------------------------------------------- reductions; x is [outer, size,
  // inner]

  /** {@code y[o, i] = scale · Σ_r x[o, r, i]} by a fixed tree; 0 where {@code size} is 0. */
  record Sum(int outer, int size, int inner, double scale, Buffer x, Buffer y)
      implements Primitive {
    /** Checks the sizes. */
    public Sum {
      Check.real("sum", "x", x, outer, size, inner);
      Check.real("sum", "y", y, outer, inner);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * {@code y[o, i]} = the largest (or smallest) {@code x[o, r, i]} over r, and {@code index[o, i]}
   * = the first r that has it. The first NaN wins over everything; 0 and -0 are equal. {@code size}
   * is at least 1.
   */
  record Extreme(boolean largest, int outer, int size, int inner, Buffer x, Buffer y, Buffer index)
      implements Primitive {
    /** Checks the sizes. */
    public Extreme {
      Check.atLeast("extreme", "size", size, 1);
      Check.real("extreme", "x", x, outer, size, inner);
      Check.real("extreme", "y", y, outer, inner);
      Check.int32("extreme", "index", index, outer, inner);
    }

    @Override
    public String name() {
      return largest ? "max" : "min";
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y, index);
    }
  }

  // ---------------------------------------------------------------- indexing

  /** {@code y[o, i] = x[o, index[o, i], i]}; an index outside [0, size) is an error. */
  record TakeAlong(int outer, int size, int inner, Buffer x, Buffer index, Buffer y)
      implements Primitive {
    /** Checks the sizes. */
    public TakeAlong {
      Check.real("takeAlong", "x", x, outer, size, inner);
      Check.real("takeAlong", "y", y, outer, inner);
      Check.int32("takeAlong", "index", index, outer, inner);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x, index);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * {@code y[o, r, i] = r == index[o, i] ? x[o, i] : 0}: the adjoint of {@link TakeAlong}; an index
   * outside [0, size) is an error.
   */
  record PutAlong(int outer, int size, int inner, Buffer x, Buffer index, Buffer y)
      implements Primitive {
    /** Checks the sizes. */
    public PutAlong {
      Check.real("putAlong", "x", x, outer, inner);
      Check.real("putAlong", "y", y, outer, size, inner);
      Check.int32("putAlong", "index", index, outer, inner);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x, index);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * {@code y[b, j, :] = table[b, index[b, j], :]} with {@code table} [tables, rows, width], {@code
   * index} [batch, count]; {@code tables} is {@code batch}, or 1 for a table that all batches
   * share. An index outside [0, rows) is an error.
   */
  record Gather(
      int batch, int tables, int rows, int width, int count, Buffer table, Buffer index, Buffer y)
      implements Primitive {
    /** Checks the sizes. */
    public Gather {
      Check.tables("gather", tables, batch);
      Check.real("gather", "table", table, tables, rows, width);
      Check.int32("gather", "index", index, batch, count);
      Check.real("gather", "y", y, batch, count, width);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(table, index);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * {@code table = 0}, then {@code table[b, index[b, j], :] += x[b, j, :]} in the order of b, then
   * j: the adjoint of {@link Gather}, with the same sizes and the same error.
   */
  record ScatterAdd(
      int batch, int tables, int rows, int width, int count, Buffer x, Buffer index, Buffer table)
      implements Primitive {
    /** Checks the sizes. */
    public ScatterAdd {
      Check.tables("scatterAdd", tables, batch);
      Check.real("scatterAdd", "table", table, tables, rows, width);
      Check.int32("scatterAdd", "index", index, batch, count);
      Check.real("scatterAdd", "x", x, batch, count, width);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x, index);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(table);
    }
  }

  // ---------------------------------------------------------------- layout

  /**
   * {@code y[i0, i1, …] = x[Σ i_d · strides[d]]} with {@code y} contiguous of the given sizes:
   * permutation of axes. Works on INT32 too.
   */
  record Permute(int[] sizes, int[] strides, Buffer x, Buffer y) implements Primitive {
    /** Checks the sizes. */
    public Permute {
      Broadcast walk = new Broadcast(sizes, new int[][] {strides});
      Check.type("permute", "y", y, x.type());
      Check.size("permute", "y", y, walk.size());
      Check.extent("permute", "x", x, walk, 0);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * {@code y[r, :] =} row r of each of the {@code xs}, one after the other: {@code xs} are [rows,
   * widths], each of its own width, {@code y} [rows, the sum of the widths]. Works on INT32 too.
   */
  record Concat(int rows, List<Buffer> xs, Buffer y) implements Primitive {
    /** Checks the sizes. */
    public Concat {
      Check.atLeast("concat", "rows", rows, 1);
      for (Buffer x : xs) {
        Check.type("concat", "x", x, y.type());
        if (x.size() % rows != 0) {
          throw new IllegalArgumentException(
              "concat: x has " + x.size() + " elements, expected " + rows + " rows of some size");
        }
      }
      Check.size("concat", "y", y, Check.total("concat", xs));
    }

    @Override
    public List<Buffer> reads() {
      return xs;
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * {@code y[r·yStride + j] = x[r·xStride + j]} for {@code r < rows, j < width}: a block of rows,
   * for slices and padding. Leaves the rest of {@code y} as it was. Works on INT32 too.
   */
  record CopyRows(int rows, int width, int xStride, int yStride, Buffer x, Buffer y)
      implements Primitive {
    /** Checks the sizes. */
    public CopyRows {
      Check.type("copyRows", "y", y, x.type());
      Check.extent("copyRows", "x", x, rows, width, xStride);
      Check.extent("copyRows", "y", y, rows, width, yStride);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  // ---------------------------------------------------------------- matrix product

  /**
   * {@code c[e] = f(op(a[e]) · op(b[e]) (+ bias[e]))} for {@code e < batch}: {@code op(a)} is [m,
   * k], {@code op(b)} [k, n], {@code c} [m, n], row-major; {@code transA} says that {@code a} is
   * stored [k, m], {@code transB} that {@code b} is stored [n, k]. {@code sharedA} (sharedB) says
   * that there is one matrix for all e. {@code bias} is [batch, n], or null. {@code f} is {@code z
   * > 0 ? z : slope · z}; a slope of 1 is no activation, 0 is ReLU; it is not negative, so that the
   * sign of c tells that of z.
   *
   * <p>Each z is one chain of fused multiply-adds in an order that k alone decides; its bits depend
   * neither on {@code batch} nor on threads or vector width.
   */
  record MatMul(
      int batch,
      int m,
      int n,
      int k,
      boolean transA,
      boolean transB,
      boolean sharedA,
      boolean sharedB,
      double slope,
      Buffer a,
      Buffer b,
      Buffer bias,
      Buffer c)
      implements Primitive {
    /** Without an activation. */
    public MatMul(
        int batch,
        int m,
        int n,
        int k,
        boolean transA,
        boolean transB,
        boolean sharedA,
        boolean sharedB,
        Buffer a,
        Buffer b,
        Buffer bias,
        Buffer c) {
      this(batch, m, n, k, transA, transB, sharedA, sharedB, 1, a, b, bias, c);
    }

    /** Checks the sizes and the slope. */
    public MatMul {
      Check.slope("matmul", slope);
      Check.real("matmul", "a", a, sharedA ? 1 : batch, m, k);
      Check.real("matmul", "b", b, sharedB ? 1 : batch, k, n);
      Check.real("matmul", "c", c, batch, m, n);
      if (bias != null) {
        Check.real("matmul", "bias", bias, batch, n);
      }
    }

    @Override
    public List<Buffer> reads() {
      return bias == null ? List.of(a, b) : List.of(a, b, bias);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(c);
    }
  }

  /**
   * The gradients of a linear layer {@code y = x · weight + bias} from dy: {@code dx[e] = dy[e] ·
   * weight[e]ᵀ}, {@code dweight[e] = x[e]ᵀ · dy[e]}, {@code dbias[e, j] = Σ_r dy[e, r, j]}. {@code
   * x} and {@code dx} are [members, batch, in], {@code dy} [members, batch, out], {@code weight}
   * and {@code dweight} [members, in, out], {@code dbias} [members, out]; {@code dx} and {@code
   * dbias} may be null where nobody wants them.
   */
  record LinearGrad(
      int members,
      int batch,
      int in,
      int out,
      Buffer x,
      Buffer weight,
      Buffer dy,
      Buffer dx,
      Buffer dweight,
      Buffer dbias)
      implements Primitive {
    /** Checks the sizes. */
    public LinearGrad {
      Check.real("linearGrad", "x", x, members, batch, in);
      Check.real("linearGrad", "weight", weight, members, in, out);
      Check.real("linearGrad", "dy", dy, members, batch, out);
      if (dx != null) {
        Check.real("linearGrad", "dx", dx, members, batch, in);
      }
      Check.real("linearGrad", "dweight", dweight, members, in, out);
      if (dbias != null) {
        Check.real("linearGrad", "dbias", dbias, members, out);
      }
    }

    /** The gradient by the input alone, or null. */
    public MatMul inputGrad() {
      return dx == null
          ? null
          : new MatMul(members, batch, in, out, false, true, false, false, dy, weight, null, dx);
    }

    /** The gradient by the weight alone. */
    public MatMul weightGrad() {
      return new MatMul(members, in, out, batch, true, false, false, false, x, dy, null, dweight);
    }

    /** The gradient by the bias alone, or null. */
    public Sum biasGrad() {
      return dbias == null ? null : new Sum(members, batch, out, 1, dy, dbias);
    }

    @Override
    public List<Primitive> parts() {
      List<Primitive> parts = new ArrayList<>();
      if (dx != null) {
        parts.add(inputGrad());
      }
      parts.add(weightGrad());
      if (dbias != null) {
        parts.add(biasGrad());
      }
      return parts;
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x, weight, dy);
    }

    @Override
    public List<Buffer> writes() {
      return Check.present(dx, dweight, dbias);
    }
  }

  /**
   * Linear maxout (Goodfellow et al. 2013), the largest of several affine maps: {@code y[e, r, u] =
   * max_p (x[e, r, :] · weight[e, :, p·units + u] + bias[e, p·units + u])}, and {@code index[e, r,
   * u]} = the first p that has it. {@code x} is [members, batch, in], {@code weight} [members, in,
   * pieces · units], {@code bias} [members, pieces · units], {@code y} and {@code index} are
   * [members, batch, units].
   *
   * <p>Products are those of {@link MatMul}, the largest is that of {@link Extreme}; {@code pieces}
   * is at least 1.
   */
  record LinearMaxout(
      int members,
      int batch,
      int in,
      int units,
      int pieces,
      Buffer x,
      Buffer weight,
      Buffer bias,
      Buffer y,
      Buffer index)
      implements Primitive {
    /** Checks the sizes. */
    public LinearMaxout {
      Check.atLeast("linearMaxout", "pieces", pieces, 1);
      Check.real("linearMaxout", "x", x, members, batch, in);
      Check.real("linearMaxout", "weight", weight, members, in, pieces, units);
      Check.real("linearMaxout", "bias", bias, members, pieces, units);
      Check.real("linearMaxout", "y", y, members, batch, units);
      Check.int32("linearMaxout", "index", index, members, batch, units);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x, weight, bias);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y, index);
    }
  }

  /**
   * The gradient of {@link LinearMaxout} by its input: {@code dx[e, r, i] = Σ_u dy[e, r, u] ·
   * weight[e, i, index[e, r, u]·units + u]}, one chain of fused multiply-adds in the order of u.
   * {@code weight} is [members, in, pieces · units], {@code index} (the piece that won) and {@code
   * dy} are [members, batch, units], {@code dx} [members, batch, in].
   *
   * <p>Pieces that lost take no part: a NaN or infinity in their weights does not reach dx. An
   * index outside [0, pieces) is an error.
   */
  record LinearMaxoutInputGrad(
      int members,
      int batch,
      int in,
      int units,
      int pieces,
      Buffer weight,
      Buffer index,
      Buffer dy,
      Buffer dx)
      implements Primitive {
    /** Checks the sizes. */
    public LinearMaxoutInputGrad {
      Check.real("linearMaxoutInputGrad", "weight", weight, members, in, pieces, units);
      Check.int32("linearMaxoutInputGrad", "index", index, members, batch, units);
      Check.real("linearMaxoutInputGrad", "dy", dy, members, batch, units);
      Check.real("linearMaxoutInputGrad", "dx", dx, members, batch, in);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(weight, index, dy);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(dx);
    }
  }

  /**
   * The gradient of linear maxout by its parameters; sizes and error as for {@link
   * LinearMaxoutInputGrad}: {@code dweight[e, i, p·units + u] = Σ_r x[e, r, i] · dy[e, r, u]} and
   * {@code dbias[e, p·units + u] = Σ_r dy[e, r, u]}, both over the rows with {@code index[e, r, u]
   * == p}, one chain of fused multiply-adds in the order of r. A NaN or infinity in the other rows
   * does not reach them; a piece that never won has zeros.
   */
  record LinearMaxoutWeightGrad(
      int members,
      int batch,
      int in,
      int units,
      int pieces,
      Buffer x,
      Buffer index,
      Buffer dy,
      Buffer dweight,
      Buffer dbias)
      implements Primitive {
    /** Checks the sizes. */
    public LinearMaxoutWeightGrad {
      Check.real("linearMaxoutWeightGrad", "x", x, members, batch, in);
      Check.int32("linearMaxoutWeightGrad", "index", index, members, batch, units);
      Check.real("linearMaxoutWeightGrad", "dy", dy, members, batch, units);
      Check.real("linearMaxoutWeightGrad", "dweight", dweight, members, in, pieces, units);
      Check.real("linearMaxoutWeightGrad", "dbias", dbias, members, pieces, units);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x, index, dy);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(dweight, dbias);
    }
  }

  /** {@link LinearMaxoutInputGrad} and {@link LinearMaxoutWeightGrad} of the same layer. */
  record LinearMaxoutGrad(
      int members,
      int batch,
      int in,
      int units,
      int pieces,
      Buffer x,
      Buffer weight,
      Buffer index,
      Buffer dy,
      Buffer dx,
      Buffer dweight,
      Buffer dbias)
      implements Primitive {
    /** Checks the sizes. */
    public LinearMaxoutGrad {
      Check.real("linearMaxoutGrad", "x", x, members, batch, in);
      Check.real("linearMaxoutGrad", "weight", weight, members, in, pieces, units);
      Check.int32("linearMaxoutGrad", "index", index, members, batch, units);
      Check.real("linearMaxoutGrad", "dy", dy, members, batch, units);
      Check.real("linearMaxoutGrad", "dx", dx, members, batch, in);
      Check.real("linearMaxoutGrad", "dweight", dweight, members, in, pieces, units);
      Check.real("linearMaxoutGrad", "dbias", dbias, members, pieces, units);
    }

    /** The gradient by the input alone. */
    public LinearMaxoutInputGrad inputGrad() {
      return new LinearMaxoutInputGrad(members, batch, in, units, pieces, weight, index, dy, dx);
    }

    /** The gradient by the parameters alone. */
    public LinearMaxoutWeightGrad weightGrad() {
      return new LinearMaxoutWeightGrad(
          members, batch, in, units, pieces, x, index, dy, dweight, dbias);
    }

    @Override
    public List<Primitive> parts() {
      return List.of(inputGrad(), weightGrad());
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x, weight, index, dy);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(dx, dweight, dbias);
    }
  }

  // ---------------------------------------------------------------- convolution and pooling

  /**
   * Convolution (without mirroring the kernel, as in all of deep learning): {@code y[e, n, o, oh,
   * ow] = bias[e, o] + Σ x[e, n, c, h, w] · weight[e, o, c, kh, kw]} over c, kh, kw, with (h, w) as
   * {@link Window} says. {@code x} is [members, batch, in, height, width], {@code weight} [members,
   * out, in, kernelHeight, kernelWidth], {@code bias} [members, out] or null, {@code y} [members,
   * batch, out, outHeight, outWidth].
   *
   * <p>The image is surrounded by zeros; whether a tap there multiplies its weight by 0 or is left
   * out is not defined, so that weights that are not finite have a defined result only where no
   * padding is. The order of additions follows from the sizes of one member alone, save where a
   * library on a GPU computes.
   */
  record Conv2d(
      int members,
      int batch,
      int in,
      int out,
      Window window,
      Buffer x,
      Buffer weight,
      Buffer bias,
      Buffer y)
      implements Primitive {
    /** Checks the sizes. */
    public Conv2d {
      Check.real("conv2d", "x", x, members, batch, in, window.pixels());
      Check.real("conv2d", "weight", weight, members, out, in, window.taps());
      if (bias != null) {
        Check.real("conv2d", "bias", bias, members, out);
      }
      Check.real("conv2d", "y", y, members, batch, out, window.windows());
    }

    @Override
    public List<Buffer> reads() {
      return bias == null ? List.of(x, weight) : List.of(x, weight, bias);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * The gradient of {@link Conv2d} by its input, which is the transposed convolution of {@code dy}:
   * {@code dx[e, n, c, h, w] = bias[e, c] + Σ dy[e, n, o, oh, ow] · weight[e, o, c, kh, kw]} over
   * all o, oh, ow, kh, kw that meet in (h, w). Sizes and padding as there; {@code bias} is
   * [members, in] or null.
   */
  record Conv2dInputGrad(
      int members,
      int batch,
      int in,
      int out,
      Window window,
      Buffer weight,
      Buffer dy,
      Buffer bias,
      Buffer dx)
      implements Primitive {
    /** Checks the sizes. */
    public Conv2dInputGrad {
      Check.real("conv2dInputGrad", "weight", weight, members, out, in, window.taps());
      Check.real("conv2dInputGrad", "dy", dy, members, batch, out, window.windows());
      if (bias != null) {
        Check.real("conv2dInputGrad", "bias", bias, members, in);
      }
      Check.real("conv2dInputGrad", "dx", dx, members, batch, in, window.pixels());
    }

    @Override
    public List<Buffer> reads() {
      return bias == null ? List.of(weight, dy) : List.of(weight, dy, bias);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(dx);
    }
  }

  /**
   * The gradient of {@link Conv2d} by its weight: {@code dweight[e, o, c, kh, kw] = Σ dy[e, n, o,
   * oh, ow] · x[e, n, c, h, w]} over n, oh, ow. Sizes and padding as there.
   */
  record Conv2dWeightGrad(
      int members, int batch, int in, int out, Window window, Buffer x, Buffer dy, Buffer dweight)
      implements Primitive {
    /** Checks the sizes. */
    public Conv2dWeightGrad {
      Check.real("conv2dWeightGrad", "x", x, members, batch, in, window.pixels());
      Check.real("conv2dWeightGrad", "dy", dy, members, batch, out, window.windows());
      Check.real("conv2dWeightGrad", "dweight", dweight, members, out, in, window.taps());
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x, dy);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(dweight);
    }
  }

  /**
   * {@code y[p, oh, ow]} = the largest pixel of plane p inside the window, and {@code index[p, oh,
   * ow]} = the first pixel ({@code h · width + w}) that has it; padding takes no part. The first
   * NaN wins over everything; 0 and -0 are equal. {@code x} is [planes, height, width].
   */
  record MaxPool(int planes, Window window, Buffer x, Buffer y, Buffer index) implements Primitive {
    /** Checks the sizes. */
    public MaxPool {
      Check.real("maxPool", "x", x, planes, window.pixels());
      Check.real("maxPool", "y", y, planes, window.windows());
      Check.int32("maxPool", "index", index, planes, window.windows());
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y, index);
    }
  }

  /**
   * {@code y[p, oh, ow] = scale · Σ x[p, h, w]} over the pixels inside the window, row by row;
   * {@code x} is [planes, height, width].
   */
  record SumPool(int planes, Window window, double scale, Buffer x, Buffer y) implements Primitive {
    /** Checks the sizes. */
    public SumPool {
      Check.real("sumPool", "x", x, planes, window.pixels());
      Check.real("sumPool", "y", y, planes, window.windows());
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * The adjoint of {@link SumPool}: {@code dx[p, h, w] = scale · Σ dy[p, oh, ow]} over the windows
   * that cover the pixel, in their order; 0 where none does. With windows beside each other it
   * repeats each element, which is nearest-neighbour resizing.
   */
  record SumPoolGrad(int planes, Window window, double scale, Buffer dy, Buffer dx)
      implements Primitive {
    /** Checks the sizes. */
    public SumPoolGrad {
      Check.real("sumPoolGrad", "dy", dy, planes, window.windows());
      Check.real("sumPoolGrad", "dx", dx, planes, window.pixels());
    }

    @Override
    public List<Buffer> reads() {
      return List.of(dy);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(dx);
    }
  }

  // ---------------------------------------------------------------- fused rows

  /**
   * {@code y[r] = softmax(x[r])}, or its logarithm, for each of {@code rows} rows of {@code size}.
   * A row is NaN throughout if it has a NaN or a positive infinity, or nothing but negative
   * infinities.
   */
  record Softmax(boolean log, int rows, int size, Buffer x, Buffer y) implements Primitive {
    /** Checks the sizes. */
    public Softmax {
      Check.real("softmax", "x", x, rows, size);
      Check.real("softmax", "y", y, rows, size);
    }

    @Override
    public String name() {
      return log ? "logSoftmax" : "softmax";
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /** The gradient of {@link Softmax} from its result {@code y} and {@code dy}. */
  record SoftmaxGrad(boolean log, int rows, int size, Buffer y, Buffer dy, Buffer dx)
      implements Primitive {
    /** Checks the sizes. */
    public SoftmaxGrad {
      Check.real("softmaxGrad", "y", y, rows, size);
      Check.real("softmaxGrad", "dy", dy, rows, size);
      Check.real("softmaxGrad", "dx", dx, rows, size);
    }

    @Override
    public String name() {
      return log ? "logSoftmaxGrad" : "softmaxGrad";
    }

    @Override
    public List<Buffer> reads() {
      return List.of(y, dy);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(dx);
    }
  }

  /**
   * Batch normalisation with the batch's own statistics, then an activation. {@code x} and {@code
   * y} are [members, batch, channels, spatial], all else [members, channels]. {@code mean} and
   * {@code variance} (the biased one) are results as well.
   *
   * <p>{@code y = act(gamma · (x - mean) / sqrt(variance + epsilon) + beta)}, {@code act(z) = z > 0
   * ? z : slope · z}; a slope of 1 is no activation, 0 is ReLU; it is not negative, so that the
   * sign of y tells that of z. {@code running} is moved, in place; or null.
   */
  record BatchNorm(
      int members,
      int batch,
      int channels,
      int spatial,
      double epsilon,
      double slope,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer y,
      Buffer mean,
      Buffer variance,
      Running running)
      implements Primitive {
    /**
     * Statistics of many batches, [members, channels] each, which move towards those of the batch:
     * {@code mean += rate · (batch's mean - mean)}, a subtraction and a fused multiply-add, and the
     * variance likewise.
     */
    public record Running(double rate, Buffer mean, Buffer variance) {}

    /** Without running statistics. */
    public BatchNorm(
        int members,
        int batch,
        int channels,
        int spatial,
        double epsilon,
        double slope,
        Buffer x,
        Buffer gamma,
        Buffer beta,
        Buffer y,
        Buffer mean,
        Buffer variance) {
      this(
          members, batch, channels, spatial, epsilon, slope, x, gamma, beta, y, mean, variance,
          null);
    }

    /** Checks the sizes. */
    public BatchNorm {
      Check.batchNorm("batchNorm", batch, spatial, slope);
      Check.real("batchNorm", "x", x, members, batch, channels, spatial);
      Check.real("batchNorm", "y", y, members, batch, channels, spatial);
      Check.real("batchNorm", "gamma", gamma, members, channels);
      Check.real("batchNorm", "beta", beta, members, channels);
      Check.real("batchNorm", "mean", mean, members, channels);
      Check.real("batchNorm", "variance", variance, members, channels);
      if (running != null) {
        Check.real("batchNorm", "the running mean", running.mean, members, channels);
        Check.real("batchNorm", "the running variance", running.variance, members, channels);
      }
    }

    @Override
    public List<Buffer> reads() {
      return running == null
          ? List.of(x, gamma, beta)
          : List.of(x, gamma, beta, running.mean, running.variance);
    }

    @Override
    public List<Buffer> writes() {
      return running == null
          ? List.of(y, mean, variance)
          : List.of(y, mean, variance, running.mean, running.variance);
    }
  }

  /**
   * The gradient of {@link BatchNorm}: from {@code x}, its results {@code y}, {@code mean}, {@code
   * variance}, and {@code dy} to {@code dx}, {@code dgamma}, {@code dbeta}.
   */
  record BatchNormGrad(
      int members,
      int batch,
      int channels,
      int spatial,
      double epsilon,
      double slope,
      Buffer x,
      Buffer gamma,
      Buffer y,
      Buffer mean,
      Buffer variance,
      Buffer dy,
      Buffer dx,
      Buffer dgamma,
      Buffer dbeta)
      implements Primitive {
    /** Checks the sizes. */
    public BatchNormGrad {
      Check.batchNorm("batchNormGrad", batch, spatial, slope);
      Check.real("batchNormGrad", "x", x, members, batch, channels, spatial);
      Check.real("batchNormGrad", "y", y, members, batch, channels, spatial);
      Check.real("batchNormGrad", "dy", dy, members, batch, channels, spatial);
      Check.real("batchNormGrad", "dx", dx, members, batch, channels, spatial);
      Check.real("batchNormGrad", "gamma", gamma, members, channels);
      Check.real("batchNormGrad", "mean", mean, members, channels);
      Check.real("batchNormGrad", "variance", variance, members, channels);
      Check.real("batchNormGrad", "dgamma", dgamma, members, channels);
      Check.real("batchNormGrad", "dbeta", dbeta, members, channels);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x, gamma, y, mean, variance, dy);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(dx, dgamma, dbeta);
    }
  }

  // ---------------------------------------------------------------- losses

  /**
   * The logistic loss of each member, and its gradient: binary cross entropy of {@code sigmoid(x)}
   * against one target t in [0, 1] for each part of the logits {@code x} [members, parts, size].
   *
   * <p>{@code loss[e] = Σ_p 1/size · Σ_i (t[p] · softplus(-x) + (1 - t[p]) · softplus(x))}, where a
   * term with the factor 0 is left out, and {@code dx = ((1 - t[p]) · sigmoid(x) - t[p] ·
   * sigmoid(-x)) / size}, of x's shape, is the gradient of its sum.
   */
  record LogisticLoss(int members, int size, List<Double> targets, Buffer x, Buffer loss, Buffer dx)
      implements Primitive {
    /** How many parts there can be. */
    public static final int MOST_PARTS = 4;

    /** Checks sizes and targets. */
    public LogisticLoss {
      Check.targets("logisticLoss", targets, MOST_PARTS);
      Check.atLeast("logisticLoss", "size", size, 1);
      Check.real("logisticLoss", "x", x, members, targets.size(), size);
      Check.real("logisticLoss", "loss", loss, members);
      Check.real("logisticLoss", "dx", dx, members, targets.size(), size);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(loss, dx);
    }
  }

  // ---------------------------------------------------------------- random numbers

  /** What {@link Random} draws; {@code p} and {@code q} are its parameters. */
  enum Distribution {
    /** Uniform on [p, q). */
    UNIFORM,
    /** Normal with mean p and standard deviation q. */
    NORMAL,
    /**
     * Normal with mean p and standard deviation q, confined to two standard deviations around the
     * mean.
     */
    TRUNCATED_NORMAL,
    /** 1 with probability p in [0, 1], else 0. */
    BERNOULLI,
    /** Integers uniform on [0, p), p a whole number of at least 1; the result is INT32. */
    INTEGER
  }

  /**
   * Philox4x32-10 numbers: element i of member e is a pure function of (seed, member[e], stream,
   * step[0], i). {@code y} is [members, perMember], {@code member} INT32 [members], {@code step}
   * INT32 [1].
   */
  record Random(
      Distribution distribution,
      double p,
      double q,
      long seed,
      int stream,
      Buffer step,
      Buffer member,
      int perMember,
      Buffer y)
      implements Primitive {
    /** Checks the sizes. */
    public Random {
      Check.int32("random", "step", step, 1);
      Check.type("random", "member", member, ElementType.INT32);
      ElementType drawn =
          distribution == Distribution.INTEGER ? ElementType.INT32 : ElementType.REAL;
      Check.type("random", "y", y, drawn);
      Check.parameters(distribution, p);
      Check.size("random", "y", y, Check.product("random", member.size(), perMember, 1, 1));
    }

    @Override
    public String name() {
      return "random_" + distribution.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(step, member);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  /**
   * Shuffled epochs without a stored permutation. Member e walks through endless epochs of {@code
   * population} items, each epoch a new keyed bijection of [0, population) (key: seed, stream,
   * member[e], epoch). Batch number {@code step[0]} of {@code count} items never crosses an epoch:
   * an epoch has floor(population / count) batches and drops the rest. {@code y} is INT32 [members,
   * count].
   */
  record ShuffledBatch(
      long seed, int stream, Buffer step, Buffer member, int population, int count, Buffer y)
      implements Primitive {
    /** Checks the sizes. */
    public ShuffledBatch {
      Check.int32("shuffledBatch", "step", step, 1);
      Check.type("shuffledBatch", "member", member, ElementType.INT32);
      Check.int32("shuffledBatch", "y", y, member.size(), count);
      Check.atLeast("shuffledBatch", "count", count, 1);
      Check.atLeast("shuffledBatch", "population", population, count);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(step, member);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y);
    }
  }

  // ---------------------------------------------------------------- training state, in place

  /** {@code counter[i] += 1}, INT32, in place. */
  record Increment(Buffer counter) implements Primitive {
    /** Checks the type. */
    public Increment {
      Check.type("increment", "counter", counter, ElementType.INT32);
    }

    @Override
    public List<Buffer> reads() {
      return List.of(counter);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(counter);
    }
  }

  /**
   * Adam (Kingma and Ba 2014) on many parameters at once, in place. {@code step} counts the updates
   * that have been done before; with t = step[0] + 1, lr = learningRate[0]:
   *
   * <pre>
   * m += (1 - beta1) · (g - m);  v += (1 - beta2) · (g² - v)
   * folded:     w -= lr · sqrt(1 - beta2^t) / (1 - beta1^t) · m / (sqrt(v) + epsilon)        (end of their section 2)
   * not folded: w -= lr · (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)           (their Algorithm 1)
   * </pre>
   *
   * {@code decay} is decoupled: w is first multiplied by {@code 1 - lr · decay}.
   */
  record Adam(
      double beta1,
      double beta2,
      double epsilon,
      boolean folded,
      double decay,
      Buffer learningRate,
      Buffer step,
      List<Buffer> weights,
      List<Buffer> gradients,
      List<Buffer> m,
      List<Buffer> v)
      implements Primitive {
    /** Checks the sizes. */
    public Adam {
      Check.real("adam", "learningRate", learningRate, 1);
      Check.int32("adam", "step", step, 1);
      Check.lists("adam", "gradients", weights, gradients);
      Check.lists("adam", "m", weights, m);
      Check.lists("adam", "v", weights, v);
    }

    @Override
    public List<Buffer> reads() {
      return Check.join(gradients, weights, m, v, List.of(learningRate, step));
    }

    @Override
    public List<Buffer> writes() {
      return Check.join(weights, m, v);
    }
  }

  /**
   * Stochastic gradient descent on many parameters at once, in place: {@code g += decay · w; u =
   * momentum · u + g; w -= lr · (nesterov ? g + momentum · u : u)}. {@code velocity} is empty where
   * momentum is 0. The gradients stay as they are.
   */
  record Sgd(
      double momentum,
      boolean nesterov,
      double decay,
      Buffer learningRate,
      List<Buffer> weights,
      List<Buffer> gradients,
      List<Buffer> velocity)
      implements Primitive {
    /** Checks the sizes. */
    public Sgd {
      Check.real("sgd", "learningRate", learningRate, 1);
      Check.lists("sgd", "gradients", weights, gradients);
      Check.lists("sgd", "velocity", momentum == 0 ? List.of() : weights, velocity);
    }

    @Override
    public List<Buffer> reads() {
      return Check.join(gradients, weights, velocity, List.of(learningRate));
    }

    @Override
    public List<Buffer> writes() {
      return Check.join(weights, velocity);
    }
  }

  /**
   * {@code ring[step[0] mod capacity, :] =} the {@code xs} one after the other: {@code ring} is
   * [capacity, width], width the sum of their sizes; the rest stays.
   */
  record RingPut(int capacity, Buffer step, List<Buffer> xs, Buffer ring) implements Primitive {
    /** Checks the sizes. */
    public RingPut {
      Check.atLeast("ringPut", "capacity", capacity, 1);
      Check.int32("ringPut", "step", step, 1);
      for (Buffer x : xs) {
        Check.type("ringPut", "x", x, ElementType.REAL);
      }
      Check.real("ringPut", "ring", ring, capacity, Check.total("ringPut", xs));
    }

    /** Elements of a row of the ring. */
    public int width() {
      return ring.size() / capacity;
    }

    @Override
    public List<Buffer> reads() {
      return Check.join(List.of(step), xs);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(ring);
    }
  }

  // ---------------------------------------------------------------- the user's own

  /**
   * A kernel from outside this package: code for the devices that compute on the host, a launch of
   * PTX for the others, or both.
   */
  non-sealed interface Custom extends Primitive {
    /**
     * Computes the results on the host, from arrays for each of {@link #reads()} and {@link
     * #writes()}: element i of input k is {@code in.get(k, i)}.
     */
    default void compute(HostArrays in, HostArrays out) {
      throw new UnsupportedOperationException(
          name() + ": has no code for the host, only a kernel for cuda and ptx");
    }

    /** Computes the results on a GPU, or on the interpreter of its kernels. */
    default void launch(KernelLauncher gpu) {
      throw new UnsupportedOperationException(
          name() + ": has no kernel for " + gpu.device() + ", only code for the host");
    }
  }

  /**
   * The elements of a {@link Custom} primitive's buffers, in double whatever the device's type is.
   */
  interface HostArrays {
    /** Element {@code i} of buffer {@code k}. */
    double get(int k, int i);

    /** Sets element {@code i} of buffer {@code k}, rounded to the device's type. */
    void set(int k, int i, double value);
  }
}
