package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.ByteSize;
import java.io.PrintWriter;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sandrift cluster status}. */
@Command(
    name = "status",
    description = "Show all servers, and what is wrong. Any server answers for all.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE + "; or, with --check, not all is well",
      ExitCode.USAGE_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift cluster status",
      "  sandrift cluster status --check -o json",
      "  sandrift cluster status --admin 127.0.0.1:8481"
    })
final class ClusterStatusCommand implements Runnable {

  @Option(names = "--check", description = "End with exit code 1 unless all is well.")
  private boolean check;

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode cluster = admin.connect().get("/v1/cluster");
    PrintWriter out = spec.commandLine().getOut();
    output.format().print(out, cluster, () -> servers(cluster));
    if (output.format() == OutputFormat.table) {
      out.println();
      out.println("Health: " + cluster.path("health").asText());
      cluster.path("problems").forEach(problem -> out.println("  - " + problem.asText()));
      out.flush();
    }
    if (check && !cluster.path("health").asText().equals("ok")) {
      throw new CommandFailure(
          ExitCode.FAILURE, "the cluster is " + cluster.path("health").asText());
    }
  }

  private static TextTable servers(JsonNode cluster) {
    TextTable table =
        TextTable.headed(
            "SERVER",
            "HEALTH",
            "ROLES",
            "SESSIONS",
            "USED",
            "CAPACITY",
            "VERSION",
            "PORTALS",
            "ADMIN");
    for (JsonNode server : cluster.path("servers")) {
      table.row(
          server.path("id").asText(),
          server.path("health").asText(),
          joined(server.path("roles")),
          server.path("sessions").asText("-"),
          size(server.path("allocatedBytes")),
          size(server.path("capacityBytes")),
          server.path("version").asText("-"),
          joined(server.path("portals")),
          server.path("admin").asText("-"));
    }
    return table;
  }

  private static String size(JsonNode bytes) {
    return bytes.isNumber() ? new ByteSize(bytes.asLong()).toString() : "-";
  }

  private static String joined(JsonNode texts) {
    StringJoiner joined = new StringJoiner(",");
    joined.setEmptyValue("-");
    texts.forEach(text -> joined.add(text.asText()));
    return joined.toString();
  }
}
