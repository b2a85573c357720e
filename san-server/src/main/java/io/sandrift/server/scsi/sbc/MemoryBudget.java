package io.sandrift.server.scsi.sbc;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory that many commands share: so that they can't take more together than was allotted, however
 * many initiators send them. Any thread may call.
 */
final class MemoryBudget {

  private final AtomicLong leftBytes;

  MemoryBudget(long bytes) {
    this.leftBytes = new AtomicLong(bytes);
  }

  /** Takes {@code bytes}, to be given back; false if so many aren't left. */
  boolean take(long bytes) {
    if (leftBytes.addAndGet(-bytes) >= 0) {
      return true;
    }
    leftBytes.addAndGet(bytes);
    return false;
  }

  /** Gives back what was taken. */
  void giveBack(long bytes) {
    leftBytes.addAndGet(bytes);
  }
}
