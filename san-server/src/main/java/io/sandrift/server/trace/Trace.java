package io.sandrift.server.trace;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The name of one thing that goes on across servers, for their logs. It is drawn where that thing
 * begins, travels with every call between servers that is part of it, and is the key {@code trace}
 * of each log line about it. iSCSI itself can't carry it: a client that is redirected brings
 * nothing along, and is known at its destination by the reservation that was made there.
 *
 * @param number 0 when there is none; else at random, and hardly ever the same twice
 */
public record Trace(long number) {

  /** What begins without one, or comes from a server that doesn't know of them. */
  public static final Trace NONE = new Trace(0);

  private static final String KEY = "trace";
  private static final int DIGITS = 16;

  /** A new one. */
  public static Trace begin() {
    return new Trace(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE));
  }

  /** The trace of these sixteen hexadecimal digits; {@link #NONE} if they are none. */
  public static Trace of(@Nullable String digits) {
    if (digits == null || digits.length() != DIGITS) {
      return NONE;
    }
    try {
      return new Trace(HexFormat.fromHexDigitsToLong(digits));
    } catch (IllegalArgumentException e) {
      return NONE;
    }
  }

  public boolean isNone() {
    return number == 0;
  }

  /** Makes a log line one of this trace. */
  public LoggingEventBuilder on(LoggingEventBuilder line) {
    return isNone() ? line : line.addKeyValue(KEY, this);
  }

  /** Sixteen hexadecimal digits; empty for none. */
  @Override
  public String toString() {
    return isNone() ? "" : HexFormat.of().toHexDigits(number);
  }
}
