package dev.troupe.experiments.cli;

import dev.troupe.experiments.DeviceKind;
import dev.troupe.experiments.Domain;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Experiments;
import dev.troupe.experiments.Outcome;
import dev.troupe.experiments.Preset;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.data.DataDirectory;
import dev.troupe.experiments.run.Console;
import dev.troupe.experiments.run.DeviceChoice;
import dev.troupe.experiments.run.Folders;
import dev.troupe.experiments.run.Runner;
import dev.troupe.experiments.run.SeedSummary;
import dev.troupe.experiments.run.StopSignal;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.cuda.CudaMachine;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "run",
    sortOptions = false,
    description = {
      "Runs an experiment, or goes on with it where it was interrupted.",
      "'troupe run EXPERIMENT --help' shows what can be set.",
      ""
    })
final class RunCommand implements Callable<Integer> {
  private static final Domain<Integer> THREADS = Domain.integer(1, 1024);
  private static final Domain<Long> SEED = Domain.longInteger(0, Long.MAX_VALUE);
  private static final int MAX_SEEDS = 1000;

  private final Console console;
  private final List<Experiment> experiments;

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "EXPERIMENT",
      description = "Its name, as 'troupe list' shows it.")
  private String name;

  @Option(
      names = "--preset",
      paramLabel = "quick|paper",
      description =
          "Smaller, for minutes on two cores, or the paper's own numbers. Default: quick.")
  private String preset = Preset.QUICK.toString();

  @Option(names = "--seed", paramLabel = "N", description = "Keys all randomness. Default: 1.")
  private String seed;

  @Option(
      names = "--seeds",
      paramLabel = "A..B",
      description =
          "One run for each seed from A to B, in DIR/seedN, and a table over all of them.")
  private String seeds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute; they change no result. Default: all cores.")
  private String threads = Integer.toString(Runtime.getRuntime().availableProcessors());

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run directory. Default: runs/EXPERIMENT/PRESET-seedN.")
  private String out;

  @Option(
      names = "--device",
      paramLabel = "D",
      description =
          "cpu: fast kernels in float; cuda: an NVIDIA GPU; ptx: its kernels, interpreted and"
              + " checked; reference: naive loops in double. Default: cpu.")
  private String device = DeviceKind.CPU.toString();

  @Option(
      names = "--precision",
      paramLabel = "fp32|tf32",
      description = "Of matrix products on cuda and ptx. Default: fp32.")
  private String precision = Precision.FP32.toString();

  @Option(
      names = "--own-kernels",
      description = "On cuda: computes without cuBLAS and cuDNN, though they be there.")
  private boolean ownKernels;

  @Option(
      names = "--no-graph",
      description = "Computes each step anew, instead of replaying the first; changes no result.")
  private boolean noGraph;

  @Option(
      names = "--profile",
      description =
          "On cuda and ptx: shows how long each kernel of a training step takes; on ptx also how it"
              + " uses memory.")
  private boolean profile;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "Changes a setting; may be given several times.")
  private List<String> assignments = new ArrayList<>();

  @Option(
      names = "--dataset",
      paramLabel = "NAME",
      description = "--set dataset=NAME, for experiments with such a setting.")
  private String dataset;

  @Option(names = "--gan", paramLabel = "NAME", description = "--set gan=NAME.")
  private String gan;

  @Option(names = "--ensemble", paramLabel = "NAME", description = "--set ensemble=NAME.")
  private String ensemble;

  @Option(names = "--members", paramLabel = "N", description = "--set members=N.")
  private String members;

  @Option(names = "--classes", paramLabel = "N", description = "--set classes=N.")
  private String classes;

  @Option(names = "--classifier", paramLabel = "NAME", description = "--set classifier=NAME.")
  private String classifier;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the data sets are. Default: $" + DataDirectory.VARIABLE + ".")
  private String data;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Where experiments on data sets keep trainings for other runs. Default: runs/cache.")
  private String cache;

  @Option(names = "--no-cache", description = "Neither takes trainings from there nor puts them.")
  private boolean noCache;

  @Option(
      names = "--check-numerics",
      description = "Stops at the first NaN or infinity and names its op. Slow.")
  private boolean checkNumerics;

  // Not picocli's own kind of help, which would leave out the experiment's settings.
  @Option(
      names = {"-h", "--help"},
      description = "Shows this text; with EXPERIMENT also its settings.")
  private boolean help;

  RunCommand(Console console, List<Experiment> experiments) {
    this.console = console;
    this.experiments = experiments;
  }

  @Override
  public Integer call() throws IOException {
    if (help) {
      console.result(spec.commandLine().getUsageMessage().stripTrailing());
      if (name != null) {
        console.result("");
        console.result(settingsHelp(Experiments.named(name, experiments)));
      }
      return ExitCode.OK.code();
    }
    if (name == null) {
      throw new UserException(
          ExitCode.USAGE, "run: which experiment? 'troupe list' shows all of them");
    }
    Experiment experiment = Experiments.named(name, experiments);
    Preset chosen = constant("--preset", preset, Preset.values());
    Settings settings = Settings.resolve(experiment, chosen, assignments());
    Template template =
        new Template(experiment, settings, choice(), checkNumerics, profile, folders(experiment));
    if (seed != null && seeds != null) {
      throw new UserException(ExitCode.USAGE, "run: give --seed or --seeds, not both");
    }
    if (seeds != null) {
      SeedRange range = SeedRange.parse(seeds, MAX_SEEDS);
      Path parent = directory(template, "seeds" + range);
      try (StopSignal stop = StopSignal.install(console.err())) {
        runAll(template, range, parent, stop);
      }
    } else {
      long one = seed == null ? 1 : SEED.read("--seed", seed);
      Path directory = directory(template, "seed" + one);
      try (StopSignal stop = StopSignal.install(console.err())) {
        Outcome outcome = template.with(one, directory).run(console, stop);
        show(outcome.text(), outcome.files().stream().map(directory::resolve).toList());
      }
    }
    return ExitCode.OK.code();
  }

  /** What {@code --set} and the short forms say. */
  private List<String> assignments() {
    List<String> all = new ArrayList<>();
    put(all, "dataset", dataset);
    put(all, "gan", gan);
    put(all, "ensemble", ensemble);
    put(all, "members", members);
    put(all, "classes", classes);
    put(all, "classifier", classifier);
    all.addAll(assignments);
    return all;
  }

  private static void put(List<String> all, String setting, String value) {
    if (value != null) {
      all.add(setting + "=" + value);
    }
  }

  private Folders folders(Experiment experiment) {
    if (!experiment.readsData()) {
      if (data != null || cache != null || noCache) {
        String option = data != null ? "--data" : cache != null ? "--cache" : "--no-cache";
        throw new UserException(
            ExitCode.USAGE,
            option + " is for experiments on data sets, not for " + experiment.name());
      }
      return Folders.NONE;
    }
    if (noCache && cache != null) {
      throw new UserException(ExitCode.USAGE, "run: give --cache or --no-cache, not both");
    }
    String path = DataDirectory.of(data).path().toString();
    return new Folders(
        path, noCache ? Optional.empty() : Optional.of(path("--cache", cache, "runs/cache")));
  }

  private static Path path(String option, String text, String otherwise) {
    if (text != null && text.isBlank()) {
      throw new UserException(ExitCode.USAGE, option + ": '" + text + "' is no path");
    }
    try {
      return Path.of(text == null ? otherwise : text);
    } catch (InvalidPathException e) {
      throw new UserException(ExitCode.USAGE, option + ": '" + text + "' is no path", e);
    }
  }

  private DeviceChoice choice() {
    DeviceKind kind = constant("--device", device, DeviceKind.values());
    Precision chosen = constant("--precision", precision, Precision.values());
    boolean gpu = kind == DeviceKind.CUDA || kind == DeviceKind.PTX;
    if (!gpu && (profile || chosen != Precision.FP32)) {
      throw new UserException(
          ExitCode.USAGE,
          (profile ? "--profile" : "--precision")
              + " is for --device cuda and ptx, not for "
              + kind);
    }
    if (ownKernels && kind != DeviceKind.CUDA) {
      throw new UserException(
          ExitCode.USAGE, "--own-kernels is for --device cuda, not for " + kind);
    }
    if (kind == DeviceKind.CUDA) {
      CudaMachine.requireGpu(); // before a run directory is made for nothing
    }
    return new DeviceChoice(kind, THREADS.read("--threads", threads), !noGraph, chosen, ownKernels);
  }

  /** A run without its seed and directory. */
  private record Template(
      Experiment experiment,
      Settings settings,
      DeviceChoice choice,
      boolean checkNumerics,
      boolean profile,
      Folders folders) {
    Runner with(long seed, Path directory) {
      return new Runner(
          experiment, settings, seed, choice, checkNumerics, profile, folders, directory);
    }
  }

  private void runAll(Template template, SeedRange range, Path parent, StopSignal stop)
      throws IOException {
    String title =
        template.experiment.name() + ", " + template.settings.preset() + ", seeds " + range;
    SeedSummary summary = new SeedSummary(title);
    for (long one = range.first(); one <= range.last(); one++) {
      if (stop.requested()) {
        throw new UserException(
            ExitCode.INTERRUPTED,
            "interrupted before seed " + one + "; the same command goes on from there");
      }
      Path directory = parent.resolve("seed" + one);
      console.note("seed " + one + " of " + range + ", in " + directory);
      summary.add(one, directory, template.with(one, directory).run(console, stop));
    }
    show(summary.text(), List.of(summary.write(parent)));
  }

  private void show(String text, List<Path> files) {
    console.result(text.stripTrailing());
    console.result("");
    files.forEach(file -> console.result(file.toString()));
  }

  private Path directory(Template template, String last) {
    String name = template.experiment.name();
    return path("--out", out, "runs/" + name + "/" + template.settings.preset() + "-" + last);
  }

  static <E extends Enum<E>> E constant(String option, String text, E[] constants) {
    String[] names = Stream.of(constants).map(Object::toString).toArray(String[]::new);
    String name = Domain.choice(names).read(option, text);
    return constants[List.of(names).indexOf(name)];
  }

  static String settingsHelp(Experiment experiment) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"key", "quick", "paper", "expected"});
    for (Setting<?> setting : experiment.settings()) {
      rows.add(row(setting));
    }
    int[] widths = new int[3];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length() + 2);
      }
    }
    StringBuilder text = new StringBuilder();
    text.append(experiment.name()).append(": ").append(experiment.description()).append('\n');
    text.append(experiment.paper()).append("\n\n");
    text.append("Settings (--set key=value), with their defaults in each preset:\n");
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder("  ");
      for (int i = 0; i < widths.length; i++) {
        line.append(row[i]).append(" ".repeat(widths[i] - row[i].length()));
      }
      text.append(line.append(row[3])).append('\n');
      if (row.length > 4) {
        text.append(" ".repeat(2 + widths[0])).append(row[4]).append('\n');
      }
    }
    return text.toString().stripTrailing();
  }

  private static <T> String[] row(Setting<T> setting) {
    return new String[] {
      setting.name(),
      setting.domain().format(setting.quick()),
      setting.domain().format(setting.paper()),
      setting.domain().describe(),
      setting.description()
    };
  }
}
