package io.sandrift.server.admin;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.sandrift.volume.catalog.CatalogException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers every failure with {@code application/problem+json}. */
final class ProblemAnswers {

  private static final Logger log = LoggerFactory.getLogger(ProblemAnswers.class);

  private ProblemAnswers() {}

  static void install(RoutesConfig routes) {
    routes.exception(Problem.class, (problem, context) -> answer(context, problem));
    routes.exception(
        CatalogException.class,
        (failure, context) ->
            answer(context, new Problem(503, String.valueOf(failure.getMessage()))));
    routes.exception(HttpResponseException.class, ProblemAnswers::refused);
    routes.exception(
        Exception.class,
        (failure, context) -> {
          log.error("{} {} failed", context.method(), context.path(), failure);
          answer(
              context, new Problem(500, "the server failed to carry this out; its log says why"));
        });
  }

  /** Javalin's own refusals: an unknown path, a wrong method, a body that is too long. */
  private static void refused(HttpResponseException refusal, Context context) {
    int status = refusal.getStatus();
    String detail =
        switch (status) {
          case 404 -> "there is nothing at " + context.path() + "; /v1 lists what there is";
          case 405 -> {
            String allowed = allowed(refusal);
            context.header("Allow", allowed);
            yield context.method() + " isn't possible at " + context.path() + "; try " + allowed;
          }
          case 413 -> "the body is longer than " + AdminRoutes.MOST_BODY_BYTES + " bytes";
          default -> String.valueOf(refusal.getMessage());
        };
    answer(context, new Problem(status, detail));
  }

  private static String allowed(HttpResponseException refusal) {
    @Nullable String methods =
        refusal instanceof MethodNotAllowedResponse
            ? refusal.getDetails().get("availableMethods")
            : null;
    return methods == null ? "GET" : String.join(", ", List.of(methods.split("[, ]+")));
  }

  private static void answer(Context context, Problem problem) {
    context.status(problem.status());
    context.result((problem.view() + "\n").getBytes(StandardCharsets.UTF_8));
    context.contentType("application/problem+json");
  }
}
