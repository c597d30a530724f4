package dev.troupe.experiments.cli;

import dev.troupe.experiments.Domain;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.data.DataDirectory;
import dev.troupe.experiments.data.DataFileException;
import dev.troupe.experiments.data.Fetch;
import dev.troupe.experiments.data.Fit;
import dev.troupe.experiments.data.ImageFolder;
import dev.troupe.experiments.data.ImageSet;
import dev.troupe.experiments.data.KnownSet;
import dev.troupe.experiments.data.KnownSet.KnownFile;
import dev.troupe.experiments.data.KnownSets;
import dev.troupe.experiments.data.Split;
import dev.troupe.experiments.report.ContactSheet;
import dev.troupe.experiments.run.Console;
import dev.troupe.tensor.io.AtomicFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

@Command(
    name = "data",
    synopsisSubcommandLabel = "COMMAND",
    description = "Lists, downloads, checks and shows data sets.")
final class DataCommand implements Runnable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "Where the data sets are. Default: $" + DataDirectory.VARIABLE + ".")
  private String directory;

  private DataCommand() {}

  /** The command with its own commands. */
  static CommandLine line(Console console) {
    DataCommand data = new DataCommand();
    return new CommandLine(data)
        .addSubcommand(new ListSets(data, console))
        .addSubcommand(new Verify(data, console))
        .addSubcommand(new FetchSets(data, console))
        .addSubcommand(new Show(data, console));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  @Command(name = "list", description = "Lists the published sets, and whether they are here.")
  private static final class ListSets implements Runnable {
    private final DataCommand data;
    private final Console console;

    ListSets(DataCommand data, Console console) {
      this.data = data;
      this.console = console;
    }

    @Override
    public void run() {
      boolean named = data.directory != null || System.getenv(DataDirectory.VARIABLE) != null;
      List<String[]> rows = new ArrayList<>();
      rows.add(new String[] {"set", "two classes", "train", "test", "image", "classes", "here"});
      for (KnownSet set : KnownSets.all()) {
        rows.add(
            new String[] {
              set.name(),
              DataDirectory.twoClassName(set).orElse("-"),
              Integer.toString(set.images(Split.TRAIN)),
              Integer.toString(set.images(Split.TEST)),
              set.frame().toString(),
              Integer.toString(set.classes()),
              named ? here(DataDirectory.of(data.directory), set) : "?"
            });
      }
      table(console, rows);
      if (!named) {
        console.note("with --data DIR or " + DataDirectory.VARIABLE + " it shows what is here");
      }
    }

    private static String here(DataDirectory directory, KnownSet set) {
      long files =
          set.files().stream().filter(file -> Files.exists(directory.locate(set, file))).count();
      return files == set.files().size()
          ? "yes"
          : files == 0 ? "no" : files + " of " + set.files().size() + " files";
    }
  }

  private static void table(Console console, List<String[]> rows) {
    int[] widths = new int[rows.getFirst().length];
    for (String[] row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length() + 2);
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row[i]).append(" ".repeat(widths[i] - row[i].length()));
      }
      console.result(line.toString().stripTrailing());
    }
  }

  @Command(
      name = "verify",
      description = {
        "Checks size, SHA-256 and content of the files of sets.",
        "Ends with code 3 if one is missing or not as published.",
        ""
      })
  private static final class Verify implements Callable<Integer> {
    private final DataCommand data;
    private final Console console;

    @Parameters(
        arity = "0..*",
        paramLabel = "SET",
        description = "Which ones. Default: all of which a file is here.")
    private List<String> names = new ArrayList<>();

    Verify(DataCommand data, Console console) {
      this.data = data;
      this.console = console;
    }

    @Override
    public Integer call() throws IOException {
      DataDirectory directory = DataDirectory.of(data.directory);
      List<KnownSet> sets =
          names.isEmpty()
              ? directory.present()
              : names.stream().map(directory::named).distinct().toList();
      if (sets.isEmpty()) {
        throw new UserException(ExitCode.FILES, directory.path() + ": has no published data set");
      }
      int wrong = 0;
      int files = 0;
      for (KnownSet set : sets) {
        int before = wrong;
        for (KnownFile file : set.files()) {
          files++;
          wrong += check(directory, set, file) ? 0 : 1;
        }
        for (Split split : before == wrong ? Split.values() : new Split[0]) {
          ImageSet images = directory.read(set.name(), split);
          console.result(set.name() + ": " + summary(images));
        }
      }
      if (wrong > 0) {
        throw new UserException(
            ExitCode.FILES,
            directory.path()
                + ": "
                + wrong
                + " of "
                + files
                + " files are missing or not as published; 'troupe data fetch' gets them");
      }
      return ExitCode.OK.code();
    }

    private boolean check(DataDirectory directory, KnownSet set, KnownFile file)
        throws IOException {
      Path place = directory.locate(set, file);
      if (!Files.exists(place)) {
        console.result(place + ": is missing");
        return false;
      }
      try {
        console.result(place + ": " + directory.verify(set, file));
        return true;
      } catch (DataFileException e) {
        console.result(e.getMessage());
        return false;
      }
    }
  }

  private static String summary(ImageSet images) {
    int[] counts = Arrays.stream(images.byClass()).mapToInt(indices -> indices.length).toArray();
    int least = Arrays.stream(counts).min().orElse(0);
    int most = Arrays.stream(counts).max().orElse(0);
    return images.size()
        + " images of "
        + images.frame()
        + " to "
        + images.split()
        + " with, "
        + images.classes().size()
        + " classes of "
        + (least == most ? Integer.toString(least) : least + " to " + most);
  }

  @Command(
      name = "fetch",
      description = {
        "Downloads sets, goes on with what was interrupted, verifies and unpacks.",
        "With --url it gets a .tar.gz or .zip file of images of your own.",
        ""
      })
  private static final class FetchSets implements Callable<Integer> {
    private final DataCommand data;
    private final Console console;

    @Parameters(arity = "1..*", paramLabel = "SET", description = "Which ones.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--url", paramLabel = "URL", description = "An archive; SET names its folder.")
    private String url;

    @Option(names = "--sha256", paramLabel = "HEX", description = "The archive's SHA-256.")
    private String sha256;

    FetchSets(DataCommand data, Console console) {
      this.data = data;
      this.console = console;
    }

    @Override
    public Integer call() throws IOException {
      DataDirectory directory = DataDirectory.of(data.directory);
      Fetch fetch = new Fetch(directory, console, PATIENCE);
      if (url != null || sha256 != null) {
        own(directory, fetch);
      } else {
        for (KnownSet set : names.stream().map(directory::named).distinct().toList()) {
          fetch.set(set);
          console.result(directory.path().resolve(set.folder()).toString());
        }
      }
      return ExitCode.OK.code();
    }

    private void own(DataDirectory directory, Fetch fetch) throws IOException {
      if (url == null || sha256 == null || names.size() != 1) {
        throw new UserException(
            ExitCode.USAGE, "fetch: give --url and --sha256 together, with one SET");
      }
      String name = names.getFirst();
      if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*") || directory.find(name).isPresent()) {
        throw new UserException(
            ExitCode.USAGE,
            "fetch: '" + name + "' is no new name, expected letters, digits, '.', '_' and '-'");
      }
      if (!url.matches("https?://.+")) {
        throw new UserException(
            ExitCode.USAGE, "--url: '" + url + "', expected an address of http or https");
      }
      if (!sha256.matches("[0-9a-fA-F]{64}")) {
        throw new UserException(
            ExitCode.USAGE, "--sha256: '" + sha256 + "', expected 64 hexadecimal digits");
      }
      URI address;
      try {
        address = URI.create(url);
      } catch (IllegalArgumentException e) {
        throw new UserException(ExitCode.USAGE, "--url: '" + url + "' is no address", e);
      }
      fetch.archive(name, address, sha256.toLowerCase(Locale.ROOT));
      console.result(directory.path().resolve(name).toString());
    }
  }

  @Command(
      name = "show",
      sortOptions = false,
      description = {
        "Writes a contact sheet of a set: a PNG with images of each class.",
        "SET is a published set, one in two classes (cifar-ii), or a folder of images.",
        ""
      })
  private static final class Show implements Callable<Integer> {
    private static final Domain<Integer> COLUMNS = Domain.integer(1, 100);
    private static final Domain<Integer> SIZE = Domain.integer(1, 512);
    private static final double TEST_SHARE = 0.2;
    private static final int MAX_SIDE = 1 << 15;

    private final DataCommand data;
    private final Console console;

    @Parameters(paramLabel = "SET", description = "Which one.")
    private String name;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The PNG file.")
    private String out;

    @Option(names = "--split", paramLabel = "train|test", description = "Default: train.")
    private String split = Split.TRAIN.toString();

    @Option(
        names = "--columns",
        paramLabel = "N",
        description = "Images of each class, evenly spread over the set. Default: 12.")
    private String columns = "12";

    @Option(
        names = "--size",
        paramLabel = "N",
        description = "Height and width of images from a folder. Default: 64.")
    private String size = "64";

    @Option(
        names = "--fit",
        paramLabel = "exact|crop|stretch",
        description = "What becomes of images of another size in a folder. Default: crop.")
    private String fit = Fit.CROP.toString();

    Show(DataCommand data, Console console) {
      this.data = data;
      this.console = console;
    }

    @Override
    public Integer call() throws IOException {
      DataDirectory directory = DataDirectory.of(data.directory);
      int count = COLUMNS.read("--columns", columns);
      ImageSet images = read(directory, RunCommand.constant("--split", split, Split.values()));
      List<ContactSheet.Row> rows = new ArrayList<>();
      int[][] byClass = images.byClass();
      for (int c = 0; c < byClass.length; c++) {
        List<byte[]> some = new ArrayList<>();
        int shown = Math.min(count, byClass[c].length);
        for (int i = 0; i < shown; i++) {
          some.add(images.image(byClass[c][(int) ((long) i * byClass[c].length / shown)]));
        }
        rows.add(new ContactSheet.Row(images.classes().get(c), some));
      }
      if ((long) rows.size() * images.frame().height() > MAX_SIDE) {
        throw new UserException(
            ExitCode.USAGE, name + ": " + rows.size() + " classes are too many for a sheet");
      }
      Path file;
      try {
        file = Path.of(out);
      } catch (InvalidPathException e) {
        throw new UserException(ExitCode.USAGE, "--out: '" + out + "' is no path", e);
      }
      String title = images.name() + ", " + images.split() + ", " + images.size() + " images";
      AtomicFiles.write(
          file,
          ContactSheet.png(
              title,
              rows,
              images.frame().channels(),
              images.frame().height(),
              images.frame().width()));
      console.result(images.name() + ": " + summary(images));
      console.result(file.toString());
      return ExitCode.OK.code();
    }

    private ImageSet read(DataDirectory directory, Split wanted) throws IOException {
      Optional<KnownSet> known = directory.find(name);
      Path folder = directory.path().resolve(name);
      if (known.isEmpty() && Files.isDirectory(folder)) {
        return ImageFolder.read(
            name,
            folder,
            wanted,
            new ImageFolder.Options(
                SIZE.read("--size", size),
                RunCommand.constant("--fit", fit, Fit.values()),
                3,
                TEST_SHARE,
                1));
      }
      ImageSet images = directory.readPresent(name, wanted);
      List<Path> missing = directory.missing(directory.named(name), wanted);
      if (!missing.isEmpty()) {
        console.note("without " + missing.size() + " files that are not here");
      }
      return images;
    }
  }
}
