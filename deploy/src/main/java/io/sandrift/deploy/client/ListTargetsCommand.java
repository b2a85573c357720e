package io.sandrift.deploy.client;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.Initiator.DiscoveredTarget;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import io.sandrift.volume.cli.OutputOption;
import io.sandrift.volume.cli.TextTable;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift client ls}. */
@Command(
    name = "ls",
    description = "List the targets that a portal tells of (iSCSI discovery).",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ClientExit.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ClientExit.UNREACHABLE_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift client ls 127.0.0.1:3260",
      "  sandrift client ls server-1,server-2 -o json"
    })
final class ListTargetsCommand implements Runnable {

  @Parameters(
      paramLabel = "PORTAL",
      description = "host[:port], several with commas: the first that answers is asked.")
  private String portal = "";

  @Mixin private InitiatorMixin how = new InitiatorMixin();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    List<TargetAddress> portals;
    try {
      portals = DeviceUrl.parsePortals(portal);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    List<DiscoveredTarget> targets;
    try (Initiator initiator = new Initiator(how.options(1))) {
      targets = initiator.discover(portals);
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.UNREACHABLE, portal + ": " + e.getMessage(), e);
    }
    TextTable table = TextTable.headed("TARGET", "PORTALS");
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ArrayNode list = result.putArray("targets");
    for (DiscoveredTarget target : targets) {
      ArrayNode addresses = list.addObject().put("name", target.name()).putArray("portals");
      target.portals().forEach(address -> addresses.add(address.toString()));
      table.row(
          target.name(),
          String.join(" ", target.portals().stream().map(TargetAddress::toString).toList()));
    }
    output.format().print(spec.commandLine().getOut(), result, () -> table);
  }
}
