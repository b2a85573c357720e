package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sandrift session list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List the sessions of all servers.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sandrift session list", "  sandrift session list --server server-1 -o json"})
final class SessionListCommand implements Runnable {

  @Option(names = "--server", paramLabel = "ID", description = "Only those at this server.")
  private String server = "";

  @Option(names = "--volume", paramLabel = "NAME", description = "Only those of this volume.")
  private String volume = "";

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode answer =
        admin
            .connect()
            .get(
                SessionCommand.SESSIONS
                    + "?server="
                    + encoded(server)
                    + "&volume="
                    + encoded(volume));
    output
        .format()
        .print(
            spec.commandLine().getOut(), answer, () -> SessionViews.list(answer.path("sessions")));
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
