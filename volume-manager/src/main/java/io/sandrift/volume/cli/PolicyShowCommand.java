package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sandrift policy show}. */
@Command(
    name = "show",
    description = "Show the policy of one service class with all its parameters.",
    footer = {"  sandrift policy show default"})
final class PolicyShowCommand implements Runnable {

  @Parameters(index = "0", paramLabel = "SERVICE", description = "The service class.")
  private String service = "";

  @Mixin private AdminMixin shared = new AdminMixin();

  @Override
  public void run() {
    JsonNode answer =
        shared.connect().get(PolicyCommand.POLICIES + "/" + PolicySetCommand.encoded(service));
    shared.print(answer, () -> PolicySetCommand.table(answer));
  }
}
