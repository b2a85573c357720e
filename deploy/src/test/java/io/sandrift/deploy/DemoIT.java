package io.sandrift.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.acceptance.ClassArchive;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code sandrift demo} as a process of its own: its lines, its signals, its end. */
@Timeout(300)
class DemoIT {

  @TempDir Path directory;

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void killAll() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    }
  }

  @Test
  @Tag("S11")
  void aLineEndsInTheVolumesUrlOnceItCanBeMounted() throws Exception {
    URI url = urlOf(demo());
    assertThat(url.getScheme()).isEqualTo("iscsi");
    assertThat(url.getPath()).isEqualTo("/iqn.2026-11.io.sandrift:demo/0");
    new Socket(url.getHost(), url.getPort()).close();
  }

  @Test
  void afterSigtermItEndsInOrderAndNothingListensAnyMore() throws Exception {
    Process demo = demo();
    URI url = urlOf(demo);
    demo.destroy();
    assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(demo.exitValue()).isZero();
    Assertions.assertThatThrownBy(() -> new Socket(url.getHost(), url.getPort()).close())
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void itStartsAgainWhereAKilledOneEnded() throws Exception {
    Process first = demo();
    urlOf(first);
    first.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    assertThat(urlOf(demo()).getPath()).contains("demo");
  }

  @Test
  void aSecondOneOnTheSameDirectoryIsToldWhoHasIt() throws Exception {
    Process first = demo();
    urlOf(first);
    Process second = demo();
    String output = output(second);
    assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).isEqualTo(1);
    assertThat(output).contains("in use by another server, process " + first.pid());
  }

  @Test
  void aTakenPortalIsToldInOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String portal = "127.0.0.1:" + taken.getLocalPort();
      Process demo = demo("--portal", portal);
      String output = output(demo);
      assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(demo.exitValue()).isEqualTo(1);
      assertThat(output.strip().lines())
          .singleElement()
          .asString()
          .startsWith("sandrift: ")
          .contains(portal);
    }
  }

  @Test
  void anotherVolumeCanBeAskedFor() throws Exception {
    assertThat(urlOf(demo("--volume", "mine", "--volume-size", "2GiB")).getPath())
        .isEqualTo("/iqn.2026-11.io.sandrift:mine/0");
  }

  @Test
  @Tag("S12")
  void threeServersEachPresentTheVolume() throws Exception {
    Process demo = cluster("3");
    Set<Integer> ports = new TreeSet<>();
    BufferedReader reader = demo.inputReader();
    for (String line = reader.readLine(); line != null && ports.size() < 3; ) {
      int url = line.indexOf("iscsi://");
      if (url >= 0) {
        URI portal = URI.create(line.substring(url));
        new Socket(portal.getHost(), portal.getPort()).close();
        ports.add(portal.getPort());
      }
      line = ports.size() < 3 ? reader.readLine() : "";
    }
    assertThat(ports).hasSize(3);
    List<ProcessHandle> others = demo.descendants().toList();
    assertThat(others).hasSize(2);
    demo.destroy();
    assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
    for (ProcessHandle other : others) {
      other.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  private Process demo(String... more) throws IOException {
    return cluster("1", more);
  }

  private Process cluster(String servers, String... more) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(ClassArchive.options());
    command.addAll(List.of("io.sandrift.deploy.Sandrift", "demo", "--servers", servers));
    command.addAll(List.of("--data-dir", directory.resolve("data").toString()));
    List<String> given = List.of(more);
    command.addAll(given);
    for (String address : List.of("--portal", "--admin")) {
      if (!given.contains(address)) {
        command.addAll(List.of(address, "127.0.0.1:0"));
      }
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    processes.add(process);
    return process;
  }

  /** Reads on until the line of the volume, which may be the process's last. */
  private static URI urlOf(Process demo) throws IOException {
    BufferedReader reader = demo.inputReader();
    StringBuilder seen = new StringBuilder();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      seen.append(line).append('\n');
      int url = line.indexOf("iscsi://");
      if (url >= 0) {
        return URI.create(line.substring(url));
      }
    }
    throw new AssertionError("no volume's line, but:\n" + seen);
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
