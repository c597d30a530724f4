package dev.troupe.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlReportTest {
  private static final String NASTY = "<script>alert('x')</script> & \"quotes\" `a<b` 5 %";

  private static Report report() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("<key>", "<value>");
    values.put("rate", 1e-4);
    byte[] png = Plots.charts(List.of(Plots.Chart.of("T", "x", "y", List.of())));
    return new Report(
        NASTY,
        NASTY,
        List.of(new Report.Highlight("24.5 / 25", NASTY)),
        List.of(
            new Report.Section(
                "Results & more",
                List.of(
                    new Report.Text(NASTY),
                    new Report.Notes(List.of(NASTY)),
                    new Report.Definitions(Map.of(NASTY, NASTY)),
                    new Report.Values("a", "b", values),
                    new Report.Code("./troupe run a && b > c"),
                    new Report.Table(ComparisonTableTest.table()),
                    new Report.Findings(
                        List.of(
                            new Report.Finding(NASTY, true, NASTY),
                            new Report.Finding("b", false, "c"),
                            new Report.Finding("d", null, "e"))),
                    new Report.Picture("f.png", png, NASTY, "A \"plot\" of <x> & y")))));
  }

  private static Document parse(String html) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  @Test
  void pageIsWellFormedWhateverTheTextHolds() throws Exception {
    String html = HtmlReport.render(report());
    Document page = parse(html);
    assertThat(page.getElementsByTagName("script").getLength()).isZero();
    assertThat(text(page, "h1")).isEqualTo(NASTY.replace("`", "").replace(" %", "\u00A0%"));
    assertThat(text(page, "title")).contains("<script>alert('x')</script> & \"quotes\"");
    assertThat(text(page, "pre")).isEqualTo("./troupe run a && b > c");
    Element nav = (Element) page.getElementsByTagName("nav").item(0);
    Element link = (Element) nav.getElementsByTagName("a").item(0);
    assertThat(link.getAttribute("href")).isEqualTo("#results-more");
    assertThat(((Element) page.getElementsByTagName("h2").item(0)).getAttribute("id"))
        .isEqualTo("results-more");
  }

  @Test
  void pageNeedsNothingElse() throws Exception {
    String html = HtmlReport.render(report());
    assertThat(html).doesNotContain("http:", "https:", "@import", "url(", "<link");
    Element image = (Element) parse(html).getElementsByTagName("img").item(0);
    assertThat(image.getAttribute("src")).startsWith("data:image/png;base64,iVBORw0KGgo");
    assertThat(image.getAttribute("alt")).isEqualTo("A \"plot\" of <x> & y");
    assertThat(image.getAttribute("width")).isEqualTo("1280");
    assertThat(Integer.parseInt(image.getAttribute("height"))).isBetween(300, 600);
  }

  @Test
  void tableSetsOursBesideThePapers() throws Exception {
    Document page = parse(HtmlReport.render(report()));
    Element table = null;
    NodeList tables = page.getElementsByTagName("table");
    for (int i = 0; i < tables.getLength(); i++) {
      Element t = (Element) tables.item(i);
      table = t.getAttribute("class").equals("comparison") ? t : table;
    }
    NodeList rows = table.getElementsByTagName("tr");
    assertThat(rows.getLength()).isEqualTo(5); // two heads, three rows
    assertThat(rows.item(0).getTextContent()).isEqualTo("ModesKL");
    assertThat(rows.item(1).getTextContent()).isEqualTo("ourspaperotheroursothern");
    assertThat(rows.item(2).getTextContent()).isEqualTo("GAN17.3 ± 2.018.8 ± 2.7–––1,000");
    assertThat(((Element) rows.item(4)).getAttribute("class")).isEqualTo("published");
  }

  @Test
  void findingsHaveAVerdict() throws Exception {
    NodeList verdicts = parse(HtmlReport.render(report())).getElementsByTagName("strong");
    assertThat(verdicts.getLength()).isEqualTo(3);
    assertThat(verdicts.item(0).getTextContent()).isEqualTo("seen");
    assertThat(verdicts.item(1).getTextContent()).isEqualTo("not seen");
    assertThat(verdicts.item(2).getTextContent()).isEqualTo("not measured");
    assertThat(((Element) verdicts.item(1).getParentNode()).getAttribute("class"))
        .isEqualTo("not-seen");
  }

  @Test
  void backticksAreCode() {
    assertThat(HtmlReport.inline("see `a<b` and `c`"))
        .isEqualTo("see <code>a&lt;b</code> and <code>c</code>");
    assertThat(HtmlReport.inline("a lone ` stays")).isEqualTo("a lone ` stays");
  }

  private static String text(Document page, String tag) {
    return page.getElementsByTagName(tag).item(0).getTextContent();
  }
}
