package dev.troupe.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes small faults in the text of a kernel: one line changed each. */
final class PtxMutator {
  /**
   * A fault.
   *
   * @param line of the changed line in the file, from 1
   * @param was the line, stripped
   * @param is what it has become
   */
  record Mutant(String operator, String entry, int line, String was, String is) {
    /** One that gives up where the fault would be: whether any test comes there. */
    Mutant reached() {
      return new Mutant(operator, entry, line, was, "trap;");
    }
  }

  private static final Pattern SHIFTED =
      Pattern.compile(
          "(\\s*(?:@!?\\S+\\s+)?(?:ld|st)\\.(?:global|shared|local)\\S*\\s.*\\[[^]+]+)"
              + "(?:\\+(-?\\d+))?(\\].*)");
  private static final Pattern COPY = // in the background, of the last number of bytes
      Pattern.compile(
          "(\\s*cp\\.async\\.\\S+ \\[[^]]+\\], \\[[^]+]+)(?:\\+(\\d+))?(\\], (\\d+),.*)");
  private static final Pattern GUARD = Pattern.compile("\\s*@!?%p\\d+\\s+bra.*");
  private static final Pattern BOTH =
      Pattern.compile("(\\s*)(?:and|or)\\.pred(\\s+\\S+),\\s*(\\S+),\\s*(\\S+);");
  private static final Pattern BOUND =
      Pattern.compile("(\\s*setp\\.)(lt|le|gt|ge)(\\.[su]\\d+\\s.*)");
  private static final Map<String, String> MOVED =
      Map.of("lt", "le", "le", "lt", "gt", "ge", "ge", "gt");
  private static final Pattern SELECTION =
      Pattern.compile("(\\s*selp\\.\\S+\\s+\\S+),\\s*(\\S+),\\s*(\\S+)(,\\s*\\S+;)");
  private static final Pattern VOTE = Pattern.compile("(\\s*vote\\.sync\\..*,\\s*)(\\S+);");
  private static final Pattern FRAGMENT = // the second factor's, of a matrix instruction
      Pattern.compile("(\\s*mma\\.sync.*\\}, \\{)(%r\\d+), (%r\\d+)(\\}.*)");
  private static final Pattern SHUFFLE =
      Pattern.compile("(\\s*shfl\\.sync\\.)(\\w+)(\\.b32.*,\\s*)(\\S+)(,\\s*\\S+,\\s*)(\\S+)(;.*)");
  private static final Pattern TWO =
      Pattern.compile("(\\s*)([a-z]\\S*)(\\s+\\S+),\\s*([^,;]+),\\s*([^,;]+);");

  private static final String BARRIER = "drop a barrier";
  private static final String WAIT = "drop a wait for copies";
  private static final String MASK = "change a shuffle's mask";
  private static final String VOTES = "change a vote's mask";

  /** What kernels have little of: tried wherever it is. */
  private static final Set<String> EVERYWHERE = Set.of(BARRIER, WAIT, MASK, VOTES);

  private static final String HALF = "drop half of a condition";
  private static final String MOVE = "move a bound by one";
  private static final String SWAP = "swap a selection";

  /** Made only where they are asked for: most are in copies of one line, which few sizes reach. */
  private static final Set<String> FURTHER = Set.of(HALF, MOVE, SWAP);

  private static final Map<String, String> EXCHANGED = new LinkedHashMap<>();

  static {
    exchange("add.rn.f32", "sub.rn.f32");
    exchange("add.s32", "sub.s32");
    exchange("add.s64", "sub.s64");
    exchange("mul.rn.f32", "add.rn.f32");
    exchange("min.s32", "max.s32");
    exchange("min.f32", "max.f32");
    exchange("and.b32", "or.b32");
    exchange("shl.b32", "shr.u32");
    EXCHANGED.put("xor.b32", "or.b32");
    EXCHANGED.put("fma.rn.f32", "mad24");
  }

  private static void exchange(String a, String b) {
    EXCHANGED.put(a, b);
    EXCHANGED.putIfAbsent(b, a);
  }

  private final String[] lines;
  private final boolean further;
  private final List<String> header = new ArrayList<>(); // what every kernel needs
  private final Map<String, int[]> entries = new LinkedHashMap<>(); // first line and one past last

