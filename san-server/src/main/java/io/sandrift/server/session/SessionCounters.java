package io.sandrift.server.session;

import java.util.concurrent.atomic.LongAdder;

/** What a session has done so far. Counted by its event loop, read by anyone. */
public final class SessionCounters {

  private final LongAdder commands = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder bytesWritten = new LongAdder();

  public long commands() {
    return commands.sum();
  }

  /** Bytes sent to the initiator as SCSI data. */
  public long bytesRead() {
    return bytesRead.sum();
  }

  /** Bytes received from the initiator as SCSI data. */
  public long bytesWritten() {
    return bytesWritten.sum();
  }

  void countCommand() {
    commands.increment();
  }

  void countRead(long bytes) {
    bytesRead.add(bytes);
  }

  void countWritten(long bytes) {
    bytesWritten.add(bytes);
  }
}
