package io.sandrift.server.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/** Files and directories that hold secrets: nobody but their owner may read them. */
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
   * Makes a file with one line. Written beside and moved, so that a crash leaves none or all of it.
   *
   * @throws IOException if it can't be written
   */
  static void create(Path path, String line) throws IOException {
    Path temporary = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    Files.createFile(
        temporary,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
    Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Makes a directory, and closes it to others, also one that was there and open.
   *
   * @throws IOException if it can't be made, or is another user's
   */
  static void createDirectory(Path path) throws IOException {
    Files.createDirectories(path);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
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
        cause instanceof NoSuchFileException
            ? setting + ": there is no file " + path
            : setting + ": " + path + " can't be read: " + cause.getMessage(),
        cause);
  }
}