  /**
   * Of a file.
   *
   * @param further whether to make the kinds, too, that most survivors are of
   */
  PtxMutator(String ptx, boolean further) {
    this.further = further;
    lines = ptx.split("\n", -1);
    String open = null;
    int from = 0;
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i];
      if (open == null && line.contains(".entry ")) {
        open = line.replaceFirst(".*\\.entry (\\w+).*", "$1");
        from = i;
      } else if (open != null && line.equals("}")) {
        entries.put(open, new int[] {from, i + 1});
        open = null;
      } else if (open == null) {
        header.add(line);
      }
    }
  }

  /** Tells this text from others. */
  String hash() {
    return String.format("%08x", Arrays.hashCode(lines));
  }

  Iterable<String> entries() {
    return entries.keySet();
  }

  /**
   * Faults of an entry, by kind: at most {@code most}, spread over its text, or all of those that
   * are few.
   */
  List<Mutant> mutants(String entry, int most) {
    List<Mutant> chosen = new ArrayList<>();
    places(entry)
        .forEach((kind, all) -> {
          int n = EVERYWHERE.contains(kind) ? all.size() : Math.min(most, all.size());
          for (int k = 0; k < n; k++) {
            chosen.add(all.get((2 * k + 1) * all.size() / (2 * n)));
          }
        });
    return chosen;
  }

  /** All faults of an entry by kind, in the order of its text. */
  Map<String, List<Mutant>> places(String entry) {
    Map<String, List<Mutant>> byOperator = new LinkedHashMap<>();
    int[] range = entries.get(entry);
    for (int i = range[0]; i < range[1]; i++) {
      for (Map.Entry<String, String> change : changes(lines[i]).entrySet()) {
        if (!further && FURTHER.contains(change.getKey())) {
          continue;
        }
        byOperator
            .computeIfAbsent(change.getKey(), k -> new ArrayList<>())
            .add(
                new Mutant(
                    change.getKey(), entry, i + 1, lines[i].strip(), change.getValue().strip()));
      }
    }
    return byOperator;
  }

  /** The file with the mutant's kernel alone; lines keep their numbers. */
  String text(Mutant mutant) {
    int[] range = entries.get(mutant.entry);
    boolean[] kept = new boolean[lines.length];
    Arrays.fill(kept, true);
    for (int[] other : entries.values()) {
      Arrays.fill(kept, other[0], other[1], other == range);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.length; i++) {
      text.append(i == mutant.line - 1 ? mutant.is : kept[i] ? lines[i] : "").append('\n');
    }
    return text.toString();
  }

  /** How many a load or a store moves: shifted by less it is a misaligned one. */
  private static int bytes(String line) {
    int each = line.matches("[^\\[]*\\.[bsuf]64\\s.*") ? 8 : 4;
    return each * (line.contains(".v4.") ? 4 : line.contains(".v2.") ? 2 : 1);
  }

  private static Map<String, String> changes(String line) {
    Map<String, String> changes = new LinkedHashMap<>();
    if (line.contains("bar.sync") || line.contains("bar.warp.sync")) {
      changes.put(BARRIER, "");
    }
    if (line.contains("cp.async.wait_group")) {
      changes.put(WAIT, "");
    }
    if (GUARD.matcher(line).matches()) {
      changes.put("drop a guard", "");
      changes.put("always branch", line.replaceFirst("@!?%p\\d+\\s+", ""));
    }
    Matcher both = BOTH.matcher(line);
    if (both.matches()) {
      changes.put(HALF, both.replaceFirst("$1mov.pred$2, $3;"));
    }
    Matcher bound = BOUND.matcher(line);
    if (bound.matches()) {
      changes.put(MOVE, bound.group(1) + MOVED.get(bound.group(2)) + bound.group(3));
    }
    Matcher selection = SELECTION.matcher(line);
    if (selection.matches()) {
      changes.put(SWAP, selection.replaceFirst("$1, $3, $2$4"));
    }
    Matcher copy = COPY.matcher(line);
    if (copy.matches()) {
      int from = copy.group(2) == null ? 0 : Integer.parseInt(copy.group(2));
      int by = Integer.parseInt(copy.group(4));
      changes.put("shift a copy", copy.group(1) + "+" + (from + by) + copy.group(3));
    }
    Matcher vote = VOTE.matcher(line);
    if (vote.matches()) {
      changes.put(VOTES, vote.group(1) + "0x0000ffff;");
    }
    Matcher fragment = FRAGMENT.matcher(line);
    if (fragment.matches()) {
      changes.put("swap a fragment", fragment.replaceFirst("$1$3, $2$4"));
    }
    Matcher shifted = SHIFTED.matcher(line);
    if (shifted.matches()) {
      int offset = shifted.group(2) == null ? 0 : Integer.parseInt(shifted.group(2));
      String kind = line.strip().startsWith("st") ? "shift a store" : "shift a load";
      changes.put(kind, shifted.group(1) + "+" + (offset + bytes(line)) + shifted.group(3));
    }
    Matcher shuffle = SHUFFLE.matcher(line);
    if (shuffle.matches()) {
      changes.put(MASK, shuffle.replaceFirst("$1$2$3$4$50x0000ffff$7"));
      changes.put("change a shuffle's distance", shuffle.replaceFirst("$1$2$30$5$6$7"));
    }
    String op = line.strip();
    for (Map.Entry<String, String> e : EXCHANGED.entrySet()) {
      if (op.startsWith(e.getKey())) {
        if (e.getValue().equals("mad24")) {
          String dropped = line.replaceFirst("fma\\.rn\\.f32(.*),[^,;]+;", "mul.rn.f32$1;");
          changes.put("drop a summand", dropped);
        } else {
          changes.put("exchange an operation", line.replace(e.getKey(), e.getValue()));
        }
        break;
      }
    }
    Matcher two = TWO.matcher(line);
    if (two.matches() && op.matches("(sub|div|shl|shr).*")) {
      changes.put("swap operands", two.replaceFirst("$1$2$3, $5, $4;"));
    }
    return changes;
  }
}
