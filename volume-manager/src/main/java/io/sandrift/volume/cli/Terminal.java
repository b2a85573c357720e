package io.sandrift.volume.cli;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;

/** Whether somebody sits in front of the program. */
public final class Terminal {

  private Terminal() {}

  /** The console, if standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // null on JDK 17 to 21; isTerminal tells on later ones
  public static Optional<Console> console() {
    Console console = System.console();
    if (console == null) {
      return Optional.empty();
    }
    try {
      // From JDK 22 on there can be a console without a terminal, and this method to ask it.
      boolean terminal = (boolean) Console.class.getMethod("isTerminal").invoke(console);
      return terminal ? Optional.of(console) : Optional.empty();
    } catch (NoSuchMethodException e) {
      return Optional.of(console);
    } catch (IllegalAccessException | InvocationTargetException e) {
      return Optional.empty();
    }
  }
}
