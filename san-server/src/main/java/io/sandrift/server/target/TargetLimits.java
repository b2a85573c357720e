package io.sandrift.server.target;

import java.time.Duration;

/**
 * What all initiators together may take of a server, and how long they may take for what.
 *
 * @param connections TCP connections at once, 1 or more; further ones are closed on arrival
 * @param sessions sessions at once, 1 to 65535; further logins are refused with status 0x0302, out
 *     of resources
 * @param unfinishedLogins connections that are not logged in yet, 1 or more; further ones are
 *     closed on arrival
 * @param loginTimeout how long a login may take, from the connection's arrival on
 * @param bytesInFlight how much received data of all sessions may wait for the store before reading
 *     from connections pauses, 1 or more
 */
public record TargetLimits(
    int connections,
    int sessions,
    int unfinishedLogins,
    Duration loginTimeout,
    long bytesInFlight) {

  public static final TargetLimits DEFAULT =
      new TargetLimits(4096, 1024, 256, Duration.ofSeconds(15), 256L * 1024 * 1024);

  public TargetLimits {
    if (connections < 1
        || sessions < 1
        || sessions > 65535
        || bytesInFlight < 1
        || unfinishedLogins < 1) {
      throw new IllegalArgumentException("limits are positive, and at most 65535 sessions");
    }
    if (loginTimeout.isNegative() || loginTimeout.isZero()) {
      throw new IllegalArgumentException("the login timeout is positive, not " + loginTimeout);
    }
  }
}
