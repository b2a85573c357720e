package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * What commands that ask a server share: whom they ask, how they print, and what their help says. A
 * command whose exit codes mean more has a list of its own.
 */
@Command(
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
    footerHeading = "%nExamples:%n")
class AdminMixin {

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  AdminClient connect() {
    return admin.connect();
  }

  OutputFormat format() {
    return output.format();
  }

  CommandSpec command() {
    return command;
  }

  PrintWriter out() {
    return command.commandLine().getOut();
  }

  /** For what isn't the result, such as progress. */
  PrintWriter err() {
    return command.commandLine().getErr();
  }

  void print(JsonNode result, Supplier<TextTable> table) {
    output.format().print(out(), result, table);
  }
}
