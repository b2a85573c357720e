package io.sandrift.load.view;

import io.sandrift.load.membership.ServerId;
import java.time.Instant;

/**
 * A session that is on its way to a server: its load counts there before it has come.
 *
 * @param session its identity, as in samples
 * @param server where it was sent
 * @param pressure what it is expected to add there, 0 or more
 * @param expires when it is no longer expected, by this server's clock
 */
public record Expected(String session, ServerId server, double pressure, Instant expires) {

  public Expected {
    if (!(pressure >= 0) || Double.isInfinite(pressure)) {
      throw new IllegalArgumentException(
          "session " + session + " is expected to add a pressure of " + pressure);
    }
  }
}
