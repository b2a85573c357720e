package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift server drain}. */
@Command(
    name = "drain",
    description = "Move every session off a server, and hold new ones off.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "3:there is no such server",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sandrift server drain server-2", "  sandrift server drain server-2 --no-wait"})
public final class ServerDrainCommand implements Runnable {

  private static final long LOOK_MILLIS = 500;

  @Parameters(index = "0", paramLabel = "ID", description = "The server.")
  private String server = "";

  @Option(names = "--no-wait", description = "Only begin; 'server list' shows what is left.")
  private boolean isImpatient;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait (default ${DEFAULT-VALUE}).",
      defaultValue = "600")
  private int timeoutSeconds = 600;

  @Mixin private AdminOption admin = new AdminOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    AdminClient client = admin.connect();
    String path = ServerListCommand.SERVERS + "/" + PolicySetCommand.encoded(server);
    JsonNode answer = client.post(path + "/drain", JsonNodeFactory.instance.objectNode());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
    long before = -1;
    while (true) {
      long left = answer.path("sessions").asLong();
      if (left != before) {
        out.println(
            left == 0
                ? server + " is drained: it serves no sessions and takes no new ones"
                : server + " is being drained: " + left + " sessions are left");
        out.flush();
        before = left;
      }
      if (left == 0 || isImpatient) {
        return;
      }
      if (System.nanoTime() - end > 0) {
        throw new CommandFailure(
            ExitCode.FAILURE, left + " sessions are left; draining goes on in the background");
      }
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      answer = client.get(path);
    }
  }
}
