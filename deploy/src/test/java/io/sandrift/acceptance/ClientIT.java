package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sandrift client}, with both engines, against a demo server. */
@Tag("S11")
class ClientIT {

  @TempDir static Path data;
  @TempDir Path files;
  private static RunningServer server;

  @BeforeAll
  static void startServer() throws Exception {
    server = RunningServer.start(data);
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @Test
  @Tag("S4")
  void lsNamesTheTargetAndItsPortal() throws Exception {
    assertThat(Sandrift.run("client", "ls", server.portal()).expectSuccess().output())
        .contains(server.targetName())
        .contains(server.portal());
  }

  @Test
  void infoTellsTheSizeAndTheTerms() throws Exception {
    assertThat(Sandrift.run("client", "info", server.url(), "-o", "json").expectSuccess().output())
        .contains("\"sizeBytes\" : 1073741824")
        .contains("\"thin\" : true");
  }

  @Test
  void aFileThatIsWrittenAnywhereIsReadBack() throws Exception {
    copyThereAndBack("sandrift", "12345");
  }

  @Test
  void aFileThatJscsiWritesIsReadBackByJscsi() throws Exception {
    copyThereAndBack("jscsi", "32MiB");
  }

  @Test
  void digestsAreUsedWhenTheyAreAskedFor() throws Exception {
    assertThat(Sandrift.run("client", "info", server.url(), "--digests").expectSuccess().output())
        .contains("header CRC32C, data CRC32C");
  }

  @Test
  @Tag("I11")
  void aDeadPortalInTheListIsPassedOver() throws Exception {
    String url = server.url().replace("iscsi://", "iscsi://127.0.0.1:1,");
    assertThat(Sandrift.run("client", "info", url).expectSuccess().output())
        .contains(server.portal());
  }

  @Test
  void aTargetThatIsNotThereIsSaidToBeMissing() throws Exception {
    Tool.Result result = Sandrift.run("client", "info", server.url() + "x/0");
    assertThat(result.exitCode()).isEqualTo(2);
    result = Sandrift.run("client", "info", server.url("nothing"));
    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(result.output()).contains("there is no target");
  }

  private void copyThereAndBack(String engine, String offset) throws Exception {
    byte[] content = new byte[3_000_000];
    new Random(7).nextBytes(content);
    Path file = Files.write(files.resolve("in"), content);
    Path back = files.resolve("back");
    List<String> write =
        new ArrayList<>(
            List.of(
                "client",
                "write",
                server.url(),
                "--engine",
                engine,
                "--offset",
                offset,
                "--input",
                file.toString()));
    if (engine.equals("jscsi")) {
      write.add("--no-flush");
    }
    assertThat(Sandrift.run(write.toArray(new String[0])).expectSuccess().output())
        .contains("(100 %)");
    Sandrift.run(
            "client",
            "read",
            server.url(),
            "--engine",
            engine,
            "--offset",
            offset,
            "--length",
            Integer.toString(content.length),
            "--output",
            back.toString())
        .expectSuccess();
    assertThat(Files.readAllBytes(back)).isEqualTo(content);
  }
}
