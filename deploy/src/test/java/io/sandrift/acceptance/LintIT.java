package io.sandrift.acceptance;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What deploys and watches a cluster, judged by the tools that it is written for. */
class LintIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Path OBSERVABILITY = Path.of("observability");

  @Test
  void promtoolAcceptsTheAlertRulesAndTheirTestsHold() throws Exception {
    Tool.require("promtool", "prometheus");
    promtool("check", "rules", "alerts.yaml");
    promtool("test", "rules", "alerts-test.yaml");
  }

  @Test
  void promtoolAcceptsHowPrometheusIsConfigured() throws Exception {
    Tool.require("promtool", "prometheus");
    promtool("check", "config", "--syntax-only", "prometheus.yaml");
  }

  /** The last word is a file. */
  private static void promtool(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of(words));
    command.add(0, "promtool");
    command.set(command.size() - 1, OBSERVABILITY.resolve(words[words.length - 1]).toString());
    Tool.run(LIMIT, command.toArray(new String[0])).expectSuccess();
  }

  @Test
  void shellcheckFindsNothingInTheScripts() throws Exception {
    Tool.require("shellcheck", "shellcheck");
    Tool.run(
            LIMIT,
            "shellcheck",
            "../.ci/run",
            "bin/sandrift",
            "src/dist/bin/sandrift",
            "src/image/lay-out",
            "src/dist/ensemble/make-certificates",
            "src/deb/control/postinst",
            "src/deb/control/postrm",
            "src/deb/control/prerm",
            "compose/make-secrets",
            "kubernetes/make-secrets")
        .expectSuccess();
  }

  @Test
  void kubectlPutsTheManifestsTogether() throws Exception {
    Tool.require("kubectl", "kubernetes-client");
    Tool.run(LIMIT, "kubectl", "kustomize", "kubernetes").expectSuccess();
  }

  @Test
  void composeReadsItsFile() throws Exception {
    Tool.require("docker-compose", "docker-compose");
    Tool.run(LIMIT, "docker-compose", "-f", "compose/compose.yaml", "config", "-q").expectSuccess();
  }
}
