package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Function;

/**
 * A part of a long list: at most {@code limit} elements whose key comes after {@code after}. The
 * answer's {@code next}, if there is one, is the {@code after} of the part that follows.
 *
 * @param after keys up to this one were seen; empty for the beginning
 * @param limit 1 to {@link #MOST}
 */
public record Page(String after, int limit) {

  /** How many elements a request gets that doesn't say. */
  public static final int USUAL = 1000;

  /** The most that a request may ask for. */
  public static final int MOST = 5000;

  /**
   * The answer {@code {"<name>": [...], "next": "..."}}.
   *
   * @param sorted all elements in the order of their keys
   * @param key unique
   */
  public <T> ObjectNode of(
      String name, List<T> sorted, Function<T, String> key, Function<T, JsonNode> view) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode elements = answer.putArray(name);
    String last = "";
    for (T element : sorted) {
      String current = key.apply(element);
      if (!after.isEmpty() && current.compareTo(after) <= 0) {
        continue;
      }
      if (elements.size() == limit) {
        answer.put("next", last);
        break;
      }
      elements.add(view.apply(element));
      last = current;
    }
    return answer;
  }
}
