package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.measure.Metric;
import io.sandrift.server.measure.ServerMetrics;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.Setting;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help;

/**
 * The reference pages in docs are what the program itself says. When one of these tests fails, run
 * {@code mvn test -pl deploy -am -Dtest=ReferencePagesTest -Dsandrift.write-pages=true
 * -Dsurefire.failIfNoSpecifiedTests=false}, and look at the difference.
 */
class ReferencePagesTest {

  private static final Path DOCS = Path.of("..", "docs");

  @Test
  void thePageOfTheSettingsListsThemAsDeclared() throws Exception {
    StringBuilder page =
        new StringBuilder(
            """
            # Settings of a server

            The same list as `sandrift server --help-settings`. Each setting can be a line of the YAML
            file that `--config` names (dots may be nesting), an environment variable, or a flag; a flag
            is stronger than a variable, and that is stronger than the file. Unknown keys and values out
            of range are refused at the start, all of them together.

            | Setting | Default | Range | Unit | What it is for |
            |---|---|---|---|---|
            """);
    for (Setting<?> setting : ServerSettings.all()) {
      String defaultText = setting.defaultText();
      page.append(
              "| `%s`<br>`%s`<br>`%s` | "
                  .formatted(setting.key(), setting.variable(), setting.flag()))
          .append(defaultText.isEmpty() ? "(empty)" : "`" + defaultText + "`")
          .append(
              " | %s | %s | %s |\n".formatted(setting.range(), setting.unit(), setting.sentence()));
    }
    check("settings.md", page.toString());
  }

  @Test
  void thePageOfTheMetricsListsThemAsDeclared() throws Exception {
    StringBuilder page =
        new StringBuilder(
            """
            # Metrics of a server

            What `GET /metrics` at the admin address gives, in Prometheus' text format, and what JMX shows
            in the domain `io.sandrift`, by the same names. A counter's name ends in `_total` in
            Prometheus, and its value only grows from the server's start on. A summary has the
            quantiles 0.5, 0.9, 0.99 and 0.999 of the last ten seconds, and `_count` and `_sum` that only
            grow. What a pressure is, and how it is computed, says [load.md](load.md).

            | Metric | Type | Label | What it says |
            |---|---|---|---|
            """);
    for (Metric metric : ServerMetrics.all()) {
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  metric.name() + (metric.type() == Metric.Type.COUNTER ? "_total" : ""),
                  metric.type().name().toLowerCase(Locale.ROOT),
                  metric.label() == null ? "" : "`" + metric.label() + "`",
                  metric.sentence()));
    }
    check("metrics.md", page.toString());
  }

  @Test
  void thePageOfTheCommandsIsTheirHelp() throws Exception {
    StringBuilder page =
        new StringBuilder(
            """
            # Commands

            What `sandrift COMMAND --help` prints.
            """);
    append(page, Sandrift.commandLine(Map.of()), "sandrift");
    check("commands.md", page.toString());
  }

  private static void append(StringBuilder page, CommandLine command, String name) {
    command.setUsageHelpAutoWidth(false);
    command.setUsageHelpWidth(100);
    StringWriter usage = new StringWriter();
    command.usage(new PrintWriter(usage), Help.Ansi.OFF);
    page.append("\n## ").append(name).append("\n\n```text\n");
    usage.toString().lines().forEach(line -> page.append(line.stripTrailing()).append('\n'));
    page.append("```\n");
    command
        .getSubcommands()
        .forEach(
            (subcommand, line) -> {
              // An alias isn't a command of its own.
              if (subcommand.equals(line.getCommandName()) && !subcommand.equals("help")) {
                append(page, line, name + " " + subcommand);
              }
            });
  }

  private static void check(String name, String expected) throws IOException {
    Path page = DOCS.resolve(name);
    if (Boolean.getBoolean("sandrift.write-pages")) {
      Files.createDirectories(DOCS);
      Files.writeString(page, expected);
    }
    assertThat(page).exists().hasContent(expected);
  }
}
