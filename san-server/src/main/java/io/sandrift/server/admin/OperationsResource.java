package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.server.distribution.Distribution;
import io.sandrift.server.repartition.Repartitioner;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code /v1/operations}: whatever goes on in the cluster after its request was answered. */
public final class OperationsResource implements AdminResource {

  private final List<OperationSource> sources;

  public OperationsResource(
      Repartitioner repartitioner,
      Distribution distribution,
      ServerRemoval removal,
      MoveOperations moves) {
    this.sources =
        List.of(
            new PlanOperations(repartitioner), new DrainOperations(distribution), removal, moves);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("operations", Operation.ROOT)
        .get(Operation.ROOT, Role.VIEWER, this::list)
        .get(Operation.ROOT + "/{id}", Role.VIEWER, this::show);
  }

  private void list(Exchange exchange) {
    exchange.expectParameters("kind", "state");
    String kind = exchange.parameter("kind").orElse("");
    String state = exchange.parameter("state").orElse("");
    List<JsonNode> found = new ArrayList<>();
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode shown = answer.putArray("operations");
    ArrayNode missing = answer.putArray("missing");
    for (OperationSource source : sources) {
      if (kind.isEmpty() || kind.equals(source.kind())) {
        OperationSource.Known known = source.list();
        found.addAll(known.operations());
        missing.addAll(known.missing());
      }
    }
    found.stream()
        .filter(each -> state.isEmpty() || each.path("state").asText().equals(state))
        .sorted(Comparator.comparing(OperationsResource::started).reversed())
        .forEach(shown::add);
    exchange.answer(answer);
  }

  private void show(Exchange exchange) {
    exchange.expectParameters();
    String id = exchange.path("id");
    for (OperationSource source : sources) {
      if (id.startsWith(source.kind() + "-")) {
        OperationSource.Known known = source.list();
        for (JsonNode operation : known.operations()) {
          if (operation.path("id").asText().equals(id)) {
            exchange.answer(operation);
            return;
          }
        }
        if (!known.missing().isEmpty()) {
          throw new Problem(
              504,
              "server-silent",
              "nobody who answers knows of operation '"
                  + Exchange.shortened(id)
                  + "', and not all do: "
                  + known.missing().path(0).path("reason").asText());
        }
      }
    }
    throw new Problem(
        404,
        "there is no operation '"
            + Exchange.shortened(id)
            + "'; 'sandrift operation list' shows those that are known");
  }

  private static String started(JsonNode operation) {
    return operation.path("started").asText();
  }
}
