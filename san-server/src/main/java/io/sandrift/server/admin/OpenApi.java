package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.server.admin.AdminRoutes.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts the API's description together: what all share ({@code openapi.json}: the head, the
 * component {@code Problem}, the parameters {@code after} and {@code limit}), the resources' parts,
 * and from the routes each operation's role and the refusals that every operation may answer with.
 */
final class OpenApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROBLEM = "#/components/responses/Problem";
  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

  private OpenApi() {}

  /**
   * @throws IllegalStateException if two parts describe the same, or the parts and the routes
   *     differ
   */
  static ObjectNode assemble(List<AdminResource> resources, List<Route> routes) {
    ObjectNode document = read(OpenApi.class, "openapi.json");
    for (AdminResource resource : resources) {
      Class<?> type = resource.getClass();
      ObjectNode part = read(type, type.getSimpleName() + ".openapi.json");
      merge(document.withObject("/paths"), part.path("paths"), type);
      for (var kind : part.path("components").properties()) {
        merge(document.withObject("/components/" + kind.getKey()), kind.getValue(), type);
      }
    }
    compare(document.path("paths"), routes);
    for (Route route : routes) {
      if (route.described()) {
        JsonNode operation =
            document.path("paths").path(route.path()).path(lowerCase(route.method()));
        complete((ObjectNode) operation, route.role());
      }
    }
    return document;
  }

  private static void complete(ObjectNode operation, Role role) {
    operation.put("x-role", role.toString());
    ObjectNode responses = operation.withObject("/responses");
    if (role != Role.ANYONE) {
      responses.withObject("/401").put("$ref", PROBLEM);
      responses.withObject("/403").put("$ref", PROBLEM);
    }
    responses.withObject("/default").put("$ref", PROBLEM);
  }

  private static void merge(ObjectNode whole, JsonNode part, Class<?> origin) {
    for (var entry : part.properties()) {
      if (whole.has(entry.getKey())) {
        throw new IllegalStateException(
            origin.getSimpleName() + " describes " + entry.getKey() + ", as another part does");
      }
      whole.set(entry.getKey(), entry.getValue());
    }
  }

  private static void compare(JsonNode paths, List<Route> routes) {
    Set<String> described = new TreeSet<>();
    for (var path : paths.properties()) {
      for (var operation : path.getValue().properties()) {
        if (METHODS.contains(operation.getKey())) {
          described.add(operation.getKey() + " " + path.getKey());
        }
      }
    }
    Set<String> declared = new TreeSet<>();
    for (Route route : routes) {
      if (route.described()) {
        declared.add(lowerCase(route.method()) + " " + route.path());
      }
    }
    Set<String> difference = new TreeSet<>(described);
    difference.removeAll(declared);
    if (!difference.isEmpty()) {
      throw new IllegalStateException("described, but no route: " + difference);
    }
    declared.removeAll(described);
    if (!declared.isEmpty()) {
      throw new IllegalStateException("routes that no *.openapi.json describes: " + declared);
    }
  }

  private static ObjectNode read(Class<?> beside, String name) {
    try (InputStream stream = beside.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException(
            "there is no " + name + " beside " + beside.getName() + ", which describes its routes");
      }
      return (ObjectNode) JSON.readTree(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  private static String lowerCase(String method) {
    return method.toLowerCase(Locale.ROOT);
  }
}
