package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.server.distribution.Distribution;
import io.sandrift.server.distribution.DistributionException;
import io.sandrift.server.distribution.IntakeInfo;
import io.sandrift.server.distribution.Link;
import io.sandrift.server.distribution.ServicePolicy;
import io.sandrift.server.distribution.policy.PolicyCatalog;
import io.sandrift.server.distribution.policy.PolicyKind;
import io.sandrift.server.distribution.policy.PolicyParameter;
import io.sandrift.server.distribution.policy.PolicySpec;
import io.sandrift.volume.catalog.VolumeSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** {@code /v1/policies}: how the clients of each type of service are distributed. */
public final class PoliciesResource implements AdminResource {

  private static final Duration QUESTION_LIMIT = Duration.ofSeconds(5);
  private static final Pattern SERVICE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private final Distribution distribution;

  public PoliciesResource(Distribution distribution) {
    this.distribution = Objects.requireNonNull(distribution);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("policies", "/v1/policies")
        .get("/v1/policies", Role.VIEWER, this::list)
        .get("/v1/policies/{service}", Role.VIEWER, this::show)
        .put("/v1/policies/{service}", Role.OPERATOR, this::set);
  }

  private void list(Exchange exchange) {
    exchange.expectParameters();
    List<IntakeInfo> intakes = Settled.within(distribution.intakes(), QUESTION_LIMIT);
    Map<String, ServicePolicy> all = new TreeMap<>(distribution.policies());
    all.putIfAbsent(
        VolumeSpec.DEFAULT_SERVICE_CLASS, distribution.policy(VolumeSpec.DEFAULT_SERVICE_CLASS));
    ObjectNode view = JsonNodeFactory.instance.objectNode();
    var policies = view.putArray("policies");
    all.forEach((service, policy) -> policies.add(view(service, policy, intakes)));
    distribution
        .master()
        .ifPresent(
            master ->
                view.putObject("master")
                    .put("server", master.getKey().value())
                    .put("epoch", master.getValue()));
    var kinds = view.putArray("kinds");
    PolicyCatalog.kinds().forEach(kind -> kinds.add(view(kind)));
    exchange.answer(view);
  }

  private void show(Exchange exchange) {
    exchange.expectParameters();
    String service = service(exchange);
    exchange.answer(
        view(
            service,
            distribution.policy(service),
            Settled.within(distribution.intakes(), QUESTION_LIMIT)));
  }

  private void set(Exchange exchange) {
    exchange.expectParameters();
    String service = service(exchange);
    RequestBody body = exchange.body("policy", "link", "parameters");
    ServicePolicy before = distribution.policy(service);
    try {
      Map<String, String> values = new HashMap<>();
      JsonNode parameters = body.raw("parameters");
      if (body.has("parameters") && !parameters.isObject()) {
        throw new Problem(422, "field 'parameters' is no object");
      }
      for (var entry : parameters.properties()) {
        values.put(entry.getKey(), entry.getValue().asText());
      }
      ServicePolicy policy =
          new ServicePolicy(
              new PolicySpec(body.text("policy"), values),
              Link.of(body.text("link", before.link().word())));
      distribution.setPolicy(service, policy);
      exchange.answer(view(service, policy, List.of()));
    } catch (IllegalArgumentException e) {
      throw new Problem(422, String.valueOf(e.getMessage()));
    } catch (DistributionException e) {
      throw new Problem(503, String.valueOf(e.getMessage()));
    }
  }

  private static String service(Exchange exchange) {
    String service = exchange.path("service");
    if (!SERVICE.matcher(service).matches()) {
      throw new Problem(
          422,
          "service class '" + service + "' is not 1 to 63 lower-case letters, digits, hyphens");
    }
    return service;
  }

  private static ObjectNode view(String service, ServicePolicy policy, List<IntakeInfo> intakes) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("serviceClass", service)
            .put("policy", policy.spec().policy())
            .put("link", policy.link().word());
    ObjectNode parameters = view.putObject("parameters");
    policy.spec().effective().forEach(parameters::put);
    for (IntakeInfo intake : intakes) {
      if (intake.service().equals(service)) {
        view.putObject("intake")
            .put("server", intake.intake())
            .put("epoch", intake.epoch())
            .put("since", Instant.ofEpochMilli(intake.sinceMillis()).toString())
            .put("confirmed", intake.isConfirmed());
      }
    }
    return view;
  }

  private static ObjectNode view(PolicyKind kind) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("policy", kind.name())
            .put("sentence", kind.sentence());
    var parameters = view.putArray("parameters");
    for (PolicyParameter parameter : kind.parameters()) {
      parameters
          .addObject()
          .put("name", parameter.name())
          .put("default", parameter.defaultText())
          .put("range", parameter.range())
          .put("sentence", parameter.sentence());
    }
    return view;
  }
}
