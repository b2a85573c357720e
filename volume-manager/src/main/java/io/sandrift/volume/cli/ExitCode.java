package io.sandrift.volume.cli;

/** What the commands' exit codes mean; every {@code --help} shows them. */
public final class ExitCode {

  public static final int OK = 0;
  public static final int FAILURE = 1;
  public static final int USAGE = 2;
  public static final int NOT_FOUND = 3;
  public static final int CONFLICT = 4;
  public static final int UNREACHABLE = 5;
  public static final int DENIED = 6;

  /** Lines for picocli's {@code exitCodeList}. */
  public static final String OK_LINE = "0:done";

  public static final String FAILURE_LINE = "1:the server refused or failed; the message says why";
  public static final String USAGE_LINE = "2:the command line is wrong";
  public static final String NOT_FOUND_LINE = "3:there is no such volume";
  public static final String CONFLICT_LINE = "4:it exists already, or is in use";
  public static final String UNREACHABLE_LINE = "5:no server answers at the admin address";
  public static final String DENIED_LINE = "6:the token is missing, wrong, or of too low a role";

  private ExitCode() {}
}
