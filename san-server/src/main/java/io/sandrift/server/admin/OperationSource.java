package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;

/** Operations of one kind, wherever in the cluster they go on. Safe for all threads that wait. */
interface OperationSource {

  /**
   * What is known of them.
   *
   * @param operations each as {@link Operation#view}
   * @param missing servers that might know of more, and didn't answer; as {@link Gathered#missing}
   */
  record Known(List<? extends JsonNode> operations, ArrayNode missing) {

    static Known all(List<Operation> operations) {
      return new Known(
          operations.stream().map(Operation::view).toList(), JsonNodeFactory.instance.arrayNode());
    }
  }

  /** What the ids begin with, without the hyphen. */
  String kind();

  Known list();
}
