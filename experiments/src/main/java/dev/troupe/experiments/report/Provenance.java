package dev.troupe.experiments.report;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Preset;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.Version;
import dev.troupe.experiments.report.Report.Section;
import dev.troupe.experiments.run.Machine;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.kernels.Precision;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a report says of the run that it is about: how to repeat it, and where it differs.
 *
 * @param header what was run, as {@code results.json} has it
 * @param lead a sentence: what was run and, against the paper's settings, what was made smaller or
 *     larger
 * @param command the exact command that gives the same numbers
 * @param environment machine and software, name to value
 */
public record Provenance(
    Results.Header header, String lead, String command, Map<String, String> environment) {

  /**
   * That of a run which ends here.
   *
   * @param subject how the lead begins, as in {@code 8 GANs on the 25-Gaussian grid}
   * @param unimportant settings that make a run neither smaller nor larger
   * @param parameterHash SHA-256 over the trained parameters
   */
  public static Provenance of(
      Experiment experiment,
      RunContext context,
      String subject,
      Set<Setting<?>> unimportant,
      String parameterHash)
      throws IOException {
    return new Provenance(
        new Results.Header(
            Version.current(),
            experiment.name(),
            context.settings().preset().toString(),
            context.seed(),
            new LinkedHashMap<>(context.settings().canonical()),
            context.choice().toString(),
            context.metrics().wallSeconds(),
            parameterHash),
        lead(subject, context.settings(), experiment.settings(), unimportant),
        command(experiment, context),
        environment(context));
  }

  /** The last sections of a page: how to reproduce the run, its settings, where it was made. */
  public List<Section> sections() {
    Map<String, Object> about = new LinkedHashMap<>(environment);
    about.put("computing time", Report.duration(header.wallSeconds()));
    about.put("parameters (SHA-256)", "`" + header.parameterHash() + "`");
    return List.of(
        new Section(
            "How to reproduce",
            List.of(
                new Report.Code(command),
                new Report.Text(
                    "The same seed and settings give the same parameters bit for bit, on any number"
                        + " of threads: compare `parameter_hash` in `results.json`."))),
        new Section("Settings", List.of(new Report.Values("setting", "value", header.settings()))),
        new Section("Environment", List.of(new Report.Values("what", "value", about))));
  }

  private static String lead(
      String subject, Settings s, List<Setting<?>> declared, Set<Setting<?>> unimportant) {
    List<String> changes = new ArrayList<>();
    for (Setting<?> setting : declared) {
      if (!unimportant.contains(setting)) {
        change(setting, s).ifPresent(changes::add);
      }
    }
    return changes.isEmpty()
        ? subject + ", with the paper's settings."
        : subject
            + (s.preset() == Preset.QUICK ? ", smaller than" : ", unlike")
            + " the paper's run: "
            + String.join(", ", changes)
            + ".";
  }

  private static <T> Optional<String> change(Setting<T> setting, Settings s) {
    String ours = setting.domain().show(s.get(setting));
    String papers = setting.domain().show(setting.paper());
    return ours.equals(papers)
        ? Optional.empty()
        : Optional.of(setting.name() + " " + ours + " instead of " + papers);
  }

  private static String command(Experiment experiment, RunContext context) {
    StringBuilder out = new StringBuilder("./troupe run ").append(experiment.name());
    out.append(" --preset ").append(context.settings().preset());
    out.append(" --seed ").append(context.seed());
    out.append(" --device ").append(context.device());
    if (context.choice().precision() != Precision.FP32) {
      out.append(" --precision ").append(context.choice().precision());
    }
    for (String assignment : context.settings().assignments()) {
      out.append(" --set ").append(assignment);
    }
    return out.toString();
  }

  private static Map<String, String> environment(RunContext context) throws IOException {
    Map<String, String> out = new LinkedHashMap<>();
    out.put("Troupe", Version.current());
    out.put("JDK", Runtime.version().toString());
    out.put("system", Machine.system());
    out.put("processor", Machine.cpu() + ", " + Machine.cores() + " cores");
    out.put("vectors", Machine.vectors());
    out.put("device", context.choice() + ", " + context.threads() + " threads");
    return out;
  }
}
