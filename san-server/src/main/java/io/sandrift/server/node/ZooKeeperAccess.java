package io.sandrift.server.node;

import io.sandrift.load.ensemble.Ensemble;
import io.sandrift.load.ensemble.EnsembleException;
import io.sandrift.load.ensemble.Identity;
import io.sandrift.load.ensemble.Identity.Scheme;
import io.sandrift.load.ensemble.Tls;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a process of the cluster speaks to ZooKeeper: to an ensemble by its settings, to the one
 * inside a server by the password in that server's data directory.
 */
public final class ZooKeeperAccess {

  static final String PASSWORD_FILE = "zookeeper-password";

  private static final String INSIDE_USER = "sandrift";
  private static final int PASSWORD_BYTES = 24;

  private ZooKeeperAccess() {}

  /**
   * To the ensemble of {@code zookeeper.connect}.
   *
   * @throws StartupException if a file can't be used, or others can read it
   */
  public static Ensemble ofSettings(NodeSettings settings) throws StartupException {
    return new Ensemble(
        settings.get(ServerSettings.ZOOKEEPER_CONNECT),
        tls(settings),
        identity(settings),
        settings.get(ServerSettings.ZOOKEEPER_OPEN_ZNODES));
  }

  /**
   * To the one inside this server. Other users of the machine reach its port too, so it isn't open
   * to them.
   *
   * @param passwordFile made if missing
   * @throws StartupException if it can't be used, or others can read it
   */
  static Ensemble inside(String connectString, Path passwordFile) throws StartupException {
    if (!Files.exists(passwordFile)) {
      byte[] password = new byte[PASSWORD_BYTES];
      new SecureRandom().nextBytes(password);
      try {
        PrivateFile.create(passwordFile, HexFormat.of().formatHex(password));
      } catch (IOException e) {
        throw new StartupException(passwordFile + " can't be written: " + e.getMessage(), e);
      }
    }
    return new Ensemble(
        connectString,
        null,
        identity(Scheme.DIGEST, INSIDE_USER, "the ZooKeeper inside", passwordFile),
        false);
  }

  /**
   * The flags, but for its address, by which another server of this machine reaches the ZooKeeper
   * inside one.
   *
   * @param dataDir that one's data directory
   */
  public static List<String> flagsForInside(Path dataDir) {
    return List.of(
        ServerSettings.ZOOKEEPER_SCHEME.flag(),
        Scheme.DIGEST.name().toLowerCase(Locale.ROOT),
        ServerSettings.ZOOKEEPER_USER.flag(),
        INSIDE_USER,
        ServerSettings.ZOOKEEPER_PASSWORD_FILE.flag(),
        dataDir.resolve(PASSWORD_FILE).toString());
  }

  private static @Nullable Identity identity(NodeSettings settings) throws StartupException {
    String user = settings.get(ServerSettings.ZOOKEEPER_USER);
    String file = settings.get(ServerSettings.ZOOKEEPER_PASSWORD_FILE);
    if (user.isEmpty() != file.isEmpty()) {
      throw new StartupException(
          "zookeeper.user and zookeeper.password-file belong together; set both, or neither");
    }
    return user.isEmpty()
        ? null
        : identity(
            Scheme.valueOf(settings.get(ServerSettings.ZOOKEEPER_SCHEME).toUpperCase(Locale.ROOT)),
            user,
            ServerSettings.ZOOKEEPER_PASSWORD_FILE.key(),
            Path.of(file));
  }

  private static Identity identity(Scheme scheme, String user, String setting, Path file)
      throws StartupException {
    try {
      return new Identity(scheme, user, PrivateFile.firstLine(setting, file));
    } catch (IllegalArgumentException e) {
      throw new StartupException(setting + " " + file + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Tls tls(NodeSettings settings) throws StartupException {
    String authority = settings.get(ServerSettings.ZOOKEEPER_TLS_AUTHORITY);
    String identity = settings.get(ServerSettings.ZOOKEEPER_TLS_IDENTITY);
    if (authority.isEmpty() && identity.isEmpty()) {
      return null;
    }
    if (authority.isEmpty()) {
      throw new StartupException("zookeeper.tls.identity needs zookeeper.tls.authority as well");
    }
    @Nullable Path own = identity.isEmpty() ? null : Path.of(identity);
    if (own != null) {
      PrivateFile.requirePrivate(ServerSettings.ZOOKEEPER_TLS_IDENTITY.key(), own);
    }
    Tls tls = new Tls(Path.of(authority), own);
    try {
      tls.check();
      return tls;
    } catch (EnsembleException e) {
      throw new StartupException("zookeeper.tls: " + e.getMessage(), e);
    }
  }
}
