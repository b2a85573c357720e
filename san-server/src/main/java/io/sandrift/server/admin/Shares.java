package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What each server has of volumes and in its store, asked of that server. A server that doesn't
 * answer within {@link #PATIENCE} is left out, with the reason in words.
 */
public final class Shares {

  /** The most that a request waits for other servers. */
  static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final String VOLUMES = "admin.volumes";
  private static final String STORE = "admin.store";

  private final ServerStatus status;
  private final ServedVolumes served;
  private final PeerQuestions peers;

  /**
   * One server's share of a volume.
   *
   * @param missing why it isn't known; empty if it is
   */
  record Share(long allocatedBytes, int sessions, boolean isOnline, String missing) {}

  /** Answers the others from now on. */
  public Shares(ServerStatus status, ServedVolumes served, PeerQuestions peers) {
    this.status = Objects.requireNonNull(status);
    this.served = Objects.requireNonNull(served);
    this.peers = Objects.requireNonNull(peers);
    peers.serve(VOLUMES, (from, question) -> volumes(question));
    peers.serve(STORE, (from, question) -> store());
  }

  /** Every member's share of one volume, by server. */
  Map<ServerId, Share> of(VolumeId volume) {
    Map<ServerId, Share> shares = new LinkedHashMap<>();
    ObjectNode question = JsonNodeFactory.instance.objectNode();
    question.putArray("ids").add(volume.toString());
    peers
        .askAll(members(), VOLUMES, question, PATIENCE)
        .forEach((server, reply) -> shares.put(server, share(reply, volume)));
    return shares;
  }

  /** What all members together have of each of these volumes, as far as they answer. */
  Map<VolumeId, Share> totals(Collection<VolumeId> volumes) {
    ObjectNode question = JsonNodeFactory.instance.objectNode();
    var ids = question.putArray("ids");
    volumes.forEach(id -> ids.add(id.toString()));
    Map<ServerId, PeerQuestions.Reply> replies =
        peers.askAll(members(), VOLUMES, question, PATIENCE);
    Map<VolumeId, Share> totals = new LinkedHashMap<>();
    for (VolumeId id : volumes) {
      totals.put(id, total(replies.values().stream().map(reply -> share(reply, id)).toList()));
    }
    return totals;
  }

  /** Every member's store and sessions, by server. */
  Map<ServerId, PeerQuestions.Reply> stores() {
    return peers.askAll(members(), STORE, JsonNodeFactory.instance.objectNode(), PATIENCE);
  }

  static Share total(Collection<Share> shares) {
    long bytes = 0;
    int sessions = 0;
    boolean isOnline = false;
    List<String> missing = new ArrayList<>();
    for (Share share : shares) {
      bytes += share.allocatedBytes();
      sessions += share.sessions();
      isOnline |= share.isOnline();
      if (!share.missing().isEmpty()) {
        missing.add(share.missing());
      }
    }
    return new Share(bytes, sessions, isOnline, String.join("; ", missing));
  }

  private List<ServerId> members() {
    return status.members().stream().map(Member::id).toList();
  }

  private JsonNode volumes(JsonNode question) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    for (JsonNode id : question.path("ids")) {
      ServedVolumes.Served here = served.served(VolumeId.parse(id.asText()));
      answer
          .putObject(id.asText())
          .put("allocatedBytes", here.allocatedBytes())
          .put("sessions", here.sessions())
          .put("online", here.online());
    }
    return answer;
  }

  private JsonNode store() {
    ServerStatus.StoreSpace space = status.store();
    return JsonNodeFactory.instance
        .objectNode()
        .put("capacityBytes", space.capacityBytes())
        .put("allocatedBytes", space.allocatedBytes())
        .put("sessions", status.sessions());
  }

  private static Share share(PeerQuestions.Reply reply, VolumeId volume) {
    JsonNode view = reply.view();
    if (view == null) {
      return new Share(0, 0, false, reply.missing());
    }
    JsonNode share = view.path(volume.toString());
    return new Share(
        share.path("allocatedBytes").asLong(),
        share.path("sessions").asInt(),
        share.path("online").asBoolean(),
        "");
  }
}
