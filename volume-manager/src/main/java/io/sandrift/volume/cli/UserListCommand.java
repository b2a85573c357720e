package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sandrift user list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List the users of the admin API, by name.",
    footer = "  sandrift user list")
final class UserListCommand implements Runnable {

  @Mixin private AdminMixin shared = new AdminMixin();

  @Override
  public void run() {
    JsonNode answer = shared.connect().get(UserCommand.USERS);
    shared.print(
        answer,
        () -> {
          TextTable table = TextTable.headed("NAME", "ROLE", "CREATED", "TOKEN SINCE");
          for (JsonNode user : answer.path("users")) {
            table.row(
                user.path("name").asText(),
                user.path("role").asText(),
                user.path("created").asText(),
                user.path("rotated").asText());
          }
          return table;
        });
  }
}
