package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.VolumeName;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandrift access}: who may log in to which volume. */
@Command(
    name = "access",
    description = {
      "Say who may log in to a volume, by initiator name, by network, and by CHAP.",
      "",
      "A volume lets in whom a rule allows; an open one, everybody. What a rule denies stays out"
          + " in any case. Changes are for logins from then on; sessions that are there stay."
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    subcommands = {
      AccessListCommand.class,
      AccessRuleCommand.Allow.class,
      AccessRuleCommand.Deny.class,
      AccessRuleCommand.Forget.class,
      AccessOpenCommand.Open.class,
      AccessOpenCommand.Close.class,
      AccessChapCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.NOT_FOUND_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift access allow db --initiator iqn.2026-11.com.example:host1",
      "  sandrift access allow db --network 10.1.0.0/16",
      "  sandrift access chap db --user host1 --secret-file host1.secret",
      "  sandrift access list db"
    })
public final class AccessCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to do: list, allow, deny, forget, open, close or chap");
  }

  static String path(@Nullable VolumeName volume) {
    return VolumeCommand.VOLUMES + "/" + volume + "/access";
  }

  static TextTable table(JsonNode access) {
    TextTable table =
        TextTable.ofPairs()
            .row("Volume", access.path("volume").asText())
            .row(
                "Open",
                access.path("open").asBoolean()
                    ? "yes, to all whom no rule denies"
                    : "no, only to whom a rule allows");
    for (JsonNode rule : access.path("rules")) {
      StringJoiner who = new StringJoiner(" from ");
      who.add(
          rule.path("initiator").asText().isEmpty() ? "anyone" : rule.path("initiator").asText());
      if (!rule.path("network").asText().isEmpty()) {
        who.add(rule.path("network").asText());
      }
      table.row(rule.path("allow").asBoolean() ? "Allow" : "Deny", who.toString());
    }
    access.path("chapUsers").forEach(user -> table.row("CHAP user", user.asText()));
    if (access.has("mutualUser")) {
      table.row("Target's CHAP", access.path("mutualUser").asText());
    }
    return table;
  }
}
