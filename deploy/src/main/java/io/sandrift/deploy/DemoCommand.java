package io.sandrift.deploy;

import io.sandrift.server.node.Running;
import io.sandrift.server.node.ServerProcess;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.SettingsException;
import io.sandrift.server.settings.SettingsReader;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandrift demo}: everything on this machine, with a volume to try. */
@Command(
    name = "demo",
    description = {
      "Start ZooKeeper and three servers on this machine, make a volume that is striped over them,"
          + " and print how to mount it.",
      "",
      "Ctrl-C stops all of it; what the volumes hold stays in the data directory for the next time."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped by Ctrl-C or SIGTERM",
      "1:it can't start; the message says why",
      ExitCode.USAGE_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift demo",
      "  sandrift demo --skew",
      "  sandrift demo --servers 1",
      "  sandrift demo --portal 127.0.0.1:0 --admin 127.0.0.1:0 --data-dir /tmp/try"
    })
final class DemoCommand implements Runnable {

  private static final Duration ONLINE_LIMIT = Duration.ofSeconds(10);

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "sandrift-data",
      description = "Where everything is kept (default ./${DEFAULT-VALUE}).")
  private String dataDir = "sandrift-data";

  @Option(
      names = "--portal",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:3260",
      description =
          "Where initiators log in; the other servers have the ports that follow; port 0 is any free"
              + " one (default ${DEFAULT-VALUE}).")
  private String portal = "127.0.0.1:3260";

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8480",
      description = "Where the admin API listens, likewise (default ${DEFAULT-VALUE}).")
  private String admin = "127.0.0.1:8480";

  @Option(
      names = "--servers",
      paramLabel = "COUNT",
      defaultValue = "3",
      description = "How many servers, 1 to 9, each a process (default ${DEFAULT-VALUE}).")
  private int servers = 3;

  @Option(
      names = "--skew",
      description =
          "Also start clients that all come to the first server, and then have them spread: watch"
              + " it on the dashboard.")
  private boolean skew;

  @Option(
      names = "--volume",
      paramLabel = "NAME",
      defaultValue = "demo",
      description = "Volume to make unless there is one of that name (default ${DEFAULT-VALUE}).")
  private String volume = "demo";

  @Option(
      names = "--volume-size",
      paramLabel = "SIZE",
      defaultValue = "1GiB",
      description = "Its size; it takes space only as it is written (default ${DEFAULT-VALUE}).")
  private String volumeSize = "1GiB";

  @Spec private CommandSpec spec = CommandSpec.create();

  private final String version;

  private DemoCommand(String version) {
    this.version = version;
  }

  static CommandLine commandLine(String version) {
    return new CommandLine(new DemoCommand(version));
  }

  @Override
  public void run() {
    VolumeSpec wanted;
    if (servers < 1 || servers > 9) {
      throw new ParameterException(
          spec.commandLine(), "--servers " + servers + " is not from 1 to 9");
    }
    try {
      wanted = VolumeSpec.of(new VolumeName(volume), ByteSize.parse(volumeSize).bytes());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    Path directory = Path.of(dataDir);
    if (skew && servers == 1) {
      throw new ParameterException(
          spec.commandLine(), "--skew needs servers to spread clients over, two or more");
    }
    SettingsReader settings =
        new SettingsReader()
            .flag(ServerSettings.DATA_DIR, DemoServers.dataOf(directory, 1).toString())
            .flag(ServerSettings.SERVER_ID, DemoServers.idOf(1))
            .flag(ServerSettings.PORTALS, "--portal", portal)
            .flag(ServerSettings.ADMIN_ADDRESS, "--admin", admin)
            // On loopback, and for trying: what is made here can be mounted at once.
            .flag(ServerSettings.ACCESS_OPEN, "true");
    try {
      DemoServers demo = new DemoServers(version, directory, servers);
      new ServerProcess(settings.conclude(), version, spec.commandLine().getOut(), demo)
          .run(
              running -> {
                demo.startOthers(running, portal, admin);
                create(running, wanted);
                if (skew) {
                  demo.skew(running, wanted.name().targetName());
                }
              });
    } catch (SettingsException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static void create(Running running, VolumeSpec wanted) {
    try {
      Volume created = running.catalog().create(wanted).volume();
      if (!running.volumes().awaitOnline(created, ONLINE_LIMIT)) {
        throw new CommandFailure(
            ExitCode.FAILURE,
            "volume '" + wanted.name() + "' didn't come online; the messages above say why");
      }
    } catch (CatalogException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
    }
  }
}
