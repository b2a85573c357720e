package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * libiscsi's conformance suite, one suite of it at a time: nothing may fail, and nothing may be
 * skipped that docs/conformance.md doesn't list.
 */
@Tag("S11")
class ConformanceIT {

  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final Pattern VERDICT =
      Pattern.compile(
          "^  Test: (\\S+) \\.\\.\\.(.*?)(?=^  Test: |^Suite: |^Run Summary|\\z)",
          Pattern.MULTILINE | Pattern.DOTALL);

  /**
   * The suite's verdict stands alone at a line's end; its log says "[FAILED]" of what it expects to
   * fail.
   */
  private static final Pattern FAILED = Pattern.compile("(?<!\\[)FAILED\\s*$", Pattern.MULTILINE);

  @TempDir static Path data;
  private static RunningServer server;
  private static KnownSkips skips;

  @BeforeAll
  static void startServer() throws Exception {
    Tool.require("iscsi-test-cu", "libiscsi-bin");
    skips = KnownSkips.read();
    server = RunningServer.start(data);
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @TestFactory
  List<DynamicTest> everySuitePasses() throws Exception {
    Set<String> suites = new LinkedHashSet<>();
    for (String line : Tool.run(DEADLINE, "iscsi-test-cu", "-l").output().split("\\s+")) {
      String[] parts = line.split("\\.");
      if (parts.length >= 3 && (parts[0].equals("SCSI") || parts[0].equals("iSCSI"))) {
        suites.add(parts[0] + "." + parts[1]);
      }
    }
    assertThat(suites).hasSizeGreaterThan(40);
    List<DynamicTest> tests = new ArrayList<>();
    for (String suite : suites) {
      tests.add(DynamicTest.dynamicTest(suite, () -> run(suite)));
    }
    return tests;
  }

  @Test
  void theServerOutlivesTheSuite() {
    assertThat(server.isAlive()).isTrue();
  }

  private static void run(String suite) throws Exception {
    // Both paths lead to the same server; the multipath suite wants two.
    Tool.Result result =
        Tool.run(DEADLINE, "iscsi-test-cu", "-d", "-V", "-t", suite, server.url(), server.url());
    Map<String, String> verdicts = new LinkedHashMap<>();
    Matcher matcher = VERDICT.matcher(result.output());
    while (matcher.find()) {
      String report = matcher.group(2);
      verdicts.put(
          matcher.group(1),
          report.contains("[SKIPPED]")
              ? "skipped"
              : FAILED.matcher(report).find() ? "failed" : "passed");
    }
    assertThat(verdicts).as(result.output()).isNotEmpty().doesNotContainValue("failed");
    assertThat(result.output()).contains("Run Summary");
    verdicts.forEach(
        (test, verdict) ->
            assertThat(verdict.equals("skipped") && !skips.explains(suite, test))
                .as("%s.%s is skipped, and docs/conformance.md does not say why", suite, test)
                .isFalse());
  }
}
