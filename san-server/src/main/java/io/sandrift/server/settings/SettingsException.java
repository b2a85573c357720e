package io.sandrift.server.settings;

import java.util.List;

/** Settings that a server can't start with; the message lists every mistake. */
public final class SettingsException extends Exception {

  private final transient List<String> problems;

  SettingsException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  /** Each mistake: what was set where, and what was expected. */
  public List<String> problems() {
    return problems;
  }
}
