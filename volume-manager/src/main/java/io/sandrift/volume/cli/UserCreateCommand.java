package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sandrift user create}. */
@Command(
    name = "create",
    description = {
      "Make a user, and print its token: this once, as the server keeps only a hash of it.",
      "",
      "viewer looks at everything; operator also runs the cluster: moves, drains, repartitions,"
          + " new volumes; admin also deletes volumes and decides who may do what."
    },
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "4:there is a user of that name",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footer = {
      "  sandrift user create ann --role operator",
      "  sandrift user create prometheus --role viewer -o json | jq -r .token > token"
    })
final class UserCreateCommand implements Runnable {

  /** What a user may do. */
  enum Role {
    viewer,
    operator,
    admin
  }

  @Parameters(index = "0", paramLabel = "NAME", description = "Name of the user.")
  private String name = "";

  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLE",
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private Role role = Role.viewer;

  @Mixin private AdminMixin shared = new AdminMixin();

  @Override
  public void run() {
    JsonNode user =
        shared
            .connect()
            .post(
                UserCommand.USERS,
                JsonNodeFactory.instance.objectNode().put("name", name).put("role", role.name()));
    shared.print(user, () -> UserCommand.withToken(user));
  }
}
