package io.sandrift.server.node;

import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.ChapSecret;
import io.sandrift.server.login.Authentication;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What initiators have to prove, from the settings and the files that hold the secrets. */
final class ChapFiles {

  private ChapFiles() {}

  /**
   * Reads the secrets.
   *
   * @throws StartupException when a name lacks its secret or the other way round, when a secret is
   *     too short, or when others than its owner can read its file
   */
  static Authentication authentication(NodeSettings settings) throws StartupException {
    ChapCredentials initiator =
        credentials(settings, ServerSettings.CHAP_USER, ServerSettings.CHAP_SECRET_FILE);
    ChapCredentials target =
        credentials(
            settings, ServerSettings.CHAP_TARGET_USER, ServerSettings.CHAP_TARGET_SECRET_FILE);
    if (initiator == null) {
      if (target != null) {
        throw new StartupException(
            "chap.target-user is set, but chap.user isn't: mutual CHAP needs both, each with its secret");
      }
      return Authentication.NOT_REQUIRED;
    }
    try {
      return new Authentication.Chap(initiator, target);
    } catch (IllegalArgumentException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static @Nullable ChapCredentials credentials(
      NodeSettings settings, Setting<String> nameSetting, Setting<String> fileSetting)
      throws StartupException {
    String name = settings.get(nameSetting);
    String file = settings.get(fileSetting);
    if (name.isEmpty() && file.isEmpty()) {
      return null;
    }
    if (name.isEmpty() || file.isEmpty()) {
      throw new StartupException(
          nameSetting.key()
              + " and "
              + fileSetting.key()
              + " belong together; set both, or neither");
    }
    Path path = Path.of(file);
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
      if (permissions.contains(PosixFilePermission.OTHERS_READ)
          || permissions.contains(PosixFilePermission.GROUP_READ)) {
        throw new StartupException(
            fileSetting.key()
                + ": others can read the secret in "
                + path
                + "; 'chmod 600 "
                + path
                + "' prevents it");
      }
      List<String> lines = Files.readAllLines(path);
      return new ChapCredentials(name, ChapSecret.of(lines.isEmpty() ? "" : lines.get(0)));
    } catch (IOException e) {
      throw new StartupException(
          fileSetting.key() + ": " + path + " can't be read: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new StartupException(fileSetting.key() + ": " + path + ": " + e.getMessage(), e);
    }
  }
}
