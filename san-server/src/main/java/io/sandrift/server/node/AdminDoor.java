package io.sandrift.server.node;

import io.sandrift.server.admin.AdminResource;
import io.sandrift.server.admin.AdminServer;
import io.sandrift.server.admin.AuditLog;
import io.sandrift.server.admin.Entry;
import io.sandrift.server.admin.Users;
import io.sandrift.server.settings.HostPort;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** How the admin API is reached, and by whom, from the settings. */
final class AdminDoor {

  private AdminDoor() {}

  /**
   * Where the admin API is to listen.
   *
   * @throws StartupException if there is no such host, or if other machines could reach the API and
   *     the settings don't allow it, or nothing would hide the tokens on their way
   */
  static InetSocketAddress address(NodeSettings settings) throws StartupException {
    HostPort address = settings.get(ServerSettings.ADMIN_ADDRESS);
    InetSocketAddress resolved;
    try {
      resolved = address.resolve();
    } catch (UnknownHostException e) {
      throw new StartupException(
          "admin.address " + address + ": there is no host '" + address.host() + "'", e);
    }
    if (resolved.getAddress().isLoopbackAddress()) {
      return resolved;
    }
    if (!settings.get(ServerSettings.ADMIN_ALLOW_REMOTE)) {
      throw new StartupException(
          "admin.address "
              + address
              + " can be reached from other machines; use 127.0.0.1, or set"
              + " admin.allow-remote=true, which asks everybody for a token");
    }
    if (settings.get(ServerSettings.ADMIN_TLS_CERTIFICATE).isEmpty()
        && !settings.get(ServerSettings.ADMIN_INSECURE)) {
      throw new StartupException(
          "admin.address "
              + address
              + " can be reached from other machines, and without TLS tokens can be read on the"
              + " way; set admin.tls.certificate and admin.tls.key, or admin.insecure=true if"
              + " nobody listens on that network");
    }
    return resolved;
  }

  /**
   * The log of what is changed through the API.
   *
   * @throws StartupException if the directory can't be used
   */
  static AuditLog audit(Path directory) throws StartupException {
    try {
      return new AuditLog(directory);
    } catch (IOException e) {
      throw new StartupException("the audit log in " + directory + " can't be opened: " + e, e);
    }
  }

  /**
   * The server of the API, which doesn't listen yet.
   *
   * @throws StartupException if a file that the settings name can't be used
   */
  static AdminServer server(
      NodeSettings settings,
      InetSocketAddress address,
      AuditLog audit,
      String serverId,
      Users users,
      List<AdminResource> resources)
      throws StartupException {
    String tokenFile = settings.get(ServerSettings.ADMIN_TOKEN_FILE);
    Entry entry =
        new Entry(
            address.getAddress(),
            settings.get(ServerSettings.ADMIN_REQUIRE_TOKEN),
            users,
            tokenFile.isEmpty() ? null : token(tokenFile),
            InstantSource.system());
    return new AdminServer(address, tls(settings), entry, audit, serverId, resources);
  }

  private static @Nullable SSLContext tls(NodeSettings settings) throws StartupException {
    String certificate = settings.get(ServerSettings.ADMIN_TLS_CERTIFICATE);
    String key = settings.get(ServerSettings.ADMIN_TLS_KEY);
    if (certificate.isEmpty() && key.isEmpty()) {
      return null;
    }
    if (certificate.isEmpty() || key.isEmpty()) {
      throw new StartupException(
          "admin.tls.certificate and admin.tls.key belong together; set both, or neither");
    }
    return PemFiles.serverContext(Path.of(certificate), Path.of(key), "admin.tls.key");
  }

  private static String token(String file) throws StartupException {
    String token = PrivateFile.firstLine("admin.token-file", Path.of(file));
    if (token.length() < 20) {
      throw new StartupException(
          "admin.token-file: "
              + file
              + " holds a token of "
              + token.length()
              + " characters, expected 20 or more; make one with: head -c 32 /dev/urandom |"
              + " base64");
    }
    return token;
  }
}
