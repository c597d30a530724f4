package dev.troupe.kernels;

import dev.troupe.kernels.PtxMutator.Mutant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@link MutantRun} writes into {@code docs/mutants.md}: tables, and the survivors in groups.
 * The groups are the page's own, written by hand: a survivor that the page already has stays in its
 * group, whatever its line's number is now.
 */
final class MutantPage {
  private static final String BEGIN = "<!-- begin: written by MutantRun -->\n";
  private static final String END = "<!-- end -->";
  private static final String NOT_REACHED = "Open: no case comes there";
  private static final String REACHED = "Open: reached, and no case tells the difference";
  private static final Pattern GROUP = Pattern.compile("\\*\\*(.+)\\*\\* \\(\\d+\\):");
  private static final Pattern SURVIVOR = Pattern.compile("- `(\\S+):\\d+` (`\\S+`, .+: `.*`)");

  /** How a mutant ended. */
  enum End {
    WRONG(false),
    FAULT(false),
    HANG(false),
    SURVIVED(true),
    NOT_REACHED(true), // no case comes to the changed line
    INVALID(false); // no PTX: not counted

    final boolean survived;

    End(boolean survived) {
      this.survived = survived;
    }
  }

  /**
   * What has become of a mutant.
   *
   * @param key tells it from all others
   */
  record Outcome(String key, End end, long milliseconds) {
    private static final String BETWEEN = " | ";
    private static final Pattern LINE = Pattern.compile("(.*) \\| ([A-Z_]+) \\| (\\d+)");

    static String key(String hash, String file, Mutant mutant) {
      String place = hash + " " + file + ":" + mutant.line();
      String change = (mutant.was() + " -> " + mutant.is()).replaceAll("\\s+", " ");
      return String.join(BETWEEN, place, mutant.entry(), mutant.operator(), change);
    }

    /** Those of a file's lines that are as {@link #toString} writes them. */
    static List<Outcome> read(Path file) throws IOException {
      List<Outcome> outcomes = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        Matcher parts = LINE.matcher(line);
        if (parts.matches()) {
          long milliseconds = Long.parseLong(parts.group(3));
          outcomes.add(new Outcome(parts.group(1), End.valueOf(parts.group(2)), milliseconds));
        }
      }
      return outcomes;
    }

    @Override
    public String toString() {
      return String.join(BETWEEN, key, end.name(), Long.toString(milliseconds));
    }

    private String part(int i) {
      return key.split(Pattern.quote(BETWEEN), 4)[i];
    }

    String place() {
      return part(0).substring(part(0).indexOf(' ') + 1);
    }

    String file() {
      return place().substring(0, place().indexOf(':'));
    }

    String operator() {
      return part(2);
    }

    /** What {@link MutantPage} has the number of places of. */
    String kernelAndOperator() {
      return kind(file(), part(1), operator());
    }

    static String kind(String file, String entry, String operator) {
      return String.join(BETWEEN, file, entry, operator);
    }

