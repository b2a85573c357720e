package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Work that goes on after its request was answered, as {@code /v1/operations} shows it.
 *
 * @param id its kind, a hyphen, and what tells it from others of its kind
 * @param target what it is done to
 * @param progress how much of it is done, 0 to 1
 * @param detail what it is about, how far it is and what came of it, in words
 * @param by who asked for it; empty where that isn't kept
 * @param started null if that isn't known
 * @param ended null while it goes on, or if that isn't known
 * @param links paths of what belongs to it, by name
 */
record Operation(
    String id,
    String target,
    State state,
    double progress,
    String detail,
    String by,
    @Nullable Instant started,
    @Nullable Instant ended,
    Map<String, String> links) {

  static final String ROOT = "/v1/operations";

  /** How it stands. */
  enum State {
    RUNNING,
    PAUSED,
    DONE,
    FAILED,
    CANCELLED
  }

  /** Where the operation of that id is looked at. */
  static String path(String id) {
    return ROOT + "/" + id;
  }

  ObjectNode view() {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", id)
            .put("kind", id.substring(0, id.indexOf('-')))
            .put("target", target)
            .put("state", state.name().toLowerCase(Locale.ROOT))
            .put("progress", Math.rint(progress * 1000) / 1000)
            .put("detail", detail)
            .put("by", by);
    if (started != null) {
      view.put("started", started.toString());
    }
    if (ended != null) {
      view.put("ended", ended.toString());
    }
    ObjectNode all = view.putObject("links").put("self", path(id));
    links.forEach(all::put);
    return view;
  }
}
