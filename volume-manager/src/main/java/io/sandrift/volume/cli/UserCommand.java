package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandrift user}: who may use the admin API. */
@Command(
    name = "user",
    description = "Create, list and delete users of the admin API, and give them new tokens.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      UserCreateCommand.class,
      UserListCommand.class,
      UserRotateCommand.class,
      UserDeleteCommand.class
    },
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
    footer = {
      "  sandrift user create ann --role operator",
      "  sandrift user rotate ann",
      "  sandrift user list"
    })
public final class UserCommand implements Runnable {

  /** Where the admin API keeps the users. */
  static final String USERS = "/v1/users";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to do: create, list, rotate or delete");
  }

  static String path(String name) {
    return USERS + "/" + URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  /** A user with the token that is shown this once. */
  static TextTable withToken(JsonNode user) {
    return TextTable.ofPairs()
        .row("Name", user.path("name").asText())
        .row("Role", user.path("role").asText())
        .row("Token", user.path("token").asText());
  }
}
