package io.sandrift.server.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts wrong tokens by where they come from: after {@link #MOST} within {@link #WINDOW} an
 * address isn't listened to until the window is over. Bounded: of too many addresses the oldest is
 * forgotten. Safe for all threads.
 */
final class FailedTries {

  static final int MOST = 10;
  static final Duration WINDOW = Duration.ofMinutes(1);
  private static final int MAX_ADDRESSES = 1024;

  private record Tries(Instant since, int count) {}

  private final InstantSource clock;

  /** Guarded by this. */
  private final Map<String, Tries> tries =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Tries> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  FailedTries(InstantSource clock) {
    this.clock = clock;
  }

  synchronized void failed(String address) {
    Tries now = current(address);
    tries.put(address, new Tries(now.since(), now.count() + 1));
  }

  /** How long nothing is heard from this address any more; zero if it is. */
  synchronized Duration blockedFor(String address) {
    Tries now = current(address);
    return now.count() < MOST
        ? Duration.ZERO
        : Duration.between(clock.instant(), now.since().plus(WINDOW));
  }

  private Tries current(String address) {
    Tries found = tries.get(address);
    Instant now = clock.instant();
    if (found == null || !now.isBefore(found.since().plus(WINDOW))) {
      tries.remove(address);
      return new Tries(now, 0);
    }
    return found;
  }
}
