package io.sandrift.volume.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** TLS to a server whose certificate comes from an authority of one's own. */
final class AdminTls {

  private static final int PROBE_MILLIS = 2000;

  private AdminTls() {}

  /**
   * Trusts the authority in this file, and no other.
   *
   * @throws CommandFailure if the file can't be used
   */
  static SSLSocketFactory trusting(String authorityFile) {
    try (InputStream stream = Files.newInputStream(Path.of(authorityFile))) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(stream)) {
        store.setCertificateEntry("authority" + count++, certificate);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (IOException | GeneralSecurityException e) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "the authority's certificate in " + authorityFile + " can't be used: " + e,
          e);
    }
  }

  /** Whether TLS is spoken there; asked after plain HTTP wasn't understood. */
  static boolean isSpokenAt(URI server) {
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(server.getHost(), server.getPort()), PROBE_MILLIS);
      plain.setSoTimeout(PROBE_MILLIS);
      // A ClientHello that offers nothing: a TLS server answers it with an alert (RFC 8446, 6).
      plain.getOutputStream().write(new byte[] {0x16, 3, 1, 0, 4, 1, 0, 0, 0});
      return plain.getInputStream().read() == 0x15;
    } catch (IOException e) {
      return false;
    }
  }

  /** What to say of a TLS failure. */
  static String told(SSLException failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.contains("PKIX") || message.contains("trustAnchors")) {
      return "its certificate comes from an unknown authority; name that with --admin-ca FILE or"
          + " SANDRIFT_ADMIN_CA";
    }
    return message.contains("plaintext") || message.contains("Unsupported or unrecognized")
        ? "it speaks no TLS; try http://"
        : message;
  }
}
