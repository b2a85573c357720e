package io.sandrift.load.ensemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.ensemble.Identity.Scheme;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.apache.curator.framework.CuratorFramework;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom the client trusts, as a member of the ensemble learns it from the handshake. */
@Timeout(180)
class TlsTest {

  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final int PATIENCE_MILLIS = 60_000;
  private static final Identity US = new Identity(Scheme.SASL, "sandrift", "a password");

  @TempDir static Path directory;

  @BeforeAll
  static void makeCertificates() throws Exception {
    certificate("here", "ip:127.0.0.1");
    certificate("elsewhere", "dns:elsewhere");
  }

  @Test
  void aMemberWhoseCertificateIsForItsAddressIsTrusted() throws Exception {
    assertThat(isTrusted("here", null)).isTrue();
  }

  @Test
  void aMemberWhoseCertificateIsForAnotherHostIsNot() throws Exception {
    assertThat(isTrusted("elsewhere", null)).isFalse();
  }

  /** ZooKeeper's client checks names by other code then. */
  @Test
  void norIsItWhereThereIsAPassword() throws Exception {
    assertThat(isTrusted("here", US)).isTrue();
    assertThat(isTrusted("elsewhere", US)).isFalse();
  }

  @Test
  void filesThatAreNoCertificatesAreNamed() throws Exception {
    Path empty = Files.createFile(directory.resolve("empty.pem"));
    assertThatThrownBy(() -> new Tls(empty, null).check())
        .isInstanceOf(EnsembleException.class)
        .hasMessageContaining(empty.toString());
    Path keyless = pem("here");
    assertThatThrownBy(() -> new Tls(pem("here"), keyless).check())
        .isInstanceOf(EnsembleException.class)
        .hasMessageContaining("private key");
  }

  /**
   * Whether a client that trusts both authorities goes on with a member that has one's certificate.
   */
  private static boolean isTrusted(String certificate, @Nullable Identity identity)
      throws Exception {
    try (SSLServerSocket member =
        (SSLServerSocket)
            context(certificate)
                .getServerSocketFactory()
                .createServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
      member.setSoTimeout(PATIENCE_MILLIS);
      Ensemble ensemble =
          new Ensemble(
              "127.0.0.1:" + member.getLocalPort(),
              new Tls(directory.resolve("both.pem"), null),
              identity,
              false);
      try (CuratorFramework client = ensemble.client(Duration.ofSeconds(20));
          // Closed before the client is, which would wait for it to answer.
          SSLServerSocket listening = member) {
        client.start();
        try (SSLSocket accepted = (SSLSocket) listening.accept()) {
          accepted.setSoTimeout(PATIENCE_MILLIS);
          try {
            accepted.startHandshake();
            // A client that doesn't trust may say so only after a handshake of TLS 1.3.
            return accepted.getInputStream().read() >= 0;
          } catch (SSLException | SocketException refusal) {
            // Its alert, or the connection that it closed behind it, whichever is noticed first.
            return false;
          }
        }
      }
    }
  }

  private static SSLContext context(String name) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store(name), PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static KeyStore store(String name) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(directory.resolve(name + ".p12"))) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private static void certificate(String name, String subjectAlternative) throws Exception {
    Path log = directory.resolve(name + ".log");
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
                "-ext",
                "san=" + subjectAlternative,
                "-storetype",
                "PKCS12",
                "-keystore",
                directory.resolve(name + ".p12").toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(keytool.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(Files.readString(log)).isZero();
    String encoded =
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(store(name).getCertificate(name).getEncoded())
            + "\n-----END CERTIFICATE-----\n";
    Files.writeString(pem(name), encoded);
    Path both = directory.resolve("both.pem");
    Files.writeString(both, (Files.exists(both) ? Files.readString(both) : "") + encoded);
  }

  private static Path pem(String name) {
    return directory.resolve(name + ".pem");
  }
}
