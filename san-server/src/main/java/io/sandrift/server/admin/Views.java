package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.Member;
import io.sandrift.server.admin.ServedVolumes.Served;
import io.sandrift.volume.catalog.Volume;
import java.util.List;

/** What the API's resources look like as JSON; the OpenAPI parts describe the same. */
final class Views {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Views() {}

  /**
   * @param served by the server that answers
   * @param total what all servers have of it
   */
  static ObjectNode volume(Volume volume, Served served, Shares.Share total) {
    ObjectNode view =
        JSON.objectNode()
            .put("name", volume.name().value())
            .put("id", volume.id().toString())
            .put("sizeBytes", volume.sizeBytes())
            .put("allocatedBytes", total.allocatedBytes())
            .put("blockBytes", volume.spec().blockBytes())
            .put("stripeUnitBytes", volume.spec().stripeUnitBytes())
            .put("partitions", volume.spec().partitions())
            .put("serviceClass", volume.spec().serviceClass())
            .put("created", volume.created().toString())
            .put("target", volume.name().targetName())
            .put("lun", 0)
            .put("online", served.online())
            .put("sessions", total.sessions())
            .put("localShare", served.localShare());
    if (!total.missing().isEmpty()) {
      view.put("missing", total.missing());
    }
    served.urls().forEach(view.putArray("urls")::add);
    return view;
  }

  static ObjectNode server(ServerStatus status) {
    ObjectNode view = member(status.self());
    ServerStatus.StoreSpace store = status.store();
    view.putObject("store")
        .put("capacityBytes", store.capacityBytes())
        .put("allocatedBytes", store.allocatedBytes());
    List<Member> members = status.members();
    var list = view.putArray("members");
    members.forEach(member -> list.add(member(member)));
    return view;
  }

  static ObjectNode member(Member member) {
    ObjectNode view = JSON.objectNode().put("id", member.id().value());
    member.portals().forEach(view.putArray("portals")::add);
    return view.put("peer", member.peer())
        .put("admin", member.admin())
        .put("version", member.version())
        .put("started", member.started().toString());
  }
}
