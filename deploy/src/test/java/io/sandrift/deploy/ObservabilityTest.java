package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sandrift.server.measure.Metric;
import io.sandrift.server.measure.ServerMetrics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The dashboard and the alert rules ask for metrics and labels that servers really have. */
class ObservabilityTest {

  private static final Path OBSERVABILITY = Path.of("observability");

  private static final Pattern NAME = Pattern.compile("\\bsandrift_[a-z0-9_]+");

  /** A name with what is asked of its labels. */
  private static final Pattern SELECTOR = Pattern.compile("(sandrift_[a-z0-9_]+)\\{([^}]*)}");

  private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without) \\(([a-z_, ]*)\\)");

  /** Labels that Prometheus adds. */
  private static final Set<String> FOREIGN = Set.of("instance", "job");

  @Test
  void theDashboardAsksForWhatServersTell() throws Exception {
    JsonNode dashboard =
        new ObjectMapper()
            .readTree(OBSERVABILITY.resolve("grafana/dashboards/sandrift.json").toFile());
    List<String> expressions = new ArrayList<>();
    for (JsonNode expression : dashboard.findValues("expr")) {
      expressions.add(expression.asText());
    }
    assertThat(expressions).hasSizeGreaterThan(20);
    expressions.forEach(ObservabilityTest::check);
  }

  @Test
  void theDashboardsPanelsLieBesideEachOtherAndHaveNumbersOfTheirOwn() throws Exception {
    JsonNode panels =
        new ObjectMapper()
            .readTree(OBSERVABILITY.resolve("grafana/dashboards/sandrift.json").toFile())
            .get("panels");
    Set<Integer> ids = new TreeSet<>();
    Set<String> cells = new TreeSet<>();
    for (JsonNode panel : panels) {
      assertThat(ids.add(panel.get("id").asInt())).isTrue();
      JsonNode at = panel.get("gridPos");
      assertThat(at.get("x").asInt() + at.get("w").asInt()).isLessThanOrEqualTo(24);
      for (int x = 0; x < at.get("w").asInt(); x++) {
        for (int y = 0; y < at.get("h").asInt(); y++) {
          String cell = (at.get("x").asInt() + x) + "/" + (at.get("y").asInt() + y);
          assertThat(cells.add(cell)).as("%s at %s", panel.get("title"), cell).isTrue();
        }
      }
    }
  }

  @Test
  void theAlertsAskForWhatServersTellAndLeadToAnAnswer() throws Exception {
    JsonNode rules =
        new YAMLMapper()
            .readTree(OBSERVABILITY.resolve("alerts.yaml").toFile())
            .at("/groups/0/rules");
    assertThat(rules).hasSizeGreaterThan(8);
    for (JsonNode rule : rules) {
      check(rule.get("expr").asText());
      assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning");
      assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
      assertThat(rule.at("/annotations/description").asText()).isNotBlank();
      String[] runbook = rule.at("/annotations/runbook").asText().split("#");
      assertThat(GuidesTest.headings(Path.of("..").resolve(runbook[0])))
          .as("headings of %s", runbook[0])
          .contains(runbook[1]);
    }
  }

  private static void check(String expression) {
    Map<String, Set<String>> labels = exported();
    Set<String> asked = new TreeSet<>();
    Matcher names = NAME.matcher(expression);
    while (names.find()) {
      assertThat(labels).as("metrics, for %s", expression).containsKey(names.group());
      asked.addAll(labels.get(names.group()));
    }
    asked.addAll(FOREIGN);
    Matcher selectors = SELECTOR.matcher(expression);
    while (selectors.find()) {
      Set<String> known = new TreeSet<>(labels.get(selectors.group(1)));
      known.addAll(FOREIGN);
      for (String condition : selectors.group(2).split(",")) {
        String label = condition.strip().split("=~|!=|!~|=")[0];
        assertThat(known).as("labels of %s", selectors.group(1)).contains(label);
      }
    }
    Matcher groupings = GROUPING.matcher(expression);
    while (groupings.find()) {
      assertThat(asked).as("labels, for %s", expression).contains(groupings.group(1).split(", "));
    }
  }

  /** Names as Prometheus sees them, with the labels of each. */
  private static Map<String, Set<String>> exported() {
    Map<String, Set<String>> exported = new HashMap<>();
    for (Metric metric : ServerMetrics.all()) {
      String label = metric.label();
      Set<String> labels = label == null ? Set.of() : Set.of(label);
      switch (metric.type()) {
        case COUNTER -> exported.put(metric.name() + "_total", labels);
        case GAUGE -> exported.put(metric.name(), labels);
        case SUMMARY -> {
          exported.put(metric.name() + "_count", labels);
          exported.put(metric.name() + "_sum", labels);
          Set<String> withQuantile = new TreeSet<>(labels);
          withQuantile.add("quantile");
          exported.put(metric.name(), withQuantile);
        }
      }
    }
    return exported;
  }
}
