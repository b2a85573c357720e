package io.sandrift.volume.cli;

import picocli.CommandLine.Option;

/** The option by which commands find the server. */
final class AdminOption {

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:SANDRIFT_ADMIN:-127.0.0.1:8480}",
      description = "Admin API of a server (environment: SANDRIFT_ADMIN; default 127.0.0.1:8480).")
  private String address = "";

  AdminClient connect() {
    return AdminClient.at(address);
  }
}
