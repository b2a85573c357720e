package io.sandrift.client;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One SCSI command of an initiator, from the call to its end, over as many sessions as that takes.
 * Confined to the session's event loop once it is submitted.
 */
final class ScsiRequest {

  final byte[] cdb;

  /** Where data from the target go, from position to limit; null when none are expected. */
  final @Nullable ByteBuffer into;

  /** What is sent to the target, from position to limit; null when there is nothing. */
  final @Nullable ByteBuffer from;

  /** When it is too late, in {@link System#nanoTime}'s terms. */
  final long deadlineNanos;

  /** Ends with how many bytes came in. */
  final CompletableFuture<Integer> outcome = new CompletableFuture<>();

  int initiatorTaskTag;
  int received;
  int retries;

  /** Not to be sent before this time; for a target that is busy. */
  long notBeforeNanos;

  private ScsiRequest(
      byte[] cdb, @Nullable ByteBuffer into, @Nullable ByteBuffer from, long deadlineNanos) {
    this.cdb = cdb;
    this.into = into == null ? null : into.slice();
    this.from = from == null ? null : from.slice();
    this.deadlineNanos = deadlineNanos;
  }

  static ScsiRequest reading(byte[] cdb, ByteBuffer into, long deadlineNanos) {
    return new ScsiRequest(cdb, into, null, deadlineNanos);
  }

  static ScsiRequest writing(byte[] cdb, ByteBuffer from, long deadlineNanos) {
    return new ScsiRequest(cdb, null, from, deadlineNanos);
  }

  static ScsiRequest plain(byte[] cdb, long deadlineNanos) {
    return new ScsiRequest(cdb, null, null, deadlineNanos);
  }

  boolean isTooEarly(long nowNanos) {
    return notBeforeNanos != 0 && nowNanos - notBeforeNanos < 0;
  }

  boolean isTooLate(long nowNanos) {
    return nowNanos - deadlineNanos > 0;
  }

  int lengthIn() {
    return into == null ? 0 : into.limit();
  }

  int lengthOut() {
    return from == null ? 0 : from.limit();
  }
}
