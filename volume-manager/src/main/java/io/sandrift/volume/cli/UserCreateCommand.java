package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift user create}. */
@Command(
    name = "create",
    description = {
      "Make a user, and print its token: this once, as the server keeps only a hash of it.",
      "",
      "viewer looks at everything; operator also runs the cluster: moves, drains, repartitions,"
          + " new volumes; admin also deletes volumes and decides who may do what."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "4:there is a user of that name",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
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

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode user =
        admin
            .connect()
            .post(
                UserCommand.USERS,
                JsonNodeFactory.instance.objectNode().put("name", name).put("role", role.name()));
    output.format().print(spec.commandLine().getOut(), user, () -> UserCommand.withToken(user));
  }
}
