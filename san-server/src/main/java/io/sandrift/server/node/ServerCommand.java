package io.sandrift.server.node;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.Setting;
import io.sandrift.server.settings.SettingsException;
import io.sandrift.server.settings.SettingsReader;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import io.sandrift.volume.cli.OutputFormat;
import io.sandrift.volume.cli.TextTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code sandrift server}: one server in the foreground. */
@Command(
    name = "server",
    description = {
      "Run one server in the foreground, until Ctrl-C or SIGTERM.",
      "",
      "Every setting can be a line of the YAML file, an environment variable, or a flag; a flag is"
          + " stronger than a variable, and that is stronger than the file. --help-settings lists"
          + " them all."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    synopsisHeading = "Usage: ",
    customSynopsis = "sandrift server [--config FILE] [--SETTING VALUE]...",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped in order, also by SIGTERM",
      "1:it can't start, or didn't stop in time; the message says why",
      "2:a setting or an option is wrong"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift server --config /etc/sandrift.yaml",
      "  sandrift server --data-dir /srv/sandrift --portals 127.0.0.1:3260",
      "  SANDRIFT_LIMITS_SESSIONS=64 sandrift server",
      "  sandrift server --help-settings -o json"
    })
public final class ServerCommand implements Runnable {

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "YAML file with settings.")
  private @Nullable Path config;

  @Option(
      names = "--help-settings",
      description = "List all settings with default, range and unit, and exit.")
  private boolean helpSettings;

  @Option(
      names = "--until-eof",
      description = "Stop in order when standard input ends: for programs that start servers.")
  private boolean untilEof;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description =
          "How --help-settings prints: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private OutputFormat output = OutputFormat.table;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final String version;
  private final Map<String, String> environment;

  private ServerCommand(String version, Map<String, String> environment) {
    this.version = version;
    this.environment = environment;
  }

  /** The command, with a flag for each setting. */
  public static CommandLine commandLine(String version, Map<String, String> environment) {
    CommandLine line = new CommandLine(new ServerCommand(version, environment));
    for (Setting<?> setting : ServerSettings.all()) {
      line.getCommandSpec().addOption(option(setting));
    }
    return line;
  }

  @Override
  public void run() {
    if (helpSettings) {
      listSettings();
      return;
    }
    SettingsReader reader = new SettingsReader();
    Optional.ofNullable(config).ifPresent(reader::file);
    reader.environment(environment);
    ParseResult parsed = spec.commandLine().getParseResult();
    for (Setting<?> setting : ServerSettings.all()) {
      if (parsed.hasMatchedOption(setting.flag())) {
        reader.flag(setting, parsed.matchedOptionValue(setting.flag(), ""));
      }
    }
    try {
      NodeSettings settings = reader.conclude();
      if (untilEof) {
        stopAtEof();
      }
      // Nothing has been logged so far: the logging is set up by the first class that does.
      System.setProperty("sandrift.log.format", settings.get(ServerSettings.LOG_FORMAT));
      new ServerProcess(settings, version, spec.commandLine().getOut()).run(running -> {});
    } catch (SettingsException e) {
      throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private static void stopAtEof() {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Whatever is said, only the end counts.
                }
              } catch (IOException e) {
                // Nobody is there any more, either.
              }
              System.exit(ExitCode.OK);
            },
            "until-eof");
    watch.setDaemon(true);
    watch.start();
  }

  private static OptionSpec option(Setting<?> setting) {
    OptionSpec.Builder option =
        OptionSpec.builder(setting.flag())
            .type(String.class)
            .paramLabel("VALUE")
            .hidden(true)
            .description(setting.sentence());
    if (setting.isSwitch()) {
      option.arity("0..1").fallbackValue("true");
    }
    return option.build();
  }

  private void listSettings() {
    if (output == OutputFormat.table) {
      TextTable table = TextTable.headed("SETTING", "DEFAULT", "RANGE", "UNIT", "WHAT IT IS FOR");
      for (Setting<?> setting : ServerSettings.all()) {
        String defaultText = setting.defaultText();
        table.row(
            setting.key(),
            defaultText.isEmpty() ? "(empty)" : defaultText,
            setting.range(),
            setting.unit(),
            setting.sentence());
      }
      table.print(spec.commandLine().getOut());
      spec.commandLine()
          .getOut()
          .println(
              "\nlimits.sessions, say, is the line 'limits.sessions: 64' of the file, the variable"
                  + " SANDRIFT_LIMITS_SESSIONS, or the flag --limits-sessions.");
      spec.commandLine().getOut().flush();
      return;
    }
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (Setting<?> setting : ServerSettings.all()) {
      list.addObject()
          .put("key", setting.key())
          .put("variable", setting.variable())
          .put("flag", setting.flag())
          .put("default", setting.defaultText())
          .put("range", setting.range())
          .put("unit", setting.unit())
          .put("description", setting.sentence());
    }
    output.print(spec.commandLine().getOut(), list, TextTable::ofPairs);
  }
}
