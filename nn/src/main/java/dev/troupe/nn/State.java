package dev.troupe.nn;

import dev.troupe.autograd.Variable;
import dev.troupe.kernels.ElementType;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import dev.troupe.tensor.io.DataType;
import dev.troupe.tensor.io.HostArray;
import dev.troupe.tensor.io.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The named tensors of a model: parameters, which are trained, and buffers, which are only kept
 * (running statistics, an optimiser's moments, counters). Each has a leading axis of members, but
 * for what all members share. What is in here, in this order, is what a summary prints, a
 * checkpoint holds and a hash covers.
 *
 * <p>{@link #at} gives a part under a name of its own; names are joined by dots, as {@code
 * generator.hidden0.weight}.
 */
public final class State {
  private final Shared shared;
  private final String prefix;

  /** What all parts of one state have in common. */
  private record Shared(Scope scope, long seed, int[] members, Map<String, Item> items) {}

  private record Item(Tensor tensor, Variable parameter) {}

  /**
   * An empty state.
   *
   * @param scope owns the tensors
   * @param seed of the initial values
   * @param members the identity of each member, as in {@link Rng}
   */
  public State(Scope scope, long seed, int... members) {
    this(new Shared(scope, seed, members.clone(), new LinkedHashMap<>()), "");
  }

  private State(Shared shared, String prefix) {
    this.shared = shared;
    this.prefix = prefix;
  }

  /** The part with this name. */
  public State at(String name) {
    return new State(shared, prefix + name + ".");
  }

  /** How many members, E. */
  public int members() {
    return shared.members.length;
  }

  /** The identity of each member. */
  public int[] memberIds() {
    return shared.members.clone();
  }

  /** The scope that owns the tensors. */
  public Scope scope() {
    return shared.scope;
  }

  /** The full name of something in this part. */
  public String name(String name) {
    return prefix + name;
  }

  /**
   * A new parameter.
   *
   * @param shape of one member
   * @return a leaf of shape [E, …]
   * @throws IllegalArgumentException if the name is taken
   */
  public Variable parameter(String name, Shape shape, Initialiser initialiser) {
    Tensor t = filled(name, shape, initialiser);
    Variable v = Variable.leaf(t);
    put(name, new Item(t, v));
    return v;
  }

  /** A new buffer of shape [E, …] that begins as {@code initialiser} fills it. */
  public Tensor buffer(String name, Shape shape, Initialiser initialiser) {
    Tensor t = filled(name, shape, initialiser);
    put(name, new Item(t, null));
    return t;
  }

  private Tensor filled(String name, Shape shape, Initialiser initialiser) {
    Tensor t = make(ElementType.REAL, name, shape.insert(0, members()));
    try (Scope temporary = Scope.open(shared.scope.device(), "initialise")) {
      Rng rng = new Rng(temporary, shared.seed, shared.members);
      initialiser.fill(t, rng, "init/" + name(name));
    }
    return t;
  }

  /**
   * A new buffer of shape [E, …] with {@code value} everywhere; {@code shape} is that of one
   * member.
   */
  public Tensor buffer(String name, Shape shape, double value) {
    return buffer(name, shape, Initialiser.constant(value));
  }

  /** Keeps a tensor that was made elsewhere, such as a counter, under a name of this part. */
  public Tensor keep(String name, Tensor tensor) {
    put(name, new Item(tensor, null));
    return tensor;
  }

  private Tensor make(ElementType type, String name, Shape shape) {
    return shared.scope.empty(type, shape, name(name));
  }

  private void put(String name, Item item) {
    if (shared.items.putIfAbsent(name(name), item) != null) {
      throw new IllegalArgumentException("state: " + name(name) + " exists already");
    }
  }

  /** The parameters of this part, in the order in which they were made. */
  public List<Variable> parameters() {
    List<Variable> list = new ArrayList<>();
    for (Map.Entry<String, Item> e : shared.items.entrySet()) {
      if (e.getKey().startsWith(prefix) && e.getValue().parameter != null) {
        list.add(e.getValue().parameter);
      }
    }
    return list;
  }

  /** All tensors of this part by full name, in the order in which they were made. */
  public Map<String, Tensor> tensors() {
    Map<String, Tensor> map = new LinkedHashMap<>();
    for (Map.Entry<String, Item> e : shared.items.entrySet()) {
      if (e.getKey().startsWith(prefix)) {
        map.put(e.getKey(), e.getValue().tensor);
      }
    }
    return map;
  }

  /** The parameters of this part alone, by full name. */
  public Map<String, Tensor> parameterTensors() {
    Map<String, Tensor> map = tensors();
    map.keySet().removeIf(name -> shared.items.get(name).parameter == null);
    return map;
  }

  /** How many numbers one member trains. */
  public long parametersPerMember() {
    long n = 0;
    for (Variable v : parameters()) {
      n += v.shape().size() / members();
    }
    return n;
  }

  /**
   * Copies of all tensors of this part on the host, for a file; REAL ones in the precision of the
   * device.
   */
  public SequencedMap<String, HostArray> save() {
    boolean wide = shared.scope.device().realBytes() == Double.BYTES;
    SequencedMap<String, HostArray> arrays = new LinkedHashMap<>();
    tensors()
        .forEach((name, t) -> {
          int[] shape = t.shape().dims();
          HostArray copy;
          if (t.type() == ElementType.INT32) {
            copy = HostArray.of(t.toInts(), shape);
          } else {
            copy = wide ? HostArray.of(t.toDoubles(), shape) : HostArray.of(t.toFloats(), shape);
          }
          arrays.put(name, copy);
        });
    return arrays;
  }

  /**
   * Overwrites all tensors of this part; REAL ones from float32 or float64. Nothing is changed
   * unless everything fits.
   *
   * @throws IllegalArgumentException if a name is missing or unknown, or a shape or type differs;
   *     the message names it
   */
  public void load(Map<String, HostArray> arrays) {
    Map<String, Tensor> own = tensors();
    for (Map.Entry<String, Tensor> e : own.entrySet()) {
      HostArray a = arrays.get(e.getKey());
      if (a == null) {
        throw new IllegalArgumentException("state: " + e.getKey() + " is missing");
      }
      if (!Shape.of(a.shape()).equals(e.getValue().shape())) {
        throw new IllegalArgumentException(
            "state: "
                + e.getKey()
                + " is "
                + Shape.of(a.shape())
                + ", expected "
                + e.getValue().shape());
      }
      boolean integers = e.getValue().type() == ElementType.INT32;
      if (integers
          ? a.dtype() != DataType.I32
          : a.dtype() != DataType.F32 && a.dtype() != DataType.F64) {
        throw new IllegalArgumentException(
            "state: "
                + e.getKey()
                + " is "
                + a.dtype()
                + ", expected "
                + (integers ? "I32" : "F32 or F64"));
      }
    }
    for (String name : arrays.keySet()) {
      if (!own.containsKey(name)) {
        throw new IllegalArgumentException("state: " + name + " is not part of this model");
      }
    }
    own.forEach((name, t) -> {
      HostArray a = arrays.get(name);
      switch (a.dtype()) {
        case I32 -> t.set(a.ints());
        case F64 -> t.set(a.doubles());
        default -> t.set(a.floats());
      }
    });
  }

  /** SHA-256 over names, shapes and float32 bits of the parameters of this part, in hexadecimal. */
  public String parameterHash() {
    MessageDigest digest = Sha256.start();
    parameterTensors()
        .forEach((name, t) -> {
          digest.update((name + t.shape()).getBytes(StandardCharsets.UTF_8));
          float[] values = t.toFloats();
          ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asFloatBuffer().put(values);
          digest.update(bytes);
        });
    return Sha256.finish(digest);
  }

  /** A table of the parameters of this part: name, shape of one member, and how many numbers. */
  public String summary() {
    StringBuilder out = new StringBuilder();
    Map<String, Tensor> own = parameterTensors();
    int width = own.keySet().stream().mapToInt(String::length).max().orElse(4);
    String row = "%-" + width + "s  %-16s %,12d%n";
    own.forEach((name, t) ->
        out.append(
            String.format(Locale.ROOT, row, name, t.shape().without(0), t.size() / members())));
    out.append(
        String.format(
            Locale.ROOT, row, "total", "× " + members() + " members", parametersPerMember()));
    return out.toString();
  }
}
