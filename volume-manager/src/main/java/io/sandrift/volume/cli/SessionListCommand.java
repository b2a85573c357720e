package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sandrift session list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List the sessions of all servers.",
    footer = {"  sandrift session list", "  sandrift session list --server server-1 -o json"})
final class SessionListCommand implements Runnable {

  @Option(names = "--server", paramLabel = "ID", description = "Only those at this server.")
  private String server = "";

  @Option(names = "--volume", paramLabel = "NAME", description = "Only those of this volume.")
  private String volume = "";

  @Mixin private AdminMixin shared = new AdminMixin();

  @Override
  public void run() {
    JsonNode answer =
        shared
            .connect()
            .get(
                SessionCommand.SESSIONS
                    + "?server="
                    + encoded(server)
                    + "&volume="
                    + encoded(volume));
    shared.print(answer, () -> SessionViews.list(answer.path("sessions")));
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
