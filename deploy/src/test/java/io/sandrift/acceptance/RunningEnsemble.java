package io.sandrift.acceptance;

import io.sandrift.load.ensemble.Ensemble;
import io.sandrift.load.ensemble.Identity;
import io.sandrift.load.ensemble.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.apache.zookeeper.util.PemReader;
import org.jspecify.annotations.Nullable;

/**
 * Three ZooKeepers as processes of their own, configured by the files that administrators are given
 * ({@code ensemble/} of the distribution), with nothing but paths, ports and the password changed.
 * Closing it ends them.
 */
final class RunningEnsemble implements AutoCloseable {

  private static final int MEMBERS = 3;
  private static final int ATTEMPTS = 3;
  private static final Path FILES = Path.of("src/dist/ensemble");
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int ANSWER_MILLIS = 20_000;

  /** Below the ports that the system gives out, so that nobody else gets one meanwhile. */
  private static final int FIRST_PORT = 20_000;

  private static final int PORTS = 10_000;

  private final Path directory;
  private final Path pki;
  private final List<Integer> ports = new ArrayList<>();
  private final List<Process> members = new ArrayList<>();

  private RunningEnsemble(Path directory) {
    this.directory = directory;
    this.pki = directory.resolve("pki");
  }

  /** Starts one, and returns when it has a leader. */
  static RunningEnsemble start(Path directory) throws Exception {
    Files.createDirectories(directory);
    RunningEnsemble ensemble = new RunningEnsemble(directory);
    Tool.run(
            Duration.ofSeconds(60),
            FILES.resolve("make-certificates").toString(),
            ensemble.pki.toString(),
            "localhost,127.0.0.1",
            "sandrift")
        .expectSuccess();
    Files.writeString(ensemble.passwordFile(), "swordfish-of-the-cluster\n");
    Files.setPosixFilePermissions(
        ensemble.passwordFile(), PosixFilePermissions.fromString("rw-------"));
    try {
      for (int attempt = 1; !ensemble.launch("attempt-" + attempt); attempt++) {
        if (attempt == ATTEMPTS) {
          throw new AssertionError("no ensemble; see " + directory + ":\n" + ensemble.logs());
        }
      }
      return ensemble;
    } catch (Exception | Error e) {
      ensemble.close();
      throw e;
    }
  }

