package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disks come in from another target, tgt, and go out to it again. */
@Tag("S12")
class VolumeCopyIT {

  private static final int MIB = 1 << 20;
  private static final int SIZE_MIB = 48;

  @TempDir Path files;

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void aDiskOfAnotherTargetComesInAfterAKillAndGoesOutAgainAsItWas() throws Exception {
    Tool.require("tgtd", "tgt");
    Path original = disk("original", true);
    Path empty = disk("empty", false);
    try (Tgt tgt = Tgt.start(files, List.of(original, empty));
        RunningServer server = RunningServer.start(files.resolve("data"))) {
      Sandrift.run("volume", "create", "v", "--size", SIZE_MIB + "MiB", "--admin", server.admin())
          .expectSuccess();

      killWhenSomeIsDone(
          command(server, "volume", "import", "v", "--from", tgt.url(1), "--rate", "2MiB"));
      Tool.Result imported =
          run(server, "volume", "import", "v", "--from", tgt.url(1), "--verify").expectSuccess();
      assertThat(imported.output()).contains("were copied by an earlier run").contains("verified");

      // A third of it is zeros, which take no space.
      Tool.Result shown =
          Sandrift.run("volume", "show", "v", "-o", "json", "--admin", server.admin());
      assertThat(shown.expectSuccess().output())
          .contains("\"allocatedBytes\" : " + SIZE_MIB * 2 / 3 * MIB);

      assertThat(run(server, "volume", "import", "v", "--from", tgt.url(1)).exitCode())
          .as("data aren't replaced without a word")
          .isEqualTo(4);

      Path image = files.resolve("image");
      run(server, "volume", "export", "v", "--to", image.toString()).expectSuccess();
      assertThat(Files.mismatch(image, original)).isEqualTo(-1);

      run(server, "volume", "export", "v", "--to", tgt.url(2), "--overwrite", "--verify")
          .expectSuccess();
      assertThat(Files.mismatch(empty, original)).isEqualTo(-1);
    }
  }

  private Path disk(String name, boolean hasData) throws IOException {
    Path file = files.resolve(name);
    Random random = new Random(5);
    byte[] content = new byte[MIB];
    try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
      disk.setLength((long) SIZE_MIB * MIB);
      for (int i = 0; hasData && i < SIZE_MIB; i++) {
        if (i % 3 != 1) {
          random.nextBytes(content);
          disk.seek((long) i * MIB);
          disk.write(content);
        }
      }
    }
    return file;
  }

  private String[] command(RunningServer server, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(
        List.of(
            "--admin",
            server.admin(),
            "--checkpoint",
            "1MiB",
            "--state-dir",
            files.resolve("state").toString()));
    return all.toArray(new String[0]);
  }

  private Tool.Result run(RunningServer server, String... arguments) throws Exception {
    return Sandrift.run(command(server, arguments));
  }

  private void killWhenSomeIsDone(String... arguments) throws Exception {
    Process process = Sandrift.start(arguments);
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
      while (!someIsNoted()) {
        assertThat(process.isAlive()).as("it copies").isTrue();
        assertThat(System.nanoTime()).as("within 90 s").isLessThan(deadline);
        process.waitFor(50, TimeUnit.MILLISECONDS);
      }
    } finally {
      process.destroyForcibly();
      process.waitFor(20, TimeUnit.SECONDS);
    }
  }

  private boolean someIsNoted() throws IOException {
    Path state = files.resolve("state");
    if (!Files.isDirectory(state)) {
      return false;
    }
    try (Stream<Path> notes = Files.list(state)) {
      return notes.anyMatch(note -> note.toString().endsWith(".json"));
    }
  }
}
