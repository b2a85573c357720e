package io.sandrift.server.repartition;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * How fast copying goes: no faster than the limit, and slower while those who use the volumes wait
 * for it. Each second in which copying makes clients' commands take notably longer, the rate falls
 * by a third; each other one it rises by a tenth. The limit changes nothing about that: once it is
 * lifted, copying goes as fast as clients let it.
 *
 * <p>How long commands take without copying is looked at before it begins, and again in a rest of a
 * few seconds while there is reason to doubt what was found: a server that is busy anyway isn't one
 * that copying makes slow. All servers rest at the same times, by the clock: of several that copy
 * to one, none is to take the others for what it is busy with. Used by one thread.
 */
final class Pace {

  /** What clients feel. Safe for all threads. */
  interface Foreground {

    /** Nobody knows. */
    Foreground UNKNOWN = () -> 1;

    /** How long commands take now, relative to how long they take when there is little to do. */
    double slowdown();
  }

  /** Slower than this nobody waits for the end of. */
  static final double LEAST_RATE = 4e6;

  /** Where the rate begins when there is no limit. */
  private static final double FIRST_RATE = 200e6;

  private static final double MOST_RATE = 4e9;

  private static final double SLOW = 1.25;

  /** How much of a new second's slowdown counts: percentiles differ much from second to second. */
  private static final double NEWS = 0.4;

  /**
   * Until what is known of another server tells of nothing but the rest: samples are medians of a
   * few seconds, and take another few until they are known here.
   */
  private static final long REST_MILLIS = TimeUnit.SECONDS.toMillis(8);

  /** From one rest's beginning to the next one's. */
  private static final long REST_INTERVAL_MILLIS = TimeUnit.SECONDS.toMillis(56);

  /** Who comes later than this to a rest keeps what is left of it, but learns nothing from it. */
  private static final long LATEST_MILLIS = TimeUnit.SECONDS.toMillis(2);

  /** After so long a time without copying there is none in what clients feel. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Foreground foreground;
  private final LongSupplier nanoTime;
  private final InstantSource clock;
  private double limit;

  /** What clients allow. */
  private double allowed = FIRST_RATE;

  /** The slowdown, smoothed, and what it would be without copying; 1 or more. */
  private double felt = 1;

  private double resting = 1;
  private boolean isHeldDown;

  /** In a rest, or behind it, until what it tells was looked at. */
  private boolean isResting;

  private long restEndsNanos;

  /** The number of the last rest that was kept. */
  private long lastRest = -1;

  private double credit;
  private long lastNanos;
  private long adaptedNanos;
  private double measured;
  private long countedSince;
  private long counted;

  /**
   * @param clock agrees with those of the other servers to a second or so
   */
  Pace(Foreground foreground, LongSupplier nanoTime, InstantSource clock) {
    this.foreground = foreground;
    this.nanoTime = nanoTime;
    this.clock = clock;
    this.lastNanos = nanoTime.getAsLong() - IDLE_NANOS;
    this.adaptedNanos = nanoTime.getAsLong();
    this.countedSince = adaptedNanos;
    limit(0);
  }

  /** Sets the limit, in bytes each second; 0 for none. */
  void limit(double bytesPerSecond) {
    limit = bytesPerSecond <= 0 ? MOST_RATE : bytesPerSecond;
  }

  /** The rate that is aimed at. */
  double rate() {
    return Math.min(limit, allowed);
  }

  /** Bytes each second, lately. */
  double measured() {
    return measured;
  }

  /**
   * Counts bytes that are about to be copied.
   *
   * @return for how many nanoseconds to wait before
   */
  long due(int bytes) {
    long now = nanoTime.getAsLong();
    if (isResting || now - lastNanos >= IDLE_NANOS) {
      lookAtRest(now);
    } else {
      adapt(now);
    }
    double rate = rate();
    // Little is saved up, so that copying comes in single pieces rather than in bursts.
    credit = Math.min(rate / 500, credit + (now - lastNanos) / 1e9 * rate);
    lastNanos = now;
    credit -= bytes;
    counted += bytes;
    long rest = isHeldDown || resting > SLOW ? beginRest() : 0;
    if (rest > 0) {
      restEndsNanos = now + TimeUnit.MILLISECONDS.toNanos(rest);
      return restEndsNanos - now;
    }
    return credit >= 0 ? 0 : Math.min(LONGEST_PAUSE_NANOS, (long) (-credit / rate * 1e9));
  }

  /**
   * Begins to keep a rest if it is time for one.
   *
   * @return how many milliseconds are left of it
   */
  private long beginRest() {
    long millis = clock.millis();
    long into = millis % REST_INTERVAL_MILLIS;
    long number = millis / REST_INTERVAL_MILLIS;
    if (number == lastRest || into >= REST_MILLIS) {
      return 0;
    }
    lastRest = number;
    isResting = into <= LATEST_MILLIS;
    return REST_MILLIS - into;
  }

  /** Nothing was copied lately: what clients feel now is not for copying. */
  private void lookAtRest(long now) {
    resting = Math.max(1, foreground.slowdown());
    felt = resting;
    isResting = false;
    isHeldDown = false;
    adaptedNanos = now;
    counted = 0;
    countedSince = now;
  }

  /**
   * Waits until it is time to copy so many bytes.
   *
   * @param isWanted asked before and after, and often in between
   * @return whether they are still to be copied
   */
  boolean await(int bytes, BooleanSupplier isWanted) {
    long until = nanoTime.getAsLong() + due(bytes);
    while (isWanted.getAsBoolean()) {
      long left = until - nanoTime.getAsLong();
      if (left <= 0) {
        return true;
      }
      LockSupport.parkNanos(Math.min(left, LONGEST_PAUSE_NANOS));
    }
    isResting = false;
    return false;
  }

  /** Bytes are copied without waiting, whatever it does to clients. */
  void hurry() {
    long now = nanoTime.getAsLong();
    if (isResting && now - restEndsNanos >= 0) {
      lookAtRest(now);
    }
    isResting = false;
    lastNanos = now;
  }

  private void adapt(long now) {
    if (now - adaptedNanos < TimeUnit.SECONDS.toNanos(1)) {
      return;
    }
    measured = counted / ((now - countedSince) / 1e9);
    counted = 0;
    countedSince = now;
    adaptedNanos = now;
    felt += (foreground.slowdown() - felt) * NEWS;
    // With copying it can't be less than without.
    resting = Math.max(1, Math.min(resting, felt));
    if (felt > SLOW * resting) {
      allowed = Math.max(LEAST_RATE, rate() * 2 / 3);
      isHeldDown = true;
    } else if (allowed <= limit) {
      // What isn't used up says nothing about how much more could be.
      allowed = Math.min(MOST_RATE, allowed * 1.1);
    }
  }
}
