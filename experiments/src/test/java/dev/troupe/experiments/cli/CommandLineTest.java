package dev.troupe.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.experiments.CountingExperiment;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.Version;
import dev.troupe.experiments.run.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class CommandLineTest {
  @TempDir Path temp;

  private record Result(int code, String out, String err) {}

  private static Result troupe(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    int code =
        TroupeCommand.execute(
            console, List.of(new CountingExperiment()), List.of(new Extra()), args);
    return new Result(code, out.toString(UTF_8), err.toString(UTF_8));
  }

  /** As the bench module adds its own. */
  @Command(name = "extra", description = "Another module's command.")
  static final class Extra implements Runnable {
    @Option(names = "--fail", description = "Fails.")
    private boolean fail;

    @Override
    public void run() {
      if (fail) {
        throw new UserException(ExitCode.FILES, "extra: no file");
      }
    }
  }

  @Test
  void helpShowsTheCommandsAndExitCodes() {
    Result result = troupe("--help");
    assertThat(result.err).isEmpty();
    assertThat(result.code).isZero();
    assertThat(result.out)
        .isEqualTo(
            """
            Usage: troupe [-h] [--verbose] COMMAND
            Trains ensembles of GANs and measures what their samples are worth.
              -h, --help      Shows this text.
                  --verbose   Shows the stack trace of an error.
            Commands:
              list     Lists the experiments.
              run      Runs an experiment, or goes on with it where it was interrupted.
              data     Lists, downloads, checks and shows data sets.
              doctor   Shows what this machine offers, and what is missing and how to get
                         it.
              extra    Another module's command.
              version  Prints the version.

            Exit codes:
                0   done, or already finished
                1   internal error: a fault of Troupe, please report it
                2   wrong command line, unknown experiment, setting or value
                3   a file is missing, damaged or foreign, or cannot be written
                      (permissions, full disk)
                4   the run directory is in use, holds a different run, or holds something
                      else
                5   NaN or infinity in a training
                6   not enough memory
                7   the device that was asked for is not on this machine
              130   interrupted; the same command goes on from the checkpoint
            """);
  }

  @Test
  void helpOfRunShowsTheOptions() {
    Result result = troupe("run", "--help");
    assertThat(result.err).isEmpty();
    assertThat(result.code).isZero();
    assertThat(result.out)
        .isEqualTo(
            """
            Usage: troupe run [-h] [--check-numerics] [--no-cache] [--no-graph]
                              [--own-kernels] [--profile] [--verbose] [--cache=DIR]
                              [--classes=N] [--classifier=NAME] [--data=DIR]
                              [--dataset=NAME] [--device=D] [--ensemble=NAME] [--gan=NAME]
                              [--members=N] [--out=DIR] [--precision=fp32|tf32]
                              [--preset=quick|paper] [--seed=N] [--seeds=A..B]
                              [--threads=N] [--set=key=value]... [EXPERIMENT]
            Runs an experiment, or goes on with it where it was interrupted.
            'troupe run EXPERIMENT --help' shows what can be set.

                  [EXPERIMENT]           Its name, as 'troupe list' shows it.
                  --preset=quick|paper   Smaller, for minutes on two cores, or the paper's
                                           own numbers. Default: quick.
                  --seed=N               Keys all randomness. Default: 1.
                  --seeds=A..B           One run for each seed from A to B, in DIR/seedN,
                                           and a table over all of them.
                  --threads=N            Threads that compute; they change no result.
                                           Default: all cores.
                  --out=DIR              The run directory. Default:
                                           runs/EXPERIMENT/PRESET-seedN.
                  --device=D             cpu: fast kernels in float; cuda: an NVIDIA GPU;
                                           ptx: its kernels, interpreted and checked;
                                           reference: naive loops in double. Default: cpu.
                  --precision=fp32|tf32  Of matrix products on cuda and ptx. Default: fp32.
                  --own-kernels          On cuda: computes without cuBLAS and cuDNN, though
                                           they be there.
                  --no-graph             Computes each step anew, instead of replaying the
                                           first; changes no result.
                  --profile              On cuda and ptx: shows how long each kernel of a
                                           training step takes; on ptx also how it uses
                                           memory.
                  --set=key=value        Changes a setting; may be given several times.
                  --dataset=NAME         --set dataset=NAME, for experiments with such a
                                           setting.
                  --gan=NAME             --set gan=NAME.
                  --ensemble=NAME        --set ensemble=NAME.
                  --members=N            --set members=N.
                  --classes=N            --set classes=N.
                  --classifier=NAME      --set classifier=NAME.
                  --data=DIR             Where the data sets are. Default: $TROUPE_DATA.
                  --cache=DIR            Where experiments on data sets keep trainings for
                                           other runs. Default: runs/cache.
                  --no-cache             Neither takes trainings from there nor puts them.
                  --check-numerics       Stops at the first NaN or infinity and names its
                                           op. Slow.
              -h, --help                 Shows this text; with EXPERIMENT also its settings.
                  --verbose              Shows the stack trace of an error.
            """);
  }

  @Test
  void helpOfAnExperimentShowsItsSettings() {
    Result result = troupe("run", "test/counting", "--help");
    assertThat(result.code).isZero();
    assertThat(result.out).startsWith(troupe("run", "--help").out);
    assertThat(result.out)
        .endsWith(
            """

            test/counting: adds seeded random numbers
            no paper

            Settings (--set key=value), with their defaults in each preset:
              key           quick     paper   expected
              steps         20        400     an integer in [1, 1000000]
                            numbers added
              points        7         9       an integer of at least 1
                            points drawn once
              learningRate  0.001     0.0001  a number in (0, 1]
                            Adam's step
              shuffle       false     true    true or false
                            whether to shuffle
              loss          logistic  hinge   one of logistic, hinge
                            which loss
              fault         none      none    one of none, memory, bug, disk
                            what goes wrong half way
              interval      5         50      an integer in [1, 1000]
                            steps between checkpoints
            """);
    assertThat(troupe("run", "--help", "test/counting").out).isEqualTo(result.out);
    assertThat(troupe("run", "counting", "--help").err)
        .isEqualTo("error: unknown experiment 'counting'; did you mean 'test/counting'?\n");
  }

  @Test
  void everyCommandHasHelp() {
    for (String command : List.of("list", "run", "data", "doctor", "version", "extra")) {
      Result result = troupe(command, "--help");
      assertThat(result.out).startsWith("Usage: troupe " + command + " [-h]");
      assertThat(result.err).isEmpty();
      assertThat(result.code).isZero();
    }
  }

  @Test
  void listShowsNameDescriptionAndPaper() {
    assertThat(troupe("list"))
        .isEqualTo(
            new Result(
                0, "test/counting  adds seeded random numbers\n               no paper\n", ""));
  }

  @Test
  void versionIsOneLine() {
    assertThat(troupe("version").out)
        .isEqualTo("troupe " + Version.current() + ", Java " + Runtime.version() + "\n");
    assertThat(Version.current()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
  }

  @Test
  void doctorHasALineForEverything() {
    Result result = troupe("doctor");
    assertThat(result.code).isZero();
    assertThat(result.err).isEmpty();
    assertThat(result.out.lines().map(line -> line.split(" ")[0]))
        .containsExactly(
            "Troupe", "JDK", "System", "CPU", "Cores", "Vectors", "FMA", "Memory", "GPU", "cuBLAS",
            "cuDNN");
    assertThat(result.out)
        .contains("JDK       " + Runtime.version())
        .containsPattern("Vectors   \\d+ bits, \\d+ floats")
        .containsPattern("Cores     \\d+\n")
        .containsPattern("FMA       (yes|no)")
        .containsPattern("Memory    \\d+\\.\\d GiB");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          "" | which command? (see 'troupe --help')
          rnu | unknown command 'rnu'; did you mean 'run'? (see 'troupe --help')
          xyzzy | unknown command 'xyzzy' (see 'troupe --help')
          --verbos | unknown option '--verbos'; did you mean '--verbose'? (see 'troupe --help')
          list all | unexpected 'all' (see 'troupe list --help')
          run | run: which experiment? 'troupe list' shows all of them
          run test/counting more | unexpected 'more' (see 'troupe run --help')
          run --sed 3 | unknown option '--sed'; did you mean '--seed'? (see 'troupe run --help')
          run --seed | missing required parameter for option '--seed' (N) (see 'troupe run --help')
          run tets/counting | unknown experiment 'tets/counting'; did you mean 'test/counting'?
          run imagenet | unknown experiment 'imagenet'; 'troupe list' shows all
          run test/counting --preset fast | --preset: 'fast' is unknown, expected one of quick, paper
          run test/counting --device gpu | --device: 'gpu' is unknown, expected one of cpu, reference, cuda, ptx
          run test/counting --profile | --profile is for --device cuda and ptx, not for cpu
          run test/counting --precision tf32 --device reference | --precision is for --device cuda and ptx, not for reference
          run test/counting --own-kernels --device ptx | --own-kernels is for --device cuda, not for ptx
          run test/counting --seed x | --seed: 'x' is not an integer, expected an integer of at least 0
          run test/counting --seed -1 | --seed: '-1' is out of range, expected an integer of at least 0
          run test/counting --threads 0 | --threads: '0' is out of range, expected an integer in [1, 1024]
          run test/counting --seeds 3 | --seeds: '3' is no range of seeds, expected A..B with A <= B and at most 1000 seeds, such as 1..5
          run test/counting --seeds 3..1 | --seeds: '3..1' is out of range, expected A..B with A <= B and at most 1000 seeds, such as 1..5
          run test/counting --seeds 1..2 --seed 1 | run: give --seed or --seeds, not both
          run test/counting --set setps=3 | test/counting: unknown setting 'setps'; did you mean 'steps'?
          run test/counting --set steps=0 | setting steps: '0' is out of range, expected an integer in [1, 1000000]
          run test/counting --set interval=30 | setting interval: 30 is above steps, which is 20
          """)
  void aWrongCommandLineIsOneSentence(String args, String message) {
    Result result = args.isEmpty() ? troupe() : troupe(args.split(" "));
    assertThat(result).isEqualTo(new Result(2, "", "error: " + message + "\n"));
  }

  @Test
  void anotherModulesCommandFailsTheSameWay() {
    assertThat(troupe("extra")).isEqualTo(new Result(0, "", ""));
    assertThat(troupe("extra", "--fail")).isEqualTo(new Result(3, "", "error: extra: no file\n"));
  }

  @Test
  void aRunPrintsItsResultAndIsNotRepeated() throws IOException {
    String dir = temp.resolve("a").toString();
    Result first = troupe("run", "test/counting", "--out", dir, "--seed", "3");
    assertThat(first.code).isZero();
    assertThat(first.out)
        .isEqualTo("| sum | 8097 |\n\n" + dir + "/table1.md\n" + dir + "/results.json\n");
    assertThat(first.err).startsWith("adding: 20 of 20 (100 %), 0:00 elapsed, sum 8097");
    byte[] metrics = Files.readAllBytes(temp.resolve("a/metrics.jsonl"));

    Result again = troupe("run", "test/counting", "--out", dir, "--seed", "3");
    assertThat(again)
        .isEqualTo(new Result(0, first.out, dir + ": finished already, nothing computed\n"));
    assertThat(temp.resolve("a/metrics.jsonl")).hasBinaryContent(metrics);

    Result other = troupe("run", "test/counting", "--out", dir, "--set", "points=8");
    assertThat(other)
        .isEqualTo(
            new Result(
                4,
                "",
                "error: "
                    + dir
                    + ": holds a different run: seed is 3, not 1; points is 7, not 8 (give the same"
                    + " values, or another --out)\n"));
  }

  @Test
  void seedsRunEachInItsOwnDirectory() throws IOException {
    String[] args = {"run", "test/counting", "--out", temp.toString(), "--seeds", "3..5"};
    Result result = troupe(args);
    assertThat(result.code).isZero();
    assertThat(result.out)
        .isEqualTo(
            """
            # test/counting, quick, seeds 3..5

            | table | row | metric | mean | std | seeds |
            |---|---|---|--:|--:|--:|
            | table1 | sum | total | 9493 | 1234 | 3 |
            | table1 | sum | undefined | – | – | 0 |

            std is the sample standard deviation over the seeds' means.

            - seed 3: seed3/table1.md
            - seed 4: seed4/table1.md
            - seed 5: seed5/table1.md

            %s/seeds.md
            """
                .formatted(temp));
    assertThat(result.out).startsWith(Files.readString(temp.resolve("seeds.md")));
    assertThat(result.err).contains("seed 4 of 3..5, in " + temp.resolve("seed4"));
    // Once more: nothing is computed, and the answer is the same.
    Result again = troupe(args);
    assertThat(again.out).isEqualTo(result.out);
    assertThat(again.err).doesNotContain("adding");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bug  | 1 | internal error: IllegalStateException: matmul: inner sizes differ, [2, 3] x [4, 5] (--verbose shows where)
          disk | 3 | r/a.png: No space left on device
          """)
  void aFailureHalfWayIsOneSentence(String fault, int code, String message) {
    String[] args = {"run", "test/counting", "--out", temp.toString(), "--set", "fault=" + fault};
    for (int i = 0; i < 2; i++) { // the second time it goes on from its checkpoint
      Result result = troupe(args);
      assertThat(result.code).isEqualTo(code);
      assertThat(result.out).isEmpty();
      assertThat(result.err).endsWith("\nerror: " + message + "\n").doesNotContain("\tat ");
    }
  }

  @Test
  void verboseShowsTheStackTrace() {
    Result result =
        troupe("run", "test/counting", "--out", temp.toString(), "--set", "fault=bug", "--verbose");
    assertThat(result.err).contains("\tat dev.troupe.experiments.CountingExperiment.fail(");
  }

  @Test
  void aMissingGpuIsOneSentence() {
    Result doctor = troupe("doctor");
    assumeTrue(doctor.out.contains("no libcuda.so.1"), "no driver on this machine");
    Path out = temp.resolve("none");
    assertThat(troupe("run", "test/counting", "--device", "cuda", "--out", out.toString()))
        .isEqualTo(
            new Result(
                ExitCode.DEVICE.code(),
                "",
                "error: cuda: NVIDIA's driver (libcuda.so.1) cannot be loaded; install it, or take"
                    + " --device cpu or ptx\n"));
    assertThat(out).doesNotExist();
  }

  @Test
  void theTableOfExitCodesIsComplete() throws IOException {
    String text = Files.readString(Path.of("..", "docs", "exit-codes.md"));
    for (ExitCode code : ExitCode.values()) {
      assertThat(text).contains("| " + code.code() + " | " + code.meaning() + " |");
    }
  }
}
