package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The tar.gz and the Debian package as somebody else gets them: unpacked elsewhere, and run by a
 * user without rights. About 15 s, most of it for two starts of Java.
 */
@Timeout(180)
class DistributionIT {

  private static final String VERSION = System.getProperty("sandrift.version", "0.1.0");
  private static final Path TARGET = Path.of("target");
  private static final String NOBODY = "65534";

  private static Path directory;
  private static Path home;

  @BeforeAll
  static void unpack() throws Exception {
    // Not a directory of JUnit's, which others than its owner can't enter.
    directory = Files.createTempDirectory("sandrift-distribution");
    Path archive = TARGET.resolve("sandrift-" + VERSION + ".tar.gz");
    assertThat(archive).as("made by mvn package").isNotEmptyFile();
    succeed("tar", "-xzf", archive.toString(), "-C", directory.toString());
    home = directory.resolve("sandrift-" + VERSION);
    Files.createDirectory(directory.resolve("data"));
    if (isRoot()) {
      succeed("chmod", "755", directory.toString());
      succeed("chown", NOBODY + ":" + NOBODY, directory.resolve("data").toString());
    }
  }

  @AfterAll
  static void remove() throws Exception {
    succeed("rm", "-rf", directory.toString());
  }

  @Test
  void theTarHasWhatAnAdministratorLooksFor() {
    for (String file :
        List.of(
            "bin/sandrift",
            "conf/sandrift.yaml",
            "systemd/sandrift-server.service",
            "sysusers.d/sandrift.conf",
            "share/man/man1/sandrift.1",
            "share/bash-completion/completions/sandrift",
            "docs/settings.md",
            "ensemble/zoo.cfg",
            "README.md",
            "CHANGELOG.md",
            "LICENSE")) {
      assertThat(home.resolve(file)).isNotEmptyFile();
    }
  }

  @Test
  void theLauncherSaysItsVersionAlsoThroughASymbolicLink() throws Exception {
    Path link =
        Files.createSymbolicLink(directory.resolve("sandrift"), home.resolve("bin/sandrift"));
    assertThat(succeed(unprivileged(link.toString(), "--version")))
        .isEqualTo("sandrift " + VERSION + "\n");
  }

  @Test
  void aServerRunsWithoutRightsAndSigtermStopsItInOrder() throws Exception {
    List<String> command =
        unprivileged(
            home.resolve("bin/sandrift").toString(),
            "server",
            "--config",
            home.resolve("conf/sandrift.yaml").toString(),
            "--data-dir",
            directory.resolve("data").toString(),
            "--portals",
            "127.0.0.1:0",
            "--admin-address",
            "127.0.0.1:0");
    Process server = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      StringBuilder seen = new StringBuilder();
      BufferedReader reader = server.inputReader(StandardCharsets.UTF_8);
      String line = reader.readLine();
      while (line != null && !line.contains("is ready")) {
        seen.append(line).append('\n');
        line = reader.readLine();
      }
      assertThat(line).as("ready, after:%n%s", seen).startsWith("Sandrift " + VERSION + " server");
      server.destroy();
      assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(server.exitValue()).isZero();
    } finally {
      server.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void theDebianPackageHasItsFilesItsUnitAndItsUser() throws Exception {
    Path deb = TARGET.resolve("sandrift_" + VERSION + "_all.deb");
    Assumptions.assumeTrue(Files.exists(deb), "made by mvn verify -Pdist");
    Assumptions.assumeTrue(isInstalled("dpkg-deb"), "dpkg-deb is Debian's");
    assertThat(succeed("dpkg-deb", "--field", deb.toString()))
        .contains("Package: sandrift\n", "Version: " + VERSION + "\n", "Architecture: all\n");
    Path unpacked = directory.resolve("deb");
    succeed("dpkg-deb", "--raw-extract", deb.toString(), unpacked.toString());
    for (String file :
        List.of(
            "usr/share/sandrift/bin/sandrift",
            "etc/sandrift/sandrift.yaml",
            "etc/default/sandrift",
            "lib/systemd/system/sandrift-server.service",
            "usr/share/man/man1/sandrift.1.gz",
            "usr/share/bash-completion/completions/sandrift",
            "usr/share/doc/sandrift/ensemble/zoo.cfg",
            "usr/share/doc/sandrift/copyright")) {
      assertThat(unpacked.resolve(file)).isNotEmptyFile();
    }
    assertThat(Files.readString(unpacked.resolve("DEBIAN/postinst"))).contains("adduser --system");
    for (String conffile : Files.readAllLines(unpacked.resolve("DEBIAN/conffiles"))) {
      assertThat(unpacked.resolve(conffile.substring(1))).exists();
    }
    assertThat(succeed(unpacked.resolve("usr/bin/sandrift").toString(), "--version"))
        .isEqualTo("sandrift " + VERSION + "\n");
  }

  /** The command as a user without rights would run it; as whoever runs the test, unless root. */
  private static List<String> unprivileged(String... command) {
    List<String> whole = new ArrayList<>();
    if (isRoot()) {
      whole.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY));
      whole.addAll(List.of("--clear-groups", "--no-new-privs", "--bounding-set=-all"));
    }
    whole.addAll(List.of(command));
    return whole;
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root") && isInstalled("setpriv");
  }

  private static boolean isInstalled(String program) {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
  }

  private static String succeed(String... command) throws Exception {
    return succeed(List.of(command));
  }

  private static String succeed(List<String> command) throws Exception {
    Path output = Files.createTempFile("distribution", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(120, TimeUnit.SECONDS);
      process.destroyForcibly();
      assertThat(ended).as("%s ends", command).isTrue();
      assertThat(process.exitValue()).as("%s: %s", command, read(output)).isZero();
      return read(output);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }
}
