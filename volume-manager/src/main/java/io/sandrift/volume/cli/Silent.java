package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;

/** The servers whose part is missing in an answer for the whole cluster. */
final class Silent {

  private Silent() {}

  /** Says on standard error what the answer doesn't hold. */
  static void tell(JsonNode answer, PrintWriter err) {
    for (JsonNode server : answer.path("missing")) {
      err.println("sandrift: not all is here: " + server.path("reason").asText());
    }
    err.flush();
  }
}
