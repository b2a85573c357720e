package io.sandrift.volume.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** A command ends without having done what was asked: its exit code, and what to tell the user. */
public final class CommandFailure extends RuntimeException {

  private final int exitCode;

  /**
   * @param exitCode one of {@link ExitCode}
   * @param message what is wrong and what to do, without a full stop
   */
  public CommandFailure(int exitCode, String message) {
    this(exitCode, message, null);
  }

  public CommandFailure(int exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }

  /** Tells failures on standard error in one line each; anything unforeseen is exit code 1. */
  public static CommandLine.IExecutionExceptionHandler handler() {
    return (exception, command, parsed) -> {
      String message =
          exception instanceof CommandFailure ? exception.getMessage() : exception.toString();
      command
          .getErr()
          .println(command.getColorScheme().errorText("sandrift: " + message).toString());
      command.getErr().flush();
      return exception instanceof CommandFailure failure ? failure.exitCode() : ExitCode.FAILURE;
    };
  }
}
