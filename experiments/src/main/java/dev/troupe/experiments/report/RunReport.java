package dev.troupe.experiments.report;

import dev.troupe.experiments.report.Report.Finding;
import dev.troupe.experiments.report.Report.Picture;
import dev.troupe.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run leaves behind for its readers: tables as text, a page with figures, and numbers for
 * programs.
 *
 * @param textFile name of the Markdown file
 * @param text what it says, which is also what the run prints
 * @param page becomes {@code report.html}, its pictures files beside it
 * @param results becomes {@code results.json}
 */
public record RunReport(String textFile, String text, Report page, Results results) {

  /** Tables and, below them, what the paper found and a list of remarks. */
  public static String text(
      String lead, List<ComparisonTable> tables, List<Finding> findings, List<String> notes) {
    StringBuilder out = new StringBuilder(lead).append("\n\n");
    tables.forEach(table -> out.append(table.toMarkdown()).append('\n'));
    if (!findings.isEmpty()) {
      out.append("**What the paper found, and whether it is seen here**\n\n");
    }
    remarks(findings, notes).forEach(remark -> out.append("- ").append(remark).append('\n'));
    return out.toString();
  }

  /** Findings as sentences, then the notes. */
  public static List<String> remarks(List<Finding> findings, List<String> notes) {
    List<String> out = new ArrayList<>();
    findings.forEach(f -> out.add(f.verdict() + ": " + f.statement() + " " + f.evidence()));
    out.addAll(notes);
    return out;
  }

  /**
   * Writes all files, {@code results.json} last; a file that is there is replaced in one step.
   *
   * @return their names, the best one to open first
   */
  public List<String> write(Path folder) throws IOException {
    Files.createDirectories(folder);
    List<String> files = new ArrayList<>(List.of("report.html", textFile, "results.json"));
    AtomicFiles.write(folder.resolve(textFile), utf8(text));
    for (Picture picture : page.pictures()) {
      AtomicFiles.write(folder.resolve(picture.file()), picture.png());
      files.add(picture.file());
    }
    AtomicFiles.write(folder.resolve("report.html"), utf8(HtmlReport.render(page)));
    AtomicFiles.write(folder.resolve("results.json"), utf8(results.toJson()));
    return files;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
