package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.repartition.PartitionRate;
import io.sandrift.server.repartition.Repartitioner;
import io.sandrift.server.repartition.Repartitioner.Answer;
import io.sandrift.server.repartition.Repartitioner.Progress;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeCatalog;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.repartition.MoveReport;
import io.sandrift.volume.repartition.Plan;
import io.sandrift.volume.repartition.PlanJson;
import io.sandrift.volume.repartition.PlanRecord;
import io.sandrift.volume.repartition.PlanRequest;
import io.sandrift.volume.repartition.PlanState;
import io.sandrift.volume.repartition.Planning;
import io.sandrift.volume.repartition.Rebalance;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * {@code /v1/repartition}: makes plans, runs them, and tells how far they are; and {@code
 * /v1/volumes/<name>/load}, which plans by load are made from.
 */
public final class RepartitionResource implements AdminResource {

  static final String PLANS = "/v1/repartition/plans";

  private final Repartitioner repartitioner;
  private final VolumeCatalog catalog;

  public RepartitionResource(Repartitioner repartitioner, VolumeCatalog catalog) {
    this.repartitioner = Objects.requireNonNull(repartitioner);
    this.catalog = Objects.requireNonNull(catalog);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("repartition", PLANS)
        .post("/v1/repartition/plan", Role.OPERATOR, this::plan)
        .get(PLANS, Role.VIEWER, this::history)
        .postLong(PLANS, Role.OPERATOR, this::run)
        .get(PLANS + "/{id}", Role.VIEWER, this::show)
        .post(PLANS + "/{id}/pause", Role.OPERATOR, exchange -> act(exchange, repartitioner::pause))
        .post(
            PLANS + "/{id}/resume", Role.OPERATOR, exchange -> act(exchange, repartitioner::resume))
        .post(
            PLANS + "/{id}/undo",
            Role.OPERATOR,
            exchange -> act(exchange, id -> repartitioner.undo(id, exchange.caller().name())))
        .post(PLANS + "/{id}/cancel", Role.OPERATOR, this::cancel)
        .put(PLANS + "/{id}/rate", Role.OPERATOR, this::rate)
        .get("/v1/volumes/{name}/load", Role.VIEWER, this::load);
  }

  private void plan(Exchange exchange) {
    PlanRequest request = request(exchange.body("add", "remove", "rebalance", "volumes"));
    exchange.answer(planView(made(request)));
  }

  private Plan made(PlanRequest request) {
    Planning planning = repartitioner.plan(request);
    if (planning instanceof Planning.Refused refused) {
      throw new Problem(409, "plan-refused", refused.reason());
    }
    return ((Planning.Planned) planning).plan();
  }

  private ObjectNode planView(Plan plan) {
    ObjectNode view = PlanJson.encode(plan);
    double rate = repartitioner.expectedRate();
    view.put("expectedBytesPerSecond", Math.round(rate));
    plan.duration(rate).ifPresent(time -> view.put("expectedSeconds", time.toSeconds()));
    return view;
  }

  private static PlanRequest request(RequestBody body) {
    try {
      return new PlanRequest(
          servers(body, "add"),
          servers(body, "remove"),
          Rebalance.valueOf(body.text("rebalance", "none").toUpperCase(Locale.ROOT)),
          Set.copyOf(body.texts("volumes").stream().map(VolumeName::new).toList()));
    } catch (IllegalArgumentException e) {
      throw new Problem(422, String.valueOf(e.getMessage()));
    }
  }

  private static Set<ServerId> servers(RequestBody body, String field) {
    Set<ServerId> servers = new HashSet<>();
    body.texts(field).forEach(server -> servers.add(new ServerId(server)));
    return servers;
  }

  private void run(Exchange exchange) {
    RequestBody body =
        exchange.unwrittenBody("plan", "bytesPerSecond", "add", "remove", "rebalance", "volumes");
    long rate = body.amount("bytesPerSecond", 0);
    Plan plan;
    if (body.has("plan")) {
      try {
        plan = PlanJson.decode(body.raw("plan"));
      } catch (IllegalArgumentException e) {
        throw new Problem(422, String.valueOf(e.getMessage()));
      }
    } else {
      plan = made(request(body));
    }
    PlanRecord begun = done(repartitioner.run(plan, rate, exchange.caller().name()));
    exchange.accepted(PlanOperations.id(begun), recordView(begun));
  }

