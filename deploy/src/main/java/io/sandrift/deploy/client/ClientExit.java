package io.sandrift.deploy.client;

/** What the client commands' exit codes mean; numbers as everywhere else. */
final class ClientExit {

  static final String FAILURE_LINE =
      "1:the device or this machine refused or failed; the message says why";
  static final String UNREACHABLE_LINE = "5:no portal lets the client in; the message says why";

  private ClientExit() {}
}
