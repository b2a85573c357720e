package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that asks for CHAP, as its settings say, against libiscsi's initiator and ours. */
@Tag("S11")
class ChapIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String SECRET = "a-secret-of-initiators";
  private static final String TARGET_SECRET = "a-secret-of-the-target";

  @TempDir static Path data;
  @TempDir static Path files;
  private static RunningServer server;

  @BeforeAll
  static void startServer() throws Exception {
    RunningServer.start(data).close();
    server =
        RunningServer.startWithSettings(
            data,
            "--chap-user",
            "alice",
            "--chap-secret-file",
            secretFile("alice", SECRET).toString(),
            "--chap-target-user",
            "disk",
            "--chap-target-secret-file",
            secretFile("disk", TARGET_SECRET).toString());
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void libiscsiMountsWithTheSecretAndNotWithoutIt() throws Exception {
    Tool.require("iscsi-inq", "libiscsi-bin");
    String withSecret = server.url().replace("iscsi://", "iscsi://alice%" + SECRET + "@");
    Tool.run(DEADLINE, "iscsi-inq", withSecret).expectSuccess();
    assertThat(Tool.run(DEADLINE, "iscsi-inq", server.url()).exitCode()).isNotZero();
    assertThat(
            Tool.run(DEADLINE, "iscsi-inq", withSecret.replace(SECRET, "another-secret"))
                .exitCode())
        .isNotZero();
  }

  @Test
  void ourClientAndTheTargetProveThemselvesToEachOther() throws Exception {
    Sandrift.run(
            "client",
            "info",
            server.url(),
            "--chap-user",
            "alice",
            "--chap-secret-file",
            files.resolve("alice").toString(),
            "--target-chap-user",
            "disk",
            "--target-chap-secret-file",
            files.resolve("disk").toString())
        .expectSuccess();
  }

  @Test
  void ourClientLeavesATargetThatCannotProveItself() throws Exception {
    Tool.Result result =
        Sandrift.run(
            "client",
            "info",
            server.url(),
            "--chap-user",
            "alice",
            "--chap-secret-file",
            files.resolve("alice").toString(),
            "--target-chap-user",
            "disk",
            "--target-chap-secret-file",
            secretFile("wrong", "not-the-secret-of-the-target").toString());
    assertThat(result.exitCode()).isEqualTo(5);
    assertThat(result.output()).contains("did not prove itself").doesNotContain(SECRET);
  }

  @Test
  void noSecretShowsInTheServersOutput() throws Exception {
    Sandrift.run("client", "info", server.url());
    assertThat(server.output()).doesNotContain(SECRET).doesNotContain(TARGET_SECRET);
  }

  private static Path secretFile(String name, String secret) throws Exception {
    Path file = Files.writeString(files.resolve(name), secret + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }
}
