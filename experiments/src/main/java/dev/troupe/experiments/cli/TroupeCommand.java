package dev.troupe.experiments.cli;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Nearest;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.run.Console;
import dev.troupe.experiments.run.Failures;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command {@code troupe}. Whatever goes wrong below it comes out as one line on stderr and one
 * of the codes of {@link ExitCode}.
 */
@Command(
    name = "troupe",
    description = "Trains ensembles of GANs and measures what their samples are worth.",
    synopsisSubcommandLabel = "COMMAND")
public final class TroupeCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Shows the stack trace of an error.")
  private boolean verbose;

  private TroupeCommand() {}

  /**
   * Runs a command line.
   *
   * @param extraCommands further subcommands, instances of classes annotated with {@link Command};
   *     they throw {@link UserException} like those here
   * @return the status to end the process with
   */
  public static int execute(
      Console console, List<Experiment> experiments, List<?> extraCommands, String... args) {
    QuietLogging.install();
    TroupeCommand troupe = new TroupeCommand();
    CommandLine line = new CommandLine(troupe);
    line.addSubcommand(new ListCommand(console, experiments));
    line.addSubcommand(new RunCommand(console, experiments));
    line.addSubcommand(DataCommand.line(console));
    line.addSubcommand(new DoctorCommand(console));
    extraCommands.forEach(line::addSubcommand);
    line.addSubcommand(new VersionCommand(console));
    line.setOut(writer(console.out()));
    line.setErr(writer(console.err()));
    line.setUsageHelpAutoWidth(console.terminal());
    line.getCommandSpec().usageMessage().exitCodeListHeading("%nExit codes:%n");
    line.getCommandSpec().usageMessage().exitCodeList(exitCodes());
    for (CommandLine command : commands(line)) {
      if (command.getCommandSpec().findOption("--help") == null) {
        command
            .getCommandSpec()
            .addOption(
                OptionSpec.builder("-h", "--help")
                    .usageHelp(true)
                    .description("Shows this text.")
                    .build());
      }
      command.setExitCodeExceptionMapper(_ -> ExitCode.INTERNAL.code());
      command.setParameterExceptionHandler((e, _) -> troupe.usage(console, e));
      command.setExecutionExceptionHandler((e, _, _) -> troupe.failed(console, e));
    }
    try {
      return line.execute(args);
    } catch (Throwable e) { // errors, such as an exhausted heap, pass picocli by
      return troupe.failed(console, e);
    }
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, stream.charset()), true);
  }

  private static List<CommandLine> commands(CommandLine line) {
    List<CommandLine> all = new ArrayList<>(List.of(line));
    line.getSubcommands().values().forEach(sub -> all.addAll(commands(sub)));
    return all;
  }

  /** The table of exit codes for help texts, in picocli's form. */
  static Map<String, String> exitCodes() {
    Map<String, String> codes = new LinkedHashMap<>();
    for (ExitCode code : ExitCode.values()) {
      codes.put(String.format("%3d", code.code()), code.meaning());
    }
    return codes;
  }

  private int usage(Console console, ParameterException e) {
    CommandLine command = e.getCommandLine();
    String message = Character.toLowerCase(e.getMessage().charAt(0)) + e.getMessage().substring(1);
    if (e instanceof UnmatchedArgumentException unmatched) {
      String argument = unmatched.getUnmatched().getFirst();
      boolean option = argument.startsWith("-");
      List<String> names =
          option
              ? command.getCommandSpec().options().stream().map(OptionSpec::longestName).toList()
              : List.copyOf(command.getSubcommands().keySet());
      message =
          (option ? "unknown option '" : names.isEmpty() ? "unexpected '" : "unknown command '")
              + argument
              + "'"
              + Nearest.to(argument, names)
                  .map(name -> "; did you mean '" + name + "'?")
                  .orElse("");
    }
    console.note(
        "error: " + message + " (see '" + command.getCommandSpec().qualifiedName() + " --help')");
    return ExitCode.USAGE.code();
  }

  private int failed(Console console, Throwable thrown) {
    Failures failure = Failures.of(thrown);
    console.note((failure.exitCode() == ExitCode.INTERRUPTED ? "" : "error: ") + failure.message());
    if (verbose) {
      thrown.printStackTrace(console.err());
    }
    return failure.exitCode().code();
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }
}
