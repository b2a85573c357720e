package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** libiscsi's own tools against a demo server, with no option that the server would need. */
@Tag("S11")
class LibiscsiToolsIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @TempDir static Path data;
  private static RunningServer server;

  @BeforeAll
  static void startServer() throws Exception {
    Tool.require("iscsi-ls", "libiscsi-bin");
    server = RunningServer.start(data);
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void iscsiLsListsTheTargetAndItsDisk() throws Exception {
    String output =
        Tool.run(DEADLINE, "iscsi-ls", "-s", "iscsi://" + server.portal() + "/")
            .expectSuccess()
            .output();
    assertThat(output)
        .contains("Target:" + server.targetName())
        .contains("Portal:" + server.portal() + ",1");
    assertThat(output).containsPattern("Lun:0\\s+Type:DIRECT_ACCESS \\(Size:");
  }

  @Test
  void iscsiInqReadsTheStandardInquiryData() throws Exception {
    String output = Tool.run(DEADLINE, "iscsi-inq", server.url()).expectSuccess().output();
    assertThat(output).contains("SANDRIFT").contains("DIRECT_ACCESS");
  }

  @Test
  void iscsiInqReadsEachVitalProductDataPage() throws Exception {
    for (String page : new String[] {"0", "128", "131", "176", "177", "178"}) {
      Tool.run(DEADLINE, "iscsi-inq", "-e", "1", "-c", page, server.url()).expectSuccess();
    }
  }

  @Test
  void iscsiSwpShowsAndSetsSoftwareWriteProtection() throws Exception {
    assertThat(Tool.run(DEADLINE, "iscsi-swp", server.url()).expectSuccess().output())
        .contains("SWP:0");
    Tool.run(DEADLINE, "iscsi-swp", "--swp=on", server.url()).expectSuccess();
    assertThat(Tool.run(DEADLINE, "iscsi-swp", server.url()).expectSuccess().output())
        .contains("SWP:1");
    Tool.run(DEADLINE, "iscsi-swp", "--swp=off", server.url()).expectSuccess();
    assertThat(Tool.run(DEADLINE, "iscsi-swp", server.url()).expectSuccess().output())
        .contains("SWP:0");
  }

  @Test
  void iscsiPerfReadsForAWhileWithoutAnError() throws Exception {
    String output =
        Tool.run(DEADLINE, "iscsi-perf", "-t", "2", "-m", "32", "-b", "8", server.url()).output();
    assertThat(output).contains("iops").doesNotContainIgnoringCase("failed");
  }
}