    String description() {
      String was = part(3).substring(0, part(3).indexOf(" -> "));
      return "`" + part(1) + "`, " + operator() + ": `" + was + "`";
    }
  }

  private final List<Outcome> outcomes;
  private final Map<String, Integer> places;

  /**
   * Of the mutants that are PTX.
   *
   * @param places how many there are where such a fault could be made, by {@link
   *     Outcome#kernelAndOperator}
   */
  MutantPage(List<Outcome> outcomes, Map<String, Integer> places) {
    this.outcomes = outcomes;
    this.places = places;
  }

  void write(Path file) throws IOException {
    String page = Files.readString(file);
    int from = page.indexOf(BEGIN) + BEGIN.length();
    int to = page.indexOf(END, from);
    String now = "\n" + tables() + survivors(page.substring(from, to));
    Files.writeString(file, page.substring(0, from) + now + page.substring(to));
  }

  String tables() {
    StringBuilder text = new StringBuilder();
    table(text, "file", Outcome::file);
    table(text, "fault", Outcome::operator);
    text.append(
        String.format(
            "Where each mutant counts as the places of its kind in its kernel that it stands for:"
                + " %.1f %% killed.%n%n",
            100 * killedOfPlaces()));
    long minutes = outcomes.stream().mapToLong(Outcome::milliseconds).sum() / 60_000;
    return text.append("To try them took ")
        .append(minutes)
        .append(" minutes, those of all threads added up.\n\n")
        .toString();
  }

  private double killedOfPlaces() {
    Map<String, List<Outcome>> alike = new HashMap<>();
    for (Outcome outcome : outcomes) {
      alike.computeIfAbsent(outcome.kernelAndOperator(), k -> new ArrayList<>()).add(outcome);
    }
    double all = 0;
    double killed = 0;
    for (Map.Entry<String, List<Outcome>> kind : alike.entrySet()) {
      int of = places.get(kind.getKey());
      long survived = kind.getValue().stream().filter(outcome -> outcome.end.survived).count();
      all += of;
      killed += of * (1 - (double) survived / kind.getValue().size());
    }
    return killed / all;
  }

  private void table(StringBuilder to, String what, Function<Outcome, String> row) {
    Map<String, List<Outcome>> rows = new TreeMap<>();
    for (Outcome outcome : outcomes) {
      rows.computeIfAbsent(row.apply(outcome), k -> new ArrayList<>()).add(outcome);
    }
    to.append("| ").append(what).append(" | places | mutants | wrong result | fault | no end");
    to.append(" | survived | killed, % |\n|---|--:|--:|--:|--:|--:|--:|--:|\n");
    rows.forEach((name, of) -> line(to, name, of));
    line(to, "all", outcomes);
    to.append('\n');
  }

  private void line(StringBuilder to, String name, List<Outcome> of) {
    int there = of.stream().map(Outcome::kernelAndOperator).distinct().mapToInt(places::get).sum();
    int[] ends = new int[End.values().length];
    of.forEach(outcome -> ends[outcome.end().ordinal()]++);
    int survived = ends[End.SURVIVED.ordinal()] + ends[End.NOT_REACHED.ordinal()];
    to.append(
        String.format(
            "| %s | %d | %d | %d | %d | %d | %d | %.1f |%n",
            name,
            there,
            of.size(),
            ends[End.WRONG.ordinal()],
            ends[End.FAULT.ordinal()],
            ends[End.HANG.ordinal()],
            survived,
            100.0 * (of.size() - survived) / Math.max(1, of.size())));
  }

  private String survivors(String before) {
    Map<String, String> groups = new HashMap<>(); // by survivor
    String group = "";
    for (String line : before.lines().toList()) {
      Matcher heading = GROUP.matcher(line);
      Matcher survivor = SURVIVOR.matcher(line);
      if (heading.matches()) {
        group = heading.group(1);
      } else if (survivor.matches() && !group.startsWith("Open")) {
        groups.put(survivor.group(1) + " " + survivor.group(2), group);
      }
    }
    Map<String, List<String>> grouped = new TreeMap<>();
    int equivalent = 0;
    List<Outcome> sorted = outcomes.stream().filter(o -> o.end().survived).toList();
    for (Outcome o : sorted) {
      String open = o.end() == End.NOT_REACHED ? NOT_REACHED : REACHED;
      String of = groups.getOrDefault(o.file() + " " + o.description(), open);
      equivalent += of.startsWith("Equivalent") ? 1 : 0;
      grouped
          .computeIfAbsent(of, k -> new ArrayList<>())
          .add("- `" + o.place() + "` " + o.description() + "\n");
    }
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "## Survivors%n%n%d mutants survive, %d of them equivalent: they change nothing that a"
                + " test could see. Each with its kind and the%nline that was changed.%n%n",
            sorted.size(), equivalent));
    grouped.forEach((name, of) -> {
      of.sort(Comparator.naturalOrder());
      text.append("**").append(name).append("** (").append(of.size()).append("):\n");
      of.forEach(text::append);
      text.append('\n');
    });
    return text.toString();
  }
}
