package io.sandrift.server.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;

/** A file that holds a secret: nobody but its owner may read it. */
final class PrivateFile {

  private PrivateFile() {}

  /**
   * The file's first line.
   *
   * @param setting the key of the setting that names it, for the message
   * @throws StartupException if it can't be read, or others can read it
   */
  static String firstLine(String setting, Path path) throws StartupException {
    requirePrivate(setting, path);
    try {
      List<String> lines = Files.readAllLines(path);
      return lines.isEmpty() ? "" : lines.get(0).strip();
    } catch (IOException e) {
      throw unreadable(setting, path, e);
    }
  }

  /**
   * @throws StartupException if the file isn't there, or others can read it
   */
  static void requirePrivate(String setting, Path path) throws StartupException {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
      if (permissions.contains(PosixFilePermission.OTHERS_READ)
          || permissions.contains(PosixFilePermission.GROUP_READ)) {
        throw new StartupException(
            setting
                + ": others can read the secret in "
                + path
                + "; 'chmod 600 "
                + path
                + "' prevents it");
      }
    } catch (IOException e) {
      throw unreadable(setting, path, e);
    }
  }

  private static StartupException unreadable(String setting, Path path, IOException cause) {
    return new StartupException(
        setting + ": " + path + " can't be read: " + cause.getMessage(), cause);
  }
}
