package io.sandrift.volume.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which commands find the server, and say who they are. */
final class AdminOption {

  @Option(
      names = "--admin",
      paramLabel = "[https://]HOST:PORT",
      defaultValue = "${env:SANDRIFT_ADMIN:-127.0.0.1:8480}",
      description = "Admin API of a server (environment: SANDRIFT_ADMIN; default 127.0.0.1:8480).")
  private String address = "";

  @Option(
      names = "--admin-ca",
      paramLabel = "FILE",
      defaultValue = "${env:SANDRIFT_ADMIN_CA}",
      description =
          "Certificate in PEM of the authority that the server's comes from (environment:"
              + " SANDRIFT_ADMIN_CA; default: those that Java trusts).")
  private @Nullable String authority;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      defaultValue = "${env:SANDRIFT_TOKEN_FILE}",
      description =
          "File with your token, for you alone to read (environment: SANDRIFT_TOKEN_FILE, or the"
              + " token itself in SANDRIFT_TOKEN; default ~/.config/sandrift/token if it is"
              + " there).")
  private @Nullable String tokenFile;

  /**
   * The server that the user named.
   *
   * @throws CommandFailure if the address or a file can't be used
   */
  AdminClient connect() {
    return AdminClient.at(
        address, token(), authority == null || authority.isEmpty() ? null : authority);
  }

  private @Nullable String token() {
    if (tokenFile != null && !tokenFile.isEmpty()) {
      return read(Path.of(tokenFile));
    }
    String given = Optional.ofNullable(System.getenv("SANDRIFT_TOKEN")).orElse("").strip();
    if (!given.isEmpty()) {
      return given;
    }
    Path usual = Path.of(System.getProperty("user.home", ""), ".config", "sandrift", "token");
    return Files.isReadable(usual) ? read(usual) : null;
  }

  /** The first line of a file that nobody else can read. */
  static String read(Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.contains(PosixFilePermission.OTHERS_READ)
          || permissions.contains(PosixFilePermission.GROUP_READ)) {
        throw new CommandFailure(
            ExitCode.USAGE,
            "others can read the secret in " + file + "; 'chmod 600 " + file + "' prevents it");
      }
      List<String> lines = Files.readAllLines(file);
      return lines.isEmpty() ? "" : lines.get(0).strip();
    } catch (NoSuchFileException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "there is no file " + file + " to read a secret from", e);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "the secret in " + file + " can't be read: " + e.getMessage(), e);
    }
  }
}
