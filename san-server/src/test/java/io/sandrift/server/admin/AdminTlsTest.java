package io.sandrift.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The admin API over TLS, with a certificate that the JDK's keytool makes. */
@Timeout(180)
class AdminTlsTest {

  private static final String PASSWORD = "changeit";

  @TempDir private Path directory;

  /** As a probe does, which knows the address alone and takes any certificate. */
  @Test
  void whoAsksByAnAddressThatIsNotInTheCertificateIsAnswered() throws Exception {
    KeyStore store = certificateFor("server-1.example.com");
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    SSLContext ours = SSLContext.getInstance("TLS");
    ours.init(keys.getKeyManagers(), null, null);
    SSLContext probes = SSLContext.getInstance("TLS");
    probes.init(null, new TrustManager[] {new Anybody()}, null);
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    try (AdminServer server =
        new AdminServer(
            new InetSocketAddress(loopback, 0),
            ours,
            Entry.ofLoopback(loopback),
            new AuditLog(directory.resolve("audit")),
            "server-1",
            List.of())) {
      server.start();
      HttpResponse<String> response =
          HttpClient.newBuilder()
              .sslContext(probes)
              .build()
              .send(
                  HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/v1"))
                      .timeout(Duration.ofSeconds(60))
                      .build(),
                  BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
  }

  private KeyStore certificateFor(String name) throws Exception {
    Path file = directory.resolve("keys.p12");
    Path log = directory.resolve("log");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=dns:" + name,
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(keytool.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(Files.readString(log)).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }

  /** Trusts anybody, and so looks at no name either. */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
