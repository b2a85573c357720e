package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sandrift repartition history}. */
@Command(
    name = "history",
    description = "List the plans that run or ran, the newest first.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RepartitionHistoryCommand implements Runnable {

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode plans = admin.connect().get(RepartitionCommand.PLANS).path("plans");
    output
        .format()
        .print(spec.commandLine().getOut(), plans, () -> RepartitionViews.records(plans));
  }
}
