package io.sandrift.server.node;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.sandrift.server.peer.PeerSecurity;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import java.io.File;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/**
 * TLS between servers, by files in PEM: this server's certificate and key, and the authority that
 * both sides' certificates must come from. The cluster's secret is asked for all the same.
 */
final class PeerTls {

  private PeerTls() {}

  /**
   * @throws StartupException if only some of the files are set, or one can't be used
   */
  static PeerSecurity security(NodeSettings settings, byte[] secret) throws StartupException {
    String certificate = settings.get(ServerSettings.PEER_TLS_CERTIFICATE);
    String key = settings.get(ServerSettings.PEER_TLS_KEY);
    String authority = settings.get(ServerSettings.PEER_TLS_AUTHORITY);
    if (certificate.isEmpty() && key.isEmpty() && authority.isEmpty()) {
      return PeerSecurity.of(secret);
    }
    if (certificate.isEmpty() || key.isEmpty() || authority.isEmpty()) {
      throw new StartupException(
          "of peer.tls.certificate, peer.tls.key and peer.tls.authority all must be set, or none");
    }
    PrivateFile.requirePrivate(ServerSettings.PEER_TLS_KEY.key(), Path.of(key));
    try {
      SslContext connecting =
          SslContextBuilder.forClient()
              .keyManager(new File(certificate), new File(key))
              .trustManager(new File(authority))
              // Servers are known by their certificate's authority and the cluster's secret; a host
              // name in a certificate would tie it to one address.
              .endpointIdentificationAlgorithm(null)
              .build();
      SslContext accepting =
          SslContextBuilder.forServer(new File(certificate), new File(key))
              .trustManager(new File(authority))
              .clientAuth(ClientAuth.REQUIRE)
              .build();
      return new PeerSecurity(secret, connecting, accepting);
    } catch (SSLException | IllegalArgumentException e) {
      throw new StartupException(
          "TLS between servers can't be set up with peer.tls.certificate "
              + certificate
              + ", peer.tls.key "
              + key
              + " and peer.tls.authority "
              + authority
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
