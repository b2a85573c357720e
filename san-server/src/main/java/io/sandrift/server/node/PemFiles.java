package io.sandrift.server.node;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Certificates and keys as PEM, which is what authorities give. */
final class PemFiles {

  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----");
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  /** The store lives in memory, and is never written. */
  private static final char[] NO_PASSWORD = new char[0];

  private PemFiles() {}

  /**
   * What a server speaks TLS with. Both may be in one file, as ZooKeeper and its clients want them.
   *
   * @param certificate the server's certificate, and those between it and its authority
   * @param key its private key, PKCS#8 without a password
   * @param setting the key of the setting that names the key's file, for the message
   * @throws StartupException if a file can't be used, or others can read the key
   */
  static SSLContext serverContext(Path certificate, Path key, String setting)
      throws StartupException {
    PrivateFile.requirePrivate(setting, key);
    try {
      Certificate[] chain = certificates(certificate);
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, NO_PASSWORD);
      store.setKeyEntry("server", privateKey(key), NO_PASSWORD, chain);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new StartupException(
          "certificate "
              + certificate
              + " and key "
              + key
              + " can't be used: "
              + e.getMessage()
              + "; expected PEM, the key as PKCS#8 without a password (openssl pkcs8 -topk8"
              + " -nocrypt)",
          e);
    }
  }

  private static Certificate[] certificates(Path file) throws IOException, CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<Certificate> chain = new ArrayList<>();
    Matcher matcher = CERTIFICATE.matcher(Files.readString(file));
    while (matcher.find()) {
      byte[] one = matcher.group().getBytes(StandardCharsets.US_ASCII);
      chain.add(factory.generateCertificate(new ByteArrayInputStream(one)));
    }
    if (chain.isEmpty()) {
      throw new IOException("there is no CERTIFICATE in " + file);
    }
    return chain.toArray(new Certificate[0]);
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    Matcher matcher = KEY.matcher(Files.readString(file));
    if (!matcher.find()) {
      throw new IOException("there is no PRIVATE KEY in " + file);
    }
    byte[] encoded = Base64.getMimeDecoder().decode(matcher.group(1));
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        // Of another algorithm; the encoding names it, but Java asks for it beforehand.
      }
    }
    throw new IOException("the key is none of RSA, EC, EdDSA");
  }
}
