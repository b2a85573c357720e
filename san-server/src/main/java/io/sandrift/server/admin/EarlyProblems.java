package io.sandrift.server.admin;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers what Jetty refuses before any route is looked for, such as a header that is too long: as
 * a problem, like all other errors. Used by Jetty's threads.
 */
final class EarlyProblems extends ErrorHandler {

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      @Nullable String reason,
      @Nullable Throwable cause,
      Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
    response.write(true, body(status, reason), callback);
  }

  private static ByteBuffer body(int status, @Nullable String reason) {
    return ByteBuffer.wrap(
        (problem(status, reason).view() + "\n").getBytes(StandardCharsets.UTF_8));
  }

  static Problem problem(int status, @Nullable String reason) {
    if (status >= 500) {
      // The reason would be an exception's name and message, which Jetty writes into the log.
      return new Problem(status, "the server failed to answer this; its log says why");
    }
    return new Problem(status, reason == null ? "the request can't be understood" : reason);
  }
}
