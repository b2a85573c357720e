package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift operation}: what goes on in the cluster. */
@Command(
    name = "operation",
    description = {
      "List, show and watch what goes on in the cluster after its request was answered.",
      "",
      "That is repartitioning, draining and removing servers, and moves of sessions that nobody"
          + " waits for. Any server knows of all."
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    subcommands = {
      OperationCommand.Listing.class,
      OperationCommand.Show.class,
      OperationCommand.Watch.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sandrift operation list", "  sandrift operation watch remove-server-2"})
public final class OperationCommand implements Runnable {

  static final String OPERATIONS = "/v1/operations";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do: list, show or watch");
  }

  private static String path(String id) {
    return OPERATIONS + "/" + URLEncoder.encode(id, StandardCharsets.UTF_8);
  }

  private static TextTable one(JsonNode operation) {
    return TextTable.ofPairs()
        .row("Operation", operation.path("id").asText())
        .row("Target", operation.path("target").asText())
        .row("State", operation.path("state").asText())
        .row("Progress", percent(operation))
        .row("Detail", operation.path("detail").asText())
        .row("By", by(operation))
        .row("Started", operation.path("started").asText("-"))
        .row("Ended", operation.path("ended").asText("-"));
  }

  private static String by(JsonNode operation) {
    String by = operation.path("by").asText();
    return by.isEmpty() ? "-" : by;
  }

  private static String percent(JsonNode operation) {
    return Math.round(operation.path("progress").asDouble() * 100) + " %";
  }

  /** {@code sandrift operation list}. */
  @Command(
      name = "list",
      aliases = "ls",
      description = "List the operations that go on, and those that have ended lately.",
      footer = {"  sandrift operation list", "  sandrift operation list --running"})
  static final class Listing implements Runnable {

    @Option(names = "--running", description = "Only those that go on.")
    private boolean isRunning;

    @Mixin private AdminMixin shared = new AdminMixin();

    @Override
    public void run() {
      JsonNode answer = shared.connect().get(OPERATIONS + (isRunning ? "?state=running" : ""));
      shared.print(answer, () -> table(answer));
      Silent.tell(answer, shared.err());
    }

    private static TextTable table(JsonNode answer) {
      TextTable table =
          TextTable.headed("OPERATION", "STATE", "DONE", "STARTED", "ENDED", "BY", "DETAIL");
      for (JsonNode operation : answer.path("operations")) {
        table.row(
            operation.path("id").asText(),
            operation.path("state").asText(),
            percent(operation),
            operation.path("started").asText("-"),
            operation.path("ended").asText("-"),
            by(operation),
            operation.path("detail").asText());
      }
      return table;
    }
  }

  /** {@code sandrift operation show}. */
  @Command(
      name = "show",
      description = "Show one operation.",
      exitCodeList = {
        ExitCode.OK_LINE,
        ExitCode.FAILURE_LINE,
        ExitCode.USAGE_LINE,
        "3:there is no such operation",
        ExitCode.UNREACHABLE_LINE,
        ExitCode.DENIED_LINE
      },
      footer = "  sandrift operation show drain-server-2")
  static final class Show implements Runnable {

    @Parameters(index = "0", paramLabel = "ID", description = "The operation's id.")
    private String id = "";

    @Mixin private AdminMixin shared = new AdminMixin();

    @Override
    public void run() {
      JsonNode operation = shared.connect().get(path(id));
      shared.print(operation, () -> one(operation));
    }
  }

  /** {@code sandrift operation watch}. */
  @Command(
      name = "watch",
      description = "Tell how far an operation is, until it is over.",
      exitCodeList = {
        "0:it is done",
        "1:it failed or was cancelled, or the server failed; the message says why",
        ExitCode.USAGE_LINE,
        "3:there is no such operation",
        ExitCode.UNREACHABLE_LINE,
        ExitCode.DENIED_LINE
      },
      footer = "  sandrift operation watch repartition-7")
  static final class Watch implements Runnable {

    @Parameters(index = "0", paramLabel = "ID", description = "The operation's id.")
    private String id = "";

    @Mixin private AdminMixin shared = new AdminMixin();

    @Override
    public void run() {
      JsonNode operation = new OperationWatch(shared.connect(), shared.err()).untilDone(path(id));
      shared.print(operation, () -> one(operation));
    }
  }
}