  /** False if a member ended, as it does when somebody has taken a port meanwhile. */
  private boolean launch(String attempt) throws Exception {
    close();
    members.clear();
    ports.clear();
    List<Integer> all = freePorts(3 * MEMBERS);
    ports.addAll(all.subList(0, MEMBERS));
    List<String> peers = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      peers.add("127.0.0.1:" + all.get(MEMBERS + i) + ":" + all.get(2 * MEMBERS + i));
    }
    for (int i = 0; i < MEMBERS; i++) {
      members.add(launchMember(directory.resolve(attempt).resolve("zk" + (i + 1)), i, peers));
    }
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (leader().isEmpty()) {
      if (!members.stream().allMatch(Process::isAlive) || System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    return true;
  }

  private Process launchMember(Path home, int index, List<String> peers) throws Exception {
    Path data = Files.createDirectories(home.resolve("data"));
    Files.writeString(data.resolve("myid"), Integer.toString(index + 1));
    Map<String, String> changed = new HashMap<>();
    changed.put("dataDir", data.toString());
    changed.put("secureClientPort", Integer.toString(ports.get(index)));
    for (String what : List.of("ssl.", "ssl.quorum.")) {
      changed.put(what + "keyStore.location", pki.resolve("localhost.pem").toString());
      changed.put(what + "trustStore.location", authority().toString());
    }
    for (int i = 0; i < MEMBERS; i++) {
      changed.put("server." + (i + 1), peers.get(i));
    }
    List<String> lines = new ArrayList<>(List.of("secureClientPortAddress=127.0.0.1"));
    for (String line : Files.readAllLines(FILES.resolve("zoo.cfg"))) {
      String key = line.replaceFirst("=.*", "");
      lines.add(changed.containsKey(key) ? key + "=" + changed.remove(key) : line);
    }
    if (!changed.isEmpty()) {
      throw new AssertionError("zoo.cfg doesn't have " + changed.keySet());
    }
    Path configuration = Files.write(home.resolve("zoo.cfg"), lines);
    Path jaas =
        Files.writeString(
            home.resolve("jaas.conf"),
            Files.readString(FILES.resolve("jaas.conf"))
                .replace("PASSWORD", Files.readString(passwordFile()).strip()));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Djava.net.preferIPv4Stack=true");
    command.add("-Djava.security.auth.login.config=" + jaas);
    command.addAll(ClassArchive.options());
    command.add("org.apache.zookeeper.server.quorum.QuorumPeerMain");
    command.add(configuration.toString());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(home.resolve("log").toFile())
        .start();
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<Integer> free = new ArrayList<>();
    List<ServerSocket> held = new ArrayList<>();
    Random random = new Random();
    try {
      for (int attempt = 0; free.size() < count && attempt < 100 * count; attempt++) {
        try {
          ServerSocket socket =
              new ServerSocket(
                  FIRST_PORT + random.nextInt(PORTS), 1, InetAddress.getByName("127.0.0.1"));
          held.add(socket);
          free.add(socket.getLocalPort());
        } catch (IOException e) {
          // Somebody has it: another one.
        }
      }
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
    if (free.size() < count) {
      throw new AssertionError("no " + count + " ports from " + FIRST_PORT + " on are free");
    }
    return free;
  }

  /** The index of the member that says that it leads. */
  Optional<Integer> leader() {
    for (int i = 0; i < members.size(); i++) {
      if (members.get(i).isAlive() && srvr(i, identity()).contains("Mode: leader")) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  /** Ends a member's process at once, as {@code kill -9} does. */
  void kill(int member) throws InterruptedException {
    Process process = members.get(member);
    process.destroyForcibly();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new AssertionError("process " + process.pid() + " survived SIGKILL");
    }
  }

  /** What a member answers to whom has this certificate; nothing if it doesn't answer. */
  String srvr(int member, @Nullable Path certificate) {
    try (SSLSocket socket = (SSLSocket) context(certificate).getSocketFactory().createSocket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", ports.get(member)), ANSWER_MILLIS);
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      return "";
    }
  }

  private SSLContext context(@Nullable Path certificate) {
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(PemReader.loadTrustStore(authority().toFile()));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      KeyStore none = KeyStore.getInstance(KeyStore.getDefaultType());
      none.load((InputStream) null, null);
      keys.init(
          certificate == null
              ? none
              : PemReader.loadKeyStore(
                  certificate.toFile(), certificate.toFile(), Optional.empty()),
          new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (Exception e) {
      throw new AssertionError("TLS to the ensemble", e);
    }
  }

  /** All members, and the path below which the cluster's znodes are to lie. */
  String connectString() {
    return String.join(",", ports.stream().map(port -> "localhost:" + port).toList()) + "/lab";
  }

  Path authority() {
    return pki.resolve("authority.pem");
  }

  /** The certificate of the cluster, with its key. */
  Path identity() {
    return pki.resolve("sandrift.pem");
  }

  Path passwordFile() {
    return directory.resolve("password");
  }

  /** What servers are told, by key. */
  Map<String, String> settings() {
    return Map.of(
        "zookeeper.connect",
        connectString(),
        "zookeeper.user",
        "sandrift",
        "zookeeper.password-file",
        passwordFile().toString(),
        "zookeeper.tls.authority",
        authority().toString(),
        "zookeeper.tls.identity",
        identity().toString());
  }

  /** A client's way, with the cluster's certificate. */
  Ensemble as(@Nullable Identity identity) {
    return new Ensemble(connectString(), new Tls(authority(), identity()), identity, false);
  }

  private String logs() throws IOException {
    StringBuilder logs = new StringBuilder();
    try (var files = Files.walk(directory)) {
      for (Path log : files.filter(file -> file.endsWith("log")).toList()) {
        List<String> lines = Files.readAllLines(log);
        logs.append(log).append(":\n");
        lines
            .subList(Math.max(0, lines.size() - 30), lines.size())
            .forEach(line -> logs.append(line).append('\n'));
      }
    }
    return logs.toString();
  }

  @Override
  public void close() {
    members.forEach(Process::destroyForcibly);
  }
}
