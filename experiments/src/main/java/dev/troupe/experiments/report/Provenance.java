package dev.troupe.experiments.report;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Preset;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.Version;
import dev.troupe.experiments.run.Machine;
import dev.troupe.experiments.run.RunContext;
import dev.troupe.kernels.Precision;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a report says of the run that it is about: how to repeat it, and where it differs. */
public final class Provenance {
  private Provenance() {}

  /**
   * The header of {@code results.json}.
   *
   * @param parameterHash SHA-256 over the trained parameters
   */
  public static Results.Header header(
      Experiment experiment, RunContext context, String parameterHash) {
    return new Results.Header(
        Version.current(),
        experiment.name(),
        context.settings().preset().toString(),
        context.seed(),
        new LinkedHashMap<>(context.settings().canonical()),
        context.choice().toString(),
        context.metrics().wallSeconds(),
        parameterHash);
  }

  /**
   * What was run and, against the paper's settings, what was made smaller or larger.
   *
   * @param subject how the sentence begins, as in {@code 8 GANs on the 25-Gaussian grid}
   * @param declared all settings
   * @param unimportant those that make a run neither smaller nor larger
   */
  public static String lead(
      String subject, Settings s, List<Setting<?>> declared, Set<Setting<?>> unimportant) {
    List<String> changes = new ArrayList<>();
    for (Setting<?> setting : declared) {
      String ours = s.canonical().get(setting.name());
      String papers = paperValue(setting);
      if (!ours.equals(papers) && !unimportant.contains(setting)) {
        changes.add(setting.name() + " " + ours + " instead of " + papers);
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

  private static <T> String paperValue(Setting<T> setting) {
    return setting.domain().format(setting.paper());
  }

  /** The exact command that gives the same numbers. */
  public static String command(Experiment experiment, RunContext context) {
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

  /** Machine and software, name to value. */
  public static Map<String, String> environment(RunContext context) throws IOException {
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
