package io.sandrift.deploy.simulation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.server.distribution.policy.PolicyCatalog;
import io.sandrift.server.distribution.policy.PolicyKind;
import io.sandrift.server.distribution.policy.PolicySpec;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import io.sandrift.volume.cli.OutputOption;
import io.sandrift.volume.cli.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandrift simulate}. */
@Command(
    name = "simulate",
    description = {
      "Compare distribution policies on a simulated cluster, in virtual time. Needs no server.",
      "",
      "Clients log in; at a fifth of the time all power fails and comes back; then groups of servers"
          + " die and return; then some volumes become hot. The policies are the ones that servers"
          + " run. The same seed gives the same result."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      "1:the picture can't be written; the message says why",
      ExitCode.USAGE_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift simulate",
      "  sandrift simulate --servers 1000 --clients 100000 --svg policies.svg",
      "  sandrift simulate --policy adaptive --policy adaptive,enter=1.3,residence=300",
      "  sandrift simulate --gossip-delay 5 --gossip-loss 0.2 -o json"
    })
public final class SimulateCommand implements Runnable {

  @Option(
      names = "--policy",
      paramLabel = "NAME[,KEY=VALUE...]",
      description =
          "A policy to compare, with its parameters; may be repeated (default: each one).")
  private List<String> policies = new ArrayList<>();

  @Option(names = "--servers", paramLabel = "N", description = "Servers (default 100).")
  private int servers = Scenario.DEFAULT.servers();

  @Option(names = "--clients", paramLabel = "N", description = "Clients (default 5000).")
  private int clients = Scenario.DEFAULT.clients();

  @Option(names = "--minutes", paramLabel = "N", description = "Simulated time (default 15).")
  private double minutes = Scenario.DEFAULT.time().toMinutes();

  @Option(names = "--seed", paramLabel = "N", description = "All chance comes from it (default 1).")
  private long seed = Scenario.DEFAULT.seed();

  @Option(
      names = "--hardware",
      paramLabel = "N",
      split = ",",
      description = "Relative capacities; each server has one of them (default 1,2,4).")
  private List<Double> hardware = new ArrayList<>(Scenario.DEFAULT.hardware());

  @Option(
      names = "--utilisation",
      paramLabel = "SHARE",
      description = "Of all capacity, what the clients want (default 0.5).")
  private double utilisation = Scenario.DEFAULT.utilisation();

  @Option(
      names = "--noise",
      paramLabel = "SHARE",
      description = "How much each client's demand varies (default 0.2).")
  private double noise = Scenario.DEFAULT.noise();

  @Option(
      names = "--hot-volumes",
      paramLabel = "N",
      description = "Volumes that become hot (default 3 of each 250).")
  private @Nullable Integer hotVolumes;

  @Option(
      names = "--hot-factor",
      paramLabel = "N",
      description = "How many times as much their clients want then (default 3).")
  private double hotFactor = Scenario.DEFAULT.hotFactor();

  @Option(names = "--no-power-failure", description = "The power doesn't fail.")
  private boolean noPowerFailure;

  @Option(
      names = "--boot",
      paramLabel = "SECONDS",
      description = "Within what time servers are back when the power is (default 5).")
  private double bootSeconds = Scenario.DEFAULT.boot().toSeconds();

  @Option(
      names = "--groups",
      paramLabel = "N",
      description = "Groups of servers that die together, such as racks (default 20).")
  private int groups = Scenario.DEFAULT.groups();

  @Option(
      names = "--group-failures",
      paramLabel = "N",
      description = "How many of the groups die (default 1).")
  private int groupFailures = Scenario.DEFAULT.groupFailures();

  @Option(
      names = "--gossip-delay",
      paramLabel = "SECONDS",
      description = "How old the samples are that decisions are taken on (default 1).")
  private double gossipDelay = Scenario.DEFAULT.gossipDelay().toSeconds();

  @Option(
      names = "--gossip-loss",
      paramLabel = "SHARE",
      description = "Of the samples, how many nobody hears (default 0).")
  private double gossipLoss = Scenario.DEFAULT.gossipLoss();

