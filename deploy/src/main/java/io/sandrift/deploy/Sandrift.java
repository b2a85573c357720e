package io.sandrift.deploy;

import io.sandrift.deploy.client.ClientCommand;
import io.sandrift.deploy.client.VolumeExportCommand;
import io.sandrift.deploy.client.VolumeImportCommand;
import io.sandrift.deploy.simulation.SimulateCommand;
import io.sandrift.server.node.ServerCommand;
import io.sandrift.volume.cli.AccessCommand;
import io.sandrift.volume.cli.AuditCommand;
import io.sandrift.volume.cli.ClusterCommand;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import io.sandrift.volume.cli.LoadCommand;
import io.sandrift.volume.cli.OperationCommand;
import io.sandrift.volume.cli.PolicyCommand;
import io.sandrift.volume.cli.RepartitionCommand;
import io.sandrift.volume.cli.ServerDrainCommand;
import io.sandrift.volume.cli.ServerListCommand;
import io.sandrift.volume.cli.ServerRemoveCommand;
import io.sandrift.volume.cli.ServerUndrainCommand;
import io.sandrift.volume.cli.SessionCommand;
import io.sandrift.volume.cli.TopCommand;
import io.sandrift.volume.cli.UserCommand;
import io.sandrift.volume.cli.VolumeCommand;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root command. */
@Command(
    name = "sandrift",
    description = "A storage area network made of ordinary servers.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Sandrift.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.NOT_FOUND_LINE,
      ExitCode.CONFLICT_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift demo",
      "  sandrift volume create scratch --size 10GiB",
      "  sandrift server --config /etc/sandrift.yaml",
      "  sandrift help volume"
    })
public final class Sandrift implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do");
  }

  public static void main(String[] arguments) {
    // Under a name of its own: a library on the class path brings a logback.xml along.
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "sandrift-logging.xml");
    }
    int exitCode = commandLine(System.getenv()).execute(arguments);
    System.exit(exitCode);
  }

  /** The whole command line. */
  static CommandLine commandLine(Map<String, String> environment) {
    CommandLine line = new CommandLine(new Sandrift());
    line.addSubcommand(DemoCommand.commandLine(version()));
    line.addSubcommand(
        ServerCommand.commandLine(version(), environment)
            .addSubcommand(new ServerListCommand())
            .addSubcommand(new ServerDrainCommand())
            .addSubcommand(new ServerUndrainCommand())
            .addSubcommand(new ServerRemoveCommand()));
    line.addSubcommand(new ClusterCommand());
    line.addSubcommand(new SessionCommand());
    line.addSubcommand(new PolicyCommand());
    line.addSubcommand(
        new CommandLine(new VolumeCommand())
            .addSubcommand(new VolumeImportCommand())
            .addSubcommand(new VolumeExportCommand()));
    line.addSubcommand(new RepartitionCommand());
    line.addSubcommand(new MonitorCommand(environment));
    line.addSubcommand(new LoadCommand());
    line.addSubcommand(new TopCommand());
    line.addSubcommand(new AccessCommand());
    line.addSubcommand(new UserCommand());
    line.addSubcommand(new AuditCommand());
    line.addSubcommand(new OperationCommand());
    line.addSubcommand(new ClientCommand());
    line.addSubcommand(new SimulateCommand());
    line.addSubcommand(new CompletionCommand());
    line.addSubcommand(new HelpCommand());
    line.setExecutionExceptionHandler(CommandFailure.handler());
    line.setParameterExceptionHandler(CommandFailure.usageHandler());
    line.setUsageHelpAutoWidth(true);
    line.setUsageHelpLongOptionsMaxWidth(28);
    return line;
  }

  /** This program's version, as its jar says. */
  static String version() {
    return Optional.ofNullable(Sandrift.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  /** Tells picocli the version. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"sandrift " + version()};
    }
  }
}
