package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sandrift user rotate}. */
@Command(
    name = "rotate",
    description = "Give a user a new token, and print it; the old one is worthless from then on.",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "3:there is no such user",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footer = "  sandrift user rotate ann")
final class UserRotateCommand implements Runnable {

  @Parameters(index = "0", paramLabel = "NAME", description = "Name of the user.")
  private String name = "";

  @Mixin private AdminMixin shared = new AdminMixin();

  @Override
  public void run() {
    JsonNode user =
        shared
            .connect()
            .post(UserCommand.path(name) + "/token", JsonNodeFactory.instance.objectNode());
    shared.print(user, () -> UserCommand.withToken(user));
  }
}