  @Option(
      names = "--no-master",
      description = "Each server decides on its own, as while there is no master; nothing moves.")
  private boolean noMaster;

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description = "Draw imbalance, clients served and moves over time.")
  private @Nullable Path svg;

  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    Scenario scenario;
    Map<String, PolicySpec> compared;
    try {
      scenario = scenario();
      compared = compared();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    List<Outcome> outcomes = new ArrayList<>();
    compared.forEach((name, policy) -> outcomes.add(Simulation.run(scenario, policy).named(name)));
    PrintWriter out = spec.commandLine().getOut();
    output.format().print(out, json(scenario, outcomes), () -> table(outcomes));
    Path file = svg;
    if (file != null) {
      try {
        Files.writeString(file, Picture.draw(scenario, outcomes));
      } catch (IOException e) {
        throw new CommandFailure(
            ExitCode.FAILURE, "could not write " + file + " (" + e + "); choose another place", e);
      }
    }
  }

  private Scenario scenario() {
    int hot = Scenario.DEFAULT.hotVolumes() * Math.max(1, clients / Scenario.DEFAULT.clients());
    return new Scenario(
        seed,
        servers,
        clients,
        seconds(60 * minutes),
        hardware,
        utilisation,
        noise,
        hotVolumes == null ? hot : hotVolumes,
        hotFactor,
        !noPowerFailure,
        seconds(bootSeconds),
        Math.min(groups, servers),
        Math.min(groupFailures, servers),
        seconds(gossipDelay),
        gossipLoss,
        !noMaster);
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  private Map<String, PolicySpec> compared() {
    Map<String, PolicySpec> compared = new LinkedHashMap<>();
    if (policies.isEmpty()) {
      for (PolicyKind kind : PolicyCatalog.kinds()) {
        compared.put(kind.name(), new PolicySpec(kind.name(), Map.of()));
      }
    }
    for (String policy : policies) {
      String[] parts = policy.split(",", -1);
      Map<String, String> values = new LinkedHashMap<>();
      for (int i = 1; i < parts.length; i++) {
        int equals = parts[i].indexOf('=');
        if (equals < 1) {
          throw new IllegalArgumentException(
              "'" + parts[i] + "' in --policy is no parameter, expected KEY=VALUE");
        }
        values.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
      }
      compared.put(policy, new PolicySpec(parts[0], values));
    }
    return compared;
  }

  private static TextTable table(List<Outcome> outcomes) {
    TextTable table =
        TextTable.headed(
            "POLICY",
            "AFTER-STORM",
            "WORST",
            "EVEN-AFTER",
            "END",
            "MOVES",
            "BACK-AND-FORTH",
            "LOGINS",
            "MOST/MEAN",
            "LATE",
            "FAILED",
            "UNSERVED",
            "TOOK");
    for (Outcome outcome : outcomes) {
      table.row(
          outcome.policy(),
          decimal(outcome.settled()),
          decimal(outcome.settledWorst()),
          outcome.settledAfterSeconds() < 0
              ? "never"
              : String.format(Locale.ROOT, "%.0f s", outcome.settledAfterSeconds()),
          decimal(outcome.end()),
          Integer.toString(outcome.moves()),
          Integer.toString(outcome.oscillations()),
          Integer.toString(outcome.logins()),
          decimal(outcome.loginsMax()),
          Integer.toString(outcome.late()),
          Integer.toString(outcome.failed()),
          Integer.toString(outcome.unserved()),
          String.format(Locale.ROOT, "%.1f s", outcome.seconds()));
    }
    return table;
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static ObjectNode json(Scenario scenario, List<Outcome> outcomes) {
    ObjectNode result =
        JsonNodeFactory.instance
            .objectNode()
            .put("seed", scenario.seed())
            .put("servers", scenario.servers())
            .put("clients", scenario.clients())
            .put("seconds", scenario.time().toSeconds());
    ArrayNode array = result.putArray("policies");
    for (Outcome outcome : outcomes) {
      ObjectNode node =
          array
              .addObject()
              .put("policy", outcome.policy())
              .put("imbalanceAfterStorm", outcome.settled())
              .put("imbalanceWorst", outcome.settledWorst())
              .put("evenAfterSeconds", outcome.settledAfterSeconds())
              .put("imbalanceAtEnd", outcome.end())
              .put("moves", outcome.moves())
              .put("backAndForth", outcome.oscillations())
              .put("logins", outcome.logins())
              .put("loginsMostOverMean", outcome.loginsMax())
              .put("late", outcome.late())
              .put("failed", outcome.failed())
              .put("unserved", outcome.unserved())
              .put("tookSeconds", outcome.seconds());
      ArrayNode imbalance = node.putArray("imbalance");
      for (double each : outcome.imbalance()) {
        imbalance.add(Math.round(each * 1000) / 1000.0);
      }
      ArrayNode moves = node.putArray("movesEachSecond");
      for (int each : outcome.movesEach()) {
        moves.add(each);
      }
    }
    return result;
  }
}
