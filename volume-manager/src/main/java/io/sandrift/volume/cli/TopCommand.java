package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code sandrift top}. In a terminal it draws on the alternate screen, which is left again at the
 * end, however that comes; elsewhere it prints one table after the other.
 */
@Command(
    name = "top",
    description = {
      "Show the load of the system live, until Ctrl-C, 'q' and Enter, or the end of the input.",
      "",
      "It goes on when the server doesn't answer for a while."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sandrift top", "  sandrift top --interval 5", "  sandrift top --once"})
public final class TopCommand implements Runnable {

  private static final String ALTERNATE_SCREEN = "\u001b[?1049h";
  private static final String MAIN_SCREEN = "\u001b[?1049l";
  private static final String CLEAR = "\u001b[H\u001b[2J";
  private static final int MAX_SECONDS = 3600;

  @Mixin private AdminOption admin = new AdminOption();

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "Time between two looks, 1 to 3600 (default ${DEFAULT-VALUE}).")
  private int intervalSeconds = 2;

  @Option(names = "--once", description = "Look once, print, and end.")
  private boolean once;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final CountDownLatch quit = new CountDownLatch(1);

  @Override
  public void run() {
    if (intervalSeconds < 1 || intervalSeconds > MAX_SECONDS) {
      throw new ParameterException(
          spec.commandLine(),
          "--interval is " + intervalSeconds + "; expected 1 to " + MAX_SECONDS + " seconds");
    }
    AdminClient client = admin.connect();
    PrintWriter out = spec.commandLine().getOut();
    // The first look fails as every command does: the address may be wrong.
    JsonNode first = client.get("/v1/load");
    if (once) {
      draw(out, first);
      return;
    }
    boolean isTerminal = Terminal.console().isPresent();
    Thread restore = new Thread(() -> leave(out), "restore-screen");
    if (isTerminal) {
      Runtime.getRuntime().addShutdownHook(restore);
      out.print(ALTERNATE_SCREEN);
    }
    watchInput();
    try {
      show(client, out, first, isTerminal);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (isTerminal && removed(restore)) {
        leave(out);
      }
    }
  }

  private void show(AdminClient client, PrintWriter out, JsonNode first, boolean isTerminal)
      throws InterruptedException {
    JsonNode load = first;
    String trouble = "";
    do {
      if (isTerminal) {
        out.print(CLEAR);
      }
      out.println(
          "sandrift top   "
              + LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS));
      if (!trouble.isEmpty()) {
        out.println(trouble);
      }
      draw(out, load);
      if (quit.await(Duration.ofSeconds(intervalSeconds).toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      try {
        load = client.get("/v1/load");
        trouble = "";
      } catch (CommandFailure e) {
        trouble = "! what follows is old: " + e.getMessage();
      }
    } while (!out.checkError());
  }

  private static void draw(PrintWriter out, JsonNode load) {
    out.println(LoadViews.system(load));
    out.println();
    LoadViews.servers(load).print(out);
    out.println();
    out.flush();
  }

  /** Ends the show at 'q' or at the end of the input. */
  private void watchInput() {
    InputStream in = System.in;
    Thread watcher =
        new Thread(
            () -> {
              try {
                int read = in.read();
                while (read >= 0 && read != 'q') {
                  read = in.read();
                }
              } catch (IOException e) {
                // An input that can't be read has ended.
              }
              quit.countDown();
            },
            "input");
    watcher.setDaemon(true);
    watcher.start();
  }

  private static void leave(PrintWriter out) {
    out.print(MAIN_SCREEN);
    out.flush();
  }

  private static boolean removed(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook restores the screen.
      return false;
    }
  }
}
