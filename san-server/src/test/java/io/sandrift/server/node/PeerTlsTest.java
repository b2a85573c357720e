package io.sandrift.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.CallLinks;
import io.sandrift.server.peer.CongestionControl;
import io.sandrift.server.peer.Lanes;
import io.sandrift.server.peer.PeerException;
import io.sandrift.server.peer.PeerLimits;
import io.sandrift.server.peer.PeerLinks;
import io.sandrift.server.peer.PeerSecurity;
import io.sandrift.server.peer.PeerServer;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.SettingsReader;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates made by the JDK's keytool: one that the cluster trusts, and a stranger's. */
@Timeout(180)
class PeerTlsTest {

  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");
  private static final byte[] SECRET = "the secret of the cluster".getBytes(StandardCharsets.UTF_8);
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir static Path directory;

  private static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private static final EventLoopGroup LANES =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private static final EventLoop APART = LANES.next();
  private static PeerServer server;
  private static InetSocketAddress address;

  @BeforeAll
  static void start() throws Exception {
    certificate("ours");
    certificate("stranger");
    server =
        new PeerServer(
            B,
            security("ours", "ours"),
            PeerLimits.DEFAULT,
            new Lanes(Map.of("apart", APART)),
            LOOPS,
            NioServerSocketChannel.class);
    address = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    CallLinks serving = new CallLinks(server, links(PeerSecurity.of(SECRET)), LOOPS.next());
    serving.serve("echo", (from, request) -> CompletableFuture.completedFuture(request));
    serving.serve(
        "is-apart",
        (from, request) ->
            CompletableFuture.completedFuture(new byte[] {(byte) (APART.inEventLoop() ? 1 : 0)}));
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    LOOPS.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS);
    LANES.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS);
  }

  @Test
  void serversWithCertificatesOfOneAuthorityReachEachOther() throws Exception {
    byte[] request = new byte[1 << 20];
    new Random(1).nextBytes(request);
    assertThat(call(security("ours", "ours"), request)).isEqualTo(request);
  }

  @Test
  void aConnectionOverTlsChangesToItsLane() throws Exception {
    EventLoop asking = LOOPS.next();
    try (PeerLinks links = links(security("ours", "ours"), new Lanes(Map.of("apart", asking)))) {
      CallLinks calls = new CallLinks(server, links, asking);
      assertThat(
              calls
                  .call(B, "is-apart", new byte[0], Duration.ofSeconds(60))
                  .get(60, TimeUnit.SECONDS))
          .containsExactly(1);
    }
  }

  @Test
  void aStrangersCertificateIsNotAccepted() {
    assertThatThrownBy(() -> call(security("stranger", "ours"), new byte[1]))
        .hasCauseInstanceOf(PeerException.class);
  }

  @Test
  void aServerWithAStrangersCertificateIsNotTrusted() {
    assertThatThrownBy(() -> call(security("ours", "stranger"), new byte[1]))
        .hasCauseInstanceOf(PeerException.class);
  }

  @Test
  void aServerWithoutTlsIsNotServed() {
    assertThatThrownBy(() -> call(PeerSecurity.of(SECRET), new byte[1]))
        .hasCauseInstanceOf(PeerException.class);
  }

  @Test
  void aCertificateAloneIsNotEnough() throws Exception {
    PeerSecurity ours = security("ours", "ours");
    PeerSecurity otherSecret = new PeerSecurity(new byte[16], ours.connecting(), ours.accepting());
    assertThatThrownBy(() -> call(otherSecret, new byte[1]))
        .hasMessageContaining("cluster's secret");
  }

  /** The admin API's door reads it as well as the doors between servers and to ZooKeeper. */
  @Test
  void oneFileOfKeyAndCertificateIsEnough() throws Exception {
    Path both = directory.resolve("both.pem");
    Files.copy(Path.of(file("ours", "key")), both, StandardCopyOption.COPY_ATTRIBUTES);
    Files.write(both, Files.readAllBytes(Path.of(file("ours", "crt"))), StandardOpenOption.APPEND);
    Files.copy(both, Path.of(file("both", "crt")), StandardCopyOption.COPY_ATTRIBUTES);
    Files.copy(both, Path.of(file("both", "key")), StandardCopyOption.COPY_ATTRIBUTES);
    assertThat(call(security("both", "ours"), new byte[] {7})).containsExactly(7);
    assertThat(PemFiles.serverContext(both, both, "admin.tls.key").getProtocol()).isEqualTo("TLS");
  }

  @Test
  void someOfTheFilesAreRefused() {
    assertThatThrownBy(
            () ->
                PeerTls.security(
                    new SettingsReader()
                        .flag(ServerSettings.PEER_TLS_KEY, file("ours", "key"))
                        .conclude(),
                    SECRET))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("all must be set, or none");
  }

  @Test
  void aKeyThatOthersCanReadIsRefused() throws Exception {
    Path readable = directory.resolve("readable.key");
    Files.copy(Path.of(file("ours", "key")), readable);
    Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(
            () ->
                PeerTls.security(
                    new SettingsReader()
                        .flag(ServerSettings.PEER_TLS_CERTIFICATE, file("ours", "crt"))
                        .flag(ServerSettings.PEER_TLS_KEY, readable.toString())
                        .flag(ServerSettings.PEER_TLS_AUTHORITY, file("ours", "crt"))
                        .conclude(),
                    SECRET))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("chmod 600 " + readable);
  }

  @Test
  void aFileThatIsNoCertificateIsNamed() {
    assertThatThrownBy(
            () ->
                PeerTls.security(
                    new SettingsReader()
                        .flag(ServerSettings.PEER_TLS_CERTIFICATE, file("ours", "p12"))
                        .flag(ServerSettings.PEER_TLS_KEY, file("ours", "key"))
                        .flag(ServerSettings.PEER_TLS_AUTHORITY, file("ours", "crt"))
                        .conclude(),
                    SECRET))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(file("ours", "p12"));
  }

  private static byte[] call(PeerSecurity security, byte[] request) throws Exception {
    try (PeerLinks links = links(security)) {
      return new CallLinks(server, links, LOOPS.next())
          .call(B, "echo", request, Duration.ofSeconds(60))
          .get(60, TimeUnit.SECONDS);
    }
  }

  private static PeerLinks links(PeerSecurity security) {
    return links(security, Lanes.NONE);
  }

  private static PeerLinks links(PeerSecurity security, Lanes lanes) {
    return new PeerLinks(
        A,
        security,
        new PeerLimits(
            Duration.ofSeconds(20),
            Duration.ofSeconds(60),
            100,
            64L << 20,
            CongestionControl.OF_SYSTEM),
        lanes,
        NioSocketChannel.class,
        peer -> Optional.of(address));
  }

  private static PeerSecurity security(String certificate, String authority) throws Exception {
    return PeerTls.security(
        new SettingsReader()
            .flag(ServerSettings.PEER_TLS_CERTIFICATE, file(certificate, "crt"))
            .flag(ServerSettings.PEER_TLS_KEY, file(certificate, "key"))
            .flag(ServerSettings.PEER_TLS_AUTHORITY, file(authority, "crt"))
            .conclude(),
        SECRET);
  }

  private static String file(String name, String ending) {
    return directory.resolve(name + "." + ending).toString();
  }

  private static void certificate(String name) throws Exception {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-validity",
                "3650",
                "-ext",
                "bc:c",
                "-storetype",
                "PKCS12",
                "-keystore",
                file(name, "p12"),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(Path.of(file(name, "log")).toFile())
            .start();
    assertThat(keytool.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(Files.readString(Path.of(file(name, "log")))).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(Path.of(file(name, "p12")))) {
      store.load(in, PASSWORD);
    }
    pem(file(name, "crt"), "CERTIFICATE", store.getCertificate(name).getEncoded());
    pem(file(name, "key"), "PRIVATE KEY", store.getKey(name, PASSWORD).getEncoded());
  }

  private static void pem(String file, String what, byte[] encoded) throws Exception {
    Path path = Path.of(file);
    Files.writeString(
        path,
        "-----BEGIN "
            + what
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
            + "\n-----END "
            + what
            + "-----\n");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
  }
}
