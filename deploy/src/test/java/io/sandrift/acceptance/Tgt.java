package io.sandrift.acceptance;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Linux's user-space target, tgt, with files as its disks, on loopback and a port of its own. */
final class Tgt implements AutoCloseable {

  private static final String TARGET = "iqn.2026-11.io.sandrift.test:tgt";
  private static final int STARTS = 5;

  private final Process process;
  private final String control;
  private final int port;

  private Tgt(Process process, String control, int port) {
    this.process = process;
    this.control = control;
    this.port = port;
  }

  /** Starts it; disk number n, from 1 on, is the n-th file. */
  static Tgt start(Path directory, List<Path> disks) throws Exception {
    Files.createDirectories(Path.of("/var/run/tgtd"));
    // The port is free until somebody else takes it in between; then the next one is tried.
    for (int attempt = 1; ; attempt++) {
      int port = freePort();
      String control = Long.toString(1000 + (ProcessHandle.current().pid() * 7 + attempt) % 30000);
      Process process =
          new ProcessBuilder("tgtd", "-f", "-C", control, "--iscsi", "portal=127.0.0.1:" + port)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("tgt.log").toFile())
              .start();
      Tgt tgt = new Tgt(process, control, port);
      if (tgt.isUp()) {
        tgt.offer(disks);
        return tgt;
      }
      tgt.close();
      if (attempt == STARTS) {
        throw new AssertionError(
            "tgtd didn't start: " + Files.readString(directory.resolve("tgt.log")));
      }
    }
  }

  private boolean isUp() throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (process.isAlive() && System.nanoTime() < deadline) {
      if (admin("--op", "show", "--mode", "system").exitCode() == 0) {
        return true;
      }
      process.waitFor(100, TimeUnit.MILLISECONDS);
    }
    return false;
  }

  private void offer(List<Path> disks) throws Exception {
    admin("--lld", "iscsi", "--op", "new", "--mode", "target", "--tid", "1", "-T", TARGET)
        .expectSuccess();
    for (int i = 0; i < disks.size(); i++) {
      admin(
              "--lld",
              "iscsi",
              "--op",
              "new",
              "--mode",
              "logicalunit",
              "--tid",
              "1",
              "--lun",
              Integer.toString(i + 1),
              "-b",
              disks.get(i).toString())
          .expectSuccess();
    }
    admin("--lld", "iscsi", "--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL")
        .expectSuccess();
  }

  private Tool.Result admin(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("tgtadm", "-C", control));
    command.addAll(List.of(arguments));
    return Tool.run(Duration.ofSeconds(30), command.toArray(new String[0]));
  }

  /** The URL of a disk, from 1 on. */
  String url(int disk) {
    return "iscsi://127.0.0.1:" + port + "/" + TARGET + "/" + disk;
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
    Files.deleteIfExists(Path.of("/var/run/tgtd/socket." + control));
    Files.deleteIfExists(Path.of("/var/run/tgtd/socket." + control + ".lock"));
  }
}
