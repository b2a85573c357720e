package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what a plan is to achieve. */
final class PlanOptions {

  /** What can be evened out. */
  enum Goal {
    capacity,
    load
  }

  @Option(
      names = "--add",
      paramLabel = "SERVER",
      description = "Give this server its share. Can be repeated.")
  private List<String> add = new ArrayList<>();

  @Option(
      names = "--remove",
      paramLabel = "SERVER",
      description = "Take everything from this server. Can be repeated.")
  private List<String> remove = new ArrayList<>();

  @Option(
      names = "--rebalance",
      paramLabel = "GOAL",
      description = {
        "Even out among the servers: ${COMPLETION-CANDIDATES}.",
        "capacity: how full they are. load: hot and cold partitions change places where that lowers the largest pressure."
      })
  private @Nullable Goal rebalance;

  @Option(
      names = "--volume",
      paramLabel = "NAME",
      description = "Move only this volume's partitions. Can be repeated (default: all volumes).")
  private List<String> volumes = new ArrayList<>();

  boolean isEmpty() {
    return add.isEmpty() && remove.isEmpty() && rebalance == null;
  }

  ObjectNode request() {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    put(request, "add", add);
    put(request, "remove", remove);
    put(request, "volumes", volumes);
    if (rebalance != null) {
      request.put("rebalance", rebalance.name());
    }
    return request;
  }

  private static void put(ObjectNode request, String field, List<String> values) {
    ArrayNode array = request.putArray(field);
    values.forEach(array::add);
  }
}
