package io.sandrift.server.session;

import java.time.Duration;

/**
 * What one session may take of the server.
 *
 * @param commands how many commands may be under way at once, 1 to 65535
 * @param immediateCommands how many more when they are immediate, which the command window doesn't
 *     hold back
 * @param nopInterval after how long a silence the initiator is asked for a sign of life
 * @param nopTimeout how long it may take to give one
 */
public record SessionLimits(
    int commands, int immediateCommands, Duration nopInterval, Duration nopTimeout) {

  public SessionLimits {
    if (commands < 1 || commands > 65535 || immediateCommands < 1) {
      throw new IllegalArgumentException(
          "a session's limits are positive, and at most 65535 commands");
    }
  }
}
