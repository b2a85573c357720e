package io.sandrift.load.ensemble;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.util.PemReader;
import org.jspecify.annotations.Nullable;

/**
 * TLS to ZooKeeper, by files in PEM. They are read anew for each connection, so that a certificate
 * can be renewed in place. The name or address in the connect string must be one that the member's
 * certificate is for.
 *
 * @param authority certificates of the authorities that members' certificates may come from
 * @param identity this process's certificate, those between it and its authority, and its private
 *     key (PKCS#8); null where ZooKeeper asks for none
 */
public record Tls(Path authority, @Nullable Path identity) {

  private static final String SSL = "zookeeper.ssl.";
  private static final String PEM = "PEM";

  /**
   * Makes sure that the files can be used.
   *
   * @throws EnsembleException naming the one that can't
   */
  public void check() throws EnsembleException {
    try {
      if (PemReader.loadTrustStore(authority.toFile()).size() == 0) {
        throw new EnsembleException("there is no certificate in " + authority + "; expected PEM");
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new EnsembleException(
          authority + " can't be used: " + e.getMessage() + "; expected certificates in PEM", e);
    }
    if (identity == null) {
      return;
    }
    try {
      PemReader.loadKeyStore(identity.toFile(), identity.toFile(), Optional.empty());
    } catch (IOException | GeneralSecurityException e) {
      throw new EnsembleException(
          identity
              + " can't be used: "
              + e.getMessage()
              + "; expected PEM: the certificate, and its private key as PKCS#8 without a password",
          e);
    }
  }

  void applyTo(ZKClientConfig configuration) {
    configuration.setProperty(ZKClientConfig.SECURE_CLIENT, "true");
    configuration.setProperty(
        ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET, "org.apache.zookeeper.ClientCnxnSocketNetty");
    configuration.setProperty(SSL + "hostnameVerification", "true");
    configuration.setProperty(SSL + "enabledProtocols", "TLSv1.3,TLSv1.2");
    configuration.setProperty(SSL + "trustStore.location", authority.toString());
    configuration.setProperty(SSL + "trustStore.type", PEM);
    if (identity != null) {
      configuration.setProperty(SSL + "keyStore.location", identity.toString());
      configuration.setProperty(SSL + "keyStore.type", PEM);
    }
  }
}
