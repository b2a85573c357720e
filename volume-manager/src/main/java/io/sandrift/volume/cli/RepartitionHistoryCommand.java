package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sandrift repartition history}. */
@Command(
    name = "history",
    description = "List the plans that run or ran, the newest first.",
    footer = {"  sandrift repartition history", "  sandrift repartition history -o json"})
final class RepartitionHistoryCommand implements Runnable {

  @Mixin private RepartitionMixin shared = new RepartitionMixin();

  @Override
  public void run() {
    JsonNode plans = shared.connect().get(RepartitionCommand.PLANS).path("plans");
    shared.print(plans, () -> RepartitionViews.records(plans));
  }
}
