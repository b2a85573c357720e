package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** QEMU's block layer as the initiator. */
@Tag("S11")
class QemuIT {

  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final int MIB = 1024 * 1024;

  @TempDir static Path data;
  @TempDir Path images;
  private static RunningServer server;

  @BeforeAll
  static void startServer() throws Exception {
    Tool.require("qemu-img", "qemu-utils qemu-block-extra");
    Tool.require("qemu-io", "qemu-utils qemu-block-extra");
    server = RunningServer.start(data, "--volume-size", "256MiB");
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void anImageThatQemuImgConvertsOntoTheVolumeComparesEqual() throws Exception {
    Path image = images.resolve("disk.raw");
    writeSparseImage(image);
    Tool.run(
            DEADLINE,
            "qemu-img",
            "convert",
            "-n",
            "-f",
            "raw",
            "-O",
            "raw",
            image.toString(),
            server.url())
        .expectSuccess();
    assertThat(
            Tool.run(
                    DEADLINE,
                    "qemu-img",
                    "compare",
                    "-f",
                    "raw",
                    "-F",
                    "raw",
                    image.toString(),
                    server.url())
                .expectSuccess()
                .output())
        .contains("Images are identical");
  }

  @Test
  void qemuIoReadsBackThePatternThatItWroteAndDiscards() throws Exception {
    Tool.Result result =
        Tool.run(
            DEADLINE,
            "qemu-io",
            "-f",
            "raw",
            "-c",
            "write -P 0xa5 3m 2m",
            "-c",
            "flush",
            "-c",
            "read -P 0xa5 3m 2m",
            "-c",
            "discard 3m 2m",
            "-c",
            "read -P 0 3m 2m",
            server.url());
    assertThat(result.expectSuccess().output())
        .doesNotContain("verification failed")
        .contains("discard 2097152/2097152");
  }

  private static void writeSparseImage(Path image) throws Exception {
    Random random = new Random(20261121);
    byte[] chunk = new byte[MIB];
    try (OutputStream out = Files.newOutputStream(image)) {
      for (int mib = 0; mib < 256; mib++) {
        if (mib % 4 == 0) {
          random.nextBytes(chunk);
        } else {
          java.util.Arrays.fill(chunk, (byte) 0);
        }
        out.write(chunk);
      }
    }
  }
}
