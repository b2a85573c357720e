package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeCatalog;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code /v1/volumes}: create, list, show, grow and delete volumes. */
public final class VolumesResource implements AdminResource {

  /** How long a request waits for this server to serve, or forget, what it changed. */
  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(10);

  private final VolumeCatalog catalog;
  private final ServedVolumes served;
  private final Shares shares;
  private final Coordination coordination;
  private final VolumeAccess access;

  public VolumesResource(
      VolumeCatalog catalog,
      ServedVolumes served,
      Shares shares,
      Coordination coordination,
      VolumeAccess access) {
    this.access = Objects.requireNonNull(access);
    this.catalog = Objects.requireNonNull(catalog);
    this.served = Objects.requireNonNull(served);
    this.shares = Objects.requireNonNull(shares);
    this.coordination = Objects.requireNonNull(coordination);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("volumes", "/v1/volumes")
        .get("/v1/volumes", Role.VIEWER, this::list)
        .post("/v1/volumes", Role.OPERATOR, this::create)
        .get("/v1/volumes/{name}", Role.VIEWER, this::show)
        .patch("/v1/volumes/{name}", Role.OPERATOR, this::resize)
        .put("/v1/volumes/{name}/size", Role.OPERATOR, this::resize)
        .delete("/v1/volumes/{name}", Role.ADMIN, this::delete);
  }

  private void list(Exchange exchange) {
    exchange.expectParameters("after", "limit");
    coordination.require();
    List<Volume> volumes = catalog.list();
    Map<VolumeId, Shares.Share> totals = shares.totals(volumes.stream().map(Volume::id).toList());
    exchange.answer(
        exchange
            .page()
            .of(
                "volumes",
                volumes,
                volume -> volume.name().value(),
                volume ->
                    Views.volume(
                        volume,
                        served.served(volume.id()),
                        Objects.requireNonNull(totals.get(volume.id())))));
  }

  private void create(Exchange exchange) {
    coordination.require();
    RequestBody body =
        exchange.body(
            "name",
            "sizeBytes",
            "blockBytes",
            "stripeUnitBytes",
            "partitions",
            "serviceClass",
            "open");
    VolumeSpec spec = spec(body);
    boolean isOpen = body.bool("open", false);
    VolumeCatalog.Creation creation = catalog.create(spec);
    Volume volume = creation.volume();
    if (!creation.created() && !volume.spec().equals(spec)) {
      throw new Problem(
          409,
          "volume-differs",
          "volume '"
              + spec.name()
              + "' exists already and differs from what was asked for: "
              + difference(volume.spec(), spec)
              + "; choose another name, or delete it first");
    }
    if (creation.created() && body.has("open")) {
      access.open(volume.id(), isOpen);
    }
    served.awaitOnline(volume, SETTLE_LIMIT);
    exchange.context().header("Location", "/v1/volumes/" + volume.name());
    exchange.answer(creation.created() ? 201 : 200, view(volume));
  }

  private void show(Exchange exchange) {
    coordination.require();
    exchange.answer(view(find(exchange, catalog)));
  }

  private void resize(Exchange exchange) {
    coordination.require();
    VolumeName name = name(exchange);
    long sizeBytes = exchange.body("sizeBytes").integer("sizeBytes");
    Volume volume;
    try {
      volume = catalog.grow(name, sizeBytes).orElseThrow(() -> missing(name));
    } catch (IllegalArgumentException e) {
      throw new Problem(422, String.valueOf(e.getMessage()));
    }
    served.awaitOnline(volume, SETTLE_LIMIT);
    exchange.answer(view(volume));
  }

  private void delete(Exchange exchange) {
    coordination.require();
    VolumeName name = name(exchange);
    exchange.expectParameters("force");
    boolean force = exchange.flag("force");
    Volume volume = catalog.find(name).orElseThrow(() -> missing(name));
    Shares.Share total = Shares.total(shares.of(volume.id()).values());
    int sessions = total.sessions();
    if (!total.missing().isEmpty() && !force) {
      throw new Problem(
          409,
          "server-silent",
          "who has volume '"
              + name
              + "' mounted isn't known everywhere: "
              + total.missing()
              + "; or repeat with force=true");
    }
    if (sessions > 0 && !force) {
      throw new Problem(
          409,
          "volume-in-use",
          "volume '"
              + name
              + "' is mounted by "
              + sessions
              + (sessions == 1 ? " session" : " sessions")
              + "; unmount it there first, or repeat with force=true to cut them off");
    }
    catalog.delete(name);
    access.forget(volume.id());
    served.awaitGone(volume.id(), SETTLE_LIMIT);
    exchange.done();
  }

  private ObjectNode view(Volume volume) {
    return Views.volume(
        volume, served.served(volume.id()), Shares.total(shares.of(volume.id()).values()));
  }

  private static VolumeSpec spec(RequestBody body) {
    try {
      return new VolumeSpec(
          new VolumeName(body.text("name")),
          body.integer("sizeBytes"),
          body.int32("blockBytes", VolumeSpec.DEFAULT_BLOCK_BYTES),
          body.int32("stripeUnitBytes", VolumeSpec.DEFAULT_STRIPE_UNIT_BYTES),
          body.int32("partitions", VolumeSpec.DEFAULT_PARTITIONS),
          body.text("serviceClass", VolumeSpec.DEFAULT_SERVICE_CLASS));
    } catch (IllegalArgumentException e) {
      throw new Problem(422, String.valueOf(e.getMessage()));
    }
  }

  /**
   * The volume that the path names.
   *
   * @throws Problem 404
   */
  static Volume find(Exchange exchange, VolumeCatalog catalog) {
    VolumeName name = name(exchange);
    return catalog.find(name).orElseThrow(() -> missing(name));
  }

  private static VolumeName name(Exchange exchange) {
    try {
      return new VolumeName(exchange.path("name"));
    } catch (IllegalArgumentException e) {
      // No such volume can exist, so "not found" is true, and the detail says why.
      throw new Problem(404, String.valueOf(e.getMessage()));
    }
  }

  private static Problem missing(VolumeName name) {
    return new Problem(404, "there is no volume '" + name + "'");
  }

  private static String difference(VolumeSpec is, VolumeSpec asked) {
    if (is.sizeBytes() != asked.sizeBytes()) {
      return "its size is " + new ByteSize(is.sizeBytes());
    }
    if (is.blockBytes() != asked.blockBytes()) {
      return "its block size is " + is.blockBytes();
    }
    if (is.stripeUnitBytes() != asked.stripeUnitBytes()) {
      return "its stripe unit is " + new ByteSize(is.stripeUnitBytes());
    }
    return is.partitions() != asked.partitions()
        ? "it has " + is.partitions() + " partitions"
        : "its service class is '" + is.serviceClass() + "'";
  }
}
