package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.volume.catalog.VolumeName;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The commands about one rule of a volume's access list. */
abstract class AccessRuleCommand implements Runnable {

  /** {@code sandrift access allow}. */
  @Command(
      name = "allow",
      description = "Let an initiator, a network, or an initiator from a network in.",
      footer = {
        "  sandrift access allow db --initiator iqn.2026-11.com.example:host1",
        "  sandrift access allow db --initiator iqn.2026-11.com.example:* --network 10.1.0.0/16"
      })
  static final class Allow extends AccessRuleCommand {
    @Override
    JsonNode change(AdminClient server, String path) {
      return put(server, path, true);
    }
  }

  /** {@code sandrift access deny}. */
  @Command(
      name = "deny",
      description = "Keep an initiator or a network out, whatever else lets it in.",
      footer = "  sandrift access deny db --network 10.1.7.0/24")
  static final class Deny extends AccessRuleCommand {
    @Override
    JsonNode change(AdminClient server, String path) {
      return put(server, path, false);
    }
  }

  /** {@code sandrift access forget}. */
  @Command(
      name = "forget",
      description = "Remove the rule about an initiator or a network.",
      footer = "  sandrift access forget db --network 10.1.7.0/24")
  static final class Forget extends AccessRuleCommand {
    @Override
    JsonNode change(AdminClient server, String path) {
      server.delete(path + "?initiator=" + encoded(initiator) + "&network=" + encoded(network));
      return server.get(path.replace("/rules", ""));
    }
  }

  @Parameters(
      index = "0",
      paramLabel = "VOLUME",
      converter = NameConverter.class,
      description = "Name of the volume.")
  private @Nullable VolumeName volume;

  @Option(
      names = {"-i", "--initiator"},
      paramLabel = "IQN",
      defaultValue = "",
      description = "Name of the initiator; * at its end stands for all that begin so.")
  String initiator = "";

  @Option(
      names = {"-n", "--network"},
      paramLabel = "CIDR",
      defaultValue = "",
      description = "Where it connects from, such as 10.1.0.0/16 or 192.168.1.7.")
  String network = "";

  @Mixin private VolumeMixin shared = new VolumeMixin();

  abstract JsonNode change(AdminClient server, String path);

  @Override
  public void run() {
    if (initiator.isEmpty() && network.isEmpty()) {
      throw new ParameterException(
          shared.command().commandLine(), "say whom it is about: --initiator, --network, or both");
    }
    JsonNode access = change(shared.connect(), AccessCommand.path(volume) + "/rules");
    shared.print(access, () -> AccessCommand.table(access));
  }

  JsonNode put(AdminClient server, String path, boolean allow) {
    return server.put(
        path,
        JsonNodeFactory.instance
            .objectNode()
            .put("allow", allow)
            .put("initiator", initiator)
            .put("network", network));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
