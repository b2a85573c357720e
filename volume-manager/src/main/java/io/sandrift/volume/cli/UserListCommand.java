package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sandrift user list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List the users of the admin API, by name.",
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
    footer = "  sandrift user list")
final class UserListCommand implements Runnable {

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode answer = admin.connect().get(UserCommand.USERS);
    output
        .format()
        .print(
            spec.commandLine().getOut(),
            answer,
            () -> {
              TextTable table = TextTable.headed("NAME", "ROLE", "CREATED", "TOKEN SINCE");
              for (JsonNode user : answer.path("users")) {
                table.row(
                    user.path("name").asText(),
                    user.path("role").asText(),
                    user.path("created").asText(),
                    user.path("rotated").asText());
              }
              return table;
            });
  }
}
