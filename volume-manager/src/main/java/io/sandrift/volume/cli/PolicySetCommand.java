package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sandrift policy set}. */
@Command(
    name = "set",
    description = "Switch the policy of a service class, for all servers, from now on.",
    footer = {
      "  sandrift policy set default least-loaded",
      "  sandrift policy set gold intake --link relay -p choice=identifier -p threshold=0.6"
    })
final class PolicySetCommand implements Runnable {

  @Parameters(index = "0", paramLabel = "SERVICE", description = "The service class.")
  private String service = "";

  @Parameters(
      index = "1",
      paramLabel = "POLICY",
      description = "round-robin, least-loaded, master, intake or adaptive.")
  private String policy = "";

  @Option(
      names = "--link",
      paramLabel = "LINK",
      description =
          "How clients get to the selected server: redirect, relay or auto (default: as it is).")
  private String link = "";

  @Option(
      names = "-p",
      paramLabel = "NAME=VALUE",
      description = "A parameter of the policy; 'policy list -o json' describes them.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Mixin private AdminMixin shared = new AdminMixin();

  @Override
  public void run() {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("policy", policy);
    if (!link.isEmpty()) {
      body.put("link", link);
    }
    ObjectNode values = body.putObject("parameters");
    parameters.forEach(values::put);
    JsonNode answer = shared.connect().put(PolicyCommand.POLICIES + "/" + encoded(service), body);
    shared.print(answer, () -> table(answer));
  }

  static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  static TextTable table(JsonNode policy) {
    TextTable table =
        TextTable.ofPairs()
            .row("Service class", policy.path("serviceClass").asText())
            .row("Policy", policy.path("policy").asText())
            .row("Link", policy.path("link").asText());
    for (var parameter : policy.path("parameters").properties()) {
      table.row(parameter.getKey(), parameter.getValue().asText());
    }
    JsonNode intake = policy.path("intake");
    if (intake.isObject()) {
      table.row(
          "Intake",
          intake.path("server").asText("nobody")
              + ", epoch "
              + intake.path("epoch").asText()
              + (intake.path("confirmed").asBoolean() ? ", confirmed" : ", not confirmed yet"));
    }
    return table;
  }
}
