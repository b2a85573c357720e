package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code sandrift audit}: who changed what. */
@Command(
    name = "audit",
    description = {
      "Show what was changed through any server's admin API, and by whom; the newest first.",
      "",
      "Refused changes are shown too. Each server keeps its last 1000 changes for this, and more in"
          + " audit/audit.jsonl in its data directory."
    },
    footer = {
      "  sandrift audit",
      "  sandrift audit --user ann --since 2h",
      "  sandrift audit --action DELETE --limit 20 -o json"
    })
public final class AuditCommand implements Runnable {

  private static final Pattern AGO = Pattern.compile("([0-9]{1,6})([smhd])");

  @Option(
      names = "--user",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Only what this user did.")
  private String user = "";

  @Option(
      names = "--action",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only what has this in its action, such as drain, or DELETE.")
  private String action = "";

  @Option(
      names = "--since",
      paramLabel = "TIME",
      defaultValue = "",
      description = "Nothing older: 30m, 2h, 7d, or a time such as 2026-11-27T04:00:00Z.")
  private String since = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "The most, 1 to 1000 (default ${DEFAULT-VALUE}).")
  private int limit;

  @Mixin private AdminMixin shared = new AdminMixin();

  @Override
  public void run() {
    JsonNode audit =
        shared
            .connect()
            .get(
                "/v1/audit?limit="
                    + limit
                    + parameter("user", user)
                    + parameter("action", action)
                    + parameter("since", since()));
    shared.print(audit, () -> table(audit));
    Silent.tell(audit, shared.err());
  }

  private String since() {
    Matcher ago = AGO.matcher(since);
    if (ago.matches()) {
      long count = Long.parseLong(ago.group(1));
      Duration before =
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
          };
      return Instant.now().minus(before).toString();
    }
    try {
      return since.isEmpty() ? "" : Instant.parse(since).toString();
    } catch (DateTimeException e) {
      throw new ParameterException(
          shared.command().commandLine(),
          "--since '" + since + "' is neither like 30m, 2h or 7d nor like 2026-11-27T04:00:00Z",
          e);
    }
  }

  private static String parameter(String name, String value) {
    return value.isEmpty()
        ? ""
        : "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private static TextTable table(JsonNode audit) {
    TextTable table =
        TextTable.headed("AT", "USER", "FROM", "SERVER", "OUTCOME", "REQUEST", "TRACE", "WHY");
    for (JsonNode entry : audit.path("entries")) {
      table.row(
          entry.path("at").asText(),
          entry.path("user").asText().isEmpty() ? "-" : entry.path("user").asText(),
          entry.path("from").asText(),
          entry.path("server").asText(),
          entry.path("outcome").asText(),
          entry.path("request").asText(),
          entry.path("trace").asText(),
          entry.path("detail").asText());
    }
    return table;
  }
}
