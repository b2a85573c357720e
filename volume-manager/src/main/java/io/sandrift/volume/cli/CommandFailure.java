package io.sandrift.volume.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.UnmatchedArgumentException;

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

  /**
   * Tells what is wrong with a command line, and where to read on; the whole help would hide it.
   * Options that the help doesn't show are suggested too.
   */
  public static CommandLine.IParameterExceptionHandler usageHandler() {
    return (exception, arguments) -> {
      CommandLine command = exception.getCommandLine();
      PrintWriter err = command.getErr();
      err.println(
          command.getColorScheme().errorText("sandrift: " + exception.getMessage()).toString());
      if (exception instanceof UnmatchedArgumentException unmatched) {
        suggestion(command, unmatched.getUnmatched().get(0))
            .ifPresent(near -> err.println("Did you mean " + near + "?"));
      }
      err.println("'" + command.getCommandSpec().qualifiedName() + " --help' shows what there is.");
      err.flush();
      return ExitCode.USAGE;
    };
  }

  private static Optional<String> suggestion(CommandLine command, String word) {
    Set<String> known = new TreeSet<>();
    if (word.startsWith("-")) {
      command.getCommandSpec().options().forEach(option -> known.addAll(List.of(option.names())));
    } else {
      known.addAll(command.getSubcommands().keySet());
    }
    return Nearest.to(word.split("=", 2)[0], known);
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
