package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

  private static final Duration DEADLINE = Duration.ofSeconds(90);

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
    assertThat(sandrift("client", "ls", server.portal()).expectSuccess().output())
        .contains(server.targetName())
        .contains(server.portal());
  }

  @Test
  void infoTellsTheSizeAndTheTerms() throws Exception {
    assertThat(sandrift("client", "info", server.url(), "-o", "json").expectSuccess().output())
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
    assertThat(sandrift("client", "info", server.url(), "--digests").expectSuccess().output())
        .contains("header CRC32C, data CRC32C");
  }

  @Test
  @Tag("I11")
  void aDeadPortalInTheListIsPassedOver() throws Exception {
    String url = server.url().replace("iscsi://", "iscsi://127.0.0.1:1,");
    assertThat(sandrift("client", "info", url).expectSuccess().output()).contains(server.portal());
  }

  @Test
  void aTargetThatIsNotThereIsSaidToBeMissing() throws Exception {
    Tool.Result result = sandrift("client", "info", server.url() + "x/0");
    assertThat(result.exitCode()).isEqualTo(2);
    result = sandrift("client", "info", server.url("nothing"));
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
    assertThat(sandrift(write.toArray(new String[0])).expectSuccess().output()).contains("(100 %)");
    sandrift(
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

  private static Tool.Result sandrift(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dsandrift.log=WARN",
            "-cp",
            System.getProperty("java.class.path")));
    command.add("io.sandrift.deploy.Sandrift");
    command.addAll(List.of(arguments));
    return Tool.run(DEADLINE, command.toArray(new String[0]));
  }
}
