package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.server.access.AccessList;
import io.sandrift.server.access.AccessLists;
import io.sandrift.server.access.AccessRule;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeCatalog;
import io.sandrift.volume.catalog.VolumeId;
import java.util.Objects;
import java.util.function.Supplier;

/** {@code /v1/volumes/{name}/access}: who may log in to a volume. Secrets go in and never out. */
public final class AccessResource implements AdminResource, VolumeAccess {

  private final VolumeCatalog catalog;
  private final AccessLists lists;
  private final Coordination coordination;

  public AccessResource(VolumeCatalog catalog, AccessLists lists, Coordination coordination) {
    this.catalog = Objects.requireNonNull(catalog);
    this.lists = Objects.requireNonNull(lists);
    this.coordination = Objects.requireNonNull(coordination);
  }

  @Override
  public void routes(AdminRoutes routes) {
    String access = "/v1/volumes/{name}/access";
    routes
        .get(access, Role.VIEWER, this::show)
        .put(access + "/open", Role.ADMIN, this::open)
        .put(access + "/rules", Role.ADMIN, this::put)
        .delete(access + "/rules", Role.ADMIN, this::remove)
        .put(access + "/chap", Role.ADMIN, exchange -> chap(exchange, false))
        .delete(access + "/chap", Role.ADMIN, exchange -> endChap(exchange, false))
        .put(access + "/mutual-chap", Role.ADMIN, exchange -> chap(exchange, true))
        .delete(access + "/mutual-chap", Role.ADMIN, exchange -> endChap(exchange, true));
  }

  @Override
  public void open(VolumeId volume, boolean isOpen) {
    lists.change(volume, list -> list.opened(isOpen));
  }

  @Override
  public void forget(VolumeId volume) {
    lists.remove(volume);
  }

  private void show(Exchange exchange) {
    exchange.expectParameters();
    Volume volume = volume(exchange);
    exchange.answer(view(volume, lists.of(volume.id())));
  }

  private void open(Exchange exchange) {
    Volume volume = volume(exchange);
    boolean open = exchange.body("open").bool("open", true);
    answer(exchange, volume, () -> lists.change(volume.id(), list -> list.opened(open)));
  }

  private void put(Exchange exchange) {
    Volume volume = volume(exchange);
    RequestBody body = exchange.body("allow", "initiator", "network");
    answer(
        exchange,
        volume,
        () -> {
          AccessRule rule =
              new AccessRule(
                  body.bool("allow", true), body.text("initiator", ""), body.text("network", ""));
          return lists.change(volume.id(), list -> list.with(rule));
        });
  }

  private void remove(Exchange exchange) {
    exchange.expectParameters("initiator", "network");
    Volume volume = volume(exchange);
    answer(
        exchange,
        volume,
        () -> {
          AccessRule rule =
              new AccessRule(
                  true,
                  exchange.parameter("initiator").orElse(""),
                  exchange.parameter("network").orElse(""));
          return lists.change(volume.id(), list -> list.without(rule));
        });
  }

  private void chap(Exchange exchange, boolean isTarget) {
    Volume volume = volume(exchange);
    RequestBody body = exchange.body("user", "secret");
    answer(
        exchange,
        volume,
        () -> lists.chap(volume.id(), body.text("user"), body.text("secret"), isTarget));
  }

  private void endChap(Exchange exchange, boolean isTarget) {
    exchange.expectParameters("user");
    Volume volume = volume(exchange);
    String user = exchange.parameter("user").orElse("");
    answer(exchange, volume, () -> lists.chap(volume.id(), user, null, isTarget));
  }

  private static void answer(Exchange exchange, Volume volume, Supplier<AccessList> change) {
    try {
      exchange.answer(view(volume, change.get()));
    } catch (IllegalArgumentException e) {
      throw new Problem(422, String.valueOf(e.getMessage()));
    }
  }

  private Volume volume(Exchange exchange) {
    coordination.require();
    return VolumesResource.find(exchange, catalog);
  }

  private static ObjectNode view(Volume volume, AccessList list) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("volume", volume.name().value())
            .put("open", list.isOpen());
    ArrayNode rules = view.putArray("rules");
    for (AccessRule rule : list.rules()) {
      rules
          .addObject()
          .put("allow", rule.isAllowed())
          .put("initiator", rule.initiator())
          .put("network", rule.network());
    }
    list.chapUsers().keySet().forEach(view.putArray("chapUsers")::add);
    AccessList.Mutual mutual = list.mutual();
    if (mutual != null) {
      view.put("mutualUser", mutual.name());
    }
    return view;
  }
}