  private void history(Exchange exchange) {
    exchange.expectParameters();
    ArrayNode plans = JsonNodeFactory.instance.arrayNode();
    repartitioner.history().forEach(record -> plans.add(recordView(record)));
    exchange.answer(JsonNodeFactory.instance.objectNode().set("plans", plans));
  }

  private void show(Exchange exchange) {
    long id = id(exchange);
    Progress progress = repartitioner.progress(id).orElseThrow(() -> missing(id));
    ObjectNode view = recordView(progress.record());
    view.put("movesMade", progress.movesMade())
        .put("bytesMoved", progress.bytesMoved())
        .put("currentBytesPerSecond", Math.round(progress.bytesPerSecond()));
    long left = progress.record().plan().bytes() - progress.bytesMoved();
    if (progress.bytesPerSecond() > 0) {
      view.put("secondsLeft", Math.round(left / progress.bytesPerSecond()));
    }
    ArrayNode reports = view.putArray("servers");
    for (MoveReport report : progress.reports()) {
      reports
          .addObject()
          .put("server", report.server().value())
          .put("activity", report.activity())
          .put("copiedBytes", report.copiedBytes())
          .put("totalBytes", report.totalBytes())
          .put("bytesPerSecond", Math.round(report.bytesPerSecond()));
    }
    view.set("plan", PlanJson.encode(progress.record().plan()));
    exchange.answer(view);
  }

  private void cancel(Exchange exchange) {
    exchange.expectParameters("keep");
    boolean keep = exchange.flag("keep");
    act(exchange, id -> repartitioner.cancel(id, keep));
  }

  private void rate(Exchange exchange) {
    long rate = exchange.body("bytesPerSecond").amount("bytesPerSecond");
    act(exchange, id -> repartitioner.rate(id, rate));
  }

  private static void act(Exchange exchange, Function<Long, Answer> action) {
    exchange.answer(recordView(done(action.apply(id(exchange)))));
  }

  private static PlanRecord done(Answer answer) {
    if (answer instanceof Answer.Refused refused) {
      throw new Problem(409, "plan-refused", refused.reason());
    }
    if (answer instanceof Answer.Done done) {
      return done.record();
    }
    throw new Problem(404, "there is no such plan; 'sandrift repartition history' lists them");
  }

  private static ObjectNode recordView(PlanRecord record) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", record.id())
            .put("purpose", record.plan().purpose())
            .put("state", word(record.state()))
            .put("moves", record.plan().moves().size())
            .put("bytes", record.plan().bytes())
            .put("bytesPerSecond", record.bytesPerSecond())
            .put("by", record.by())
            .put("created", record.created().toString())
            .put("note", record.note());
    if (record.ended() != null) {
      view.put("ended", record.ended().toString());
    }
    return view;
  }

  /** A plan's state as it is written. */
  static String word(PlanState state) {
    return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void load(Exchange exchange) {
    Optional<Volume> found;
    try {
      found = catalog.find(new VolumeName(exchange.path("name")));
    } catch (IllegalArgumentException e) {
      found = Optional.empty();
    }
    Volume volume =
        found.orElseThrow(
            () -> new Problem(404, "there is no volume '" + exchange.path("name") + "'"));
    PartitionMap map =
        repartitioner
            .map(volume)
            .orElseThrow(
                () -> new Problem(409, "volume '" + volume.name() + "' has no partitions yet"));
    Map<Integer, PartitionRate> rates = repartitioner.load(volume);
    ObjectNode view = JsonNodeFactory.instance.objectNode().put("volume", volume.name().value());
    ArrayNode partitions = view.putArray("partitions");
    for (int p = 0; p < map.size(); p++) {
      PartitionRate rate = rates.get(p);
      ObjectNode partition =
          partitions.addObject().put("partition", p).put("server", map.entry(p).primary().value());
      if (rate != null) {
        partition
            .put("operationsPerSecond", rate.operationsPerSecond())
            .put("bytesPerSecond", rate.bytesPerSecond());
      }
    }
    exchange.answer(view);
  }

  private static long id(Exchange exchange) {
    String text = exchange.path("id");
    if (!text.matches("[0-9]{1,18}")) {
      throw new Problem(
          404, "there is no plan '" + Exchange.shortened(text) + "'; plans have numbers");
    }
    return Long.parseLong(text);
  }

  private static Problem missing(long id) {
    return new Problem(
        404, "there is no plan " + id + "; 'sandrift repartition history' lists them");
  }
}
