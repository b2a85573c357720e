package io.sandrift.server.session;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What a session has done so far. Counted by its event loop, read by anyone. */
public final class SessionCounters {

  private final CommandMeter meter;
  private final LongAdder commands = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private final LongAdder busyNanos = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder bytesWritten = new LongAdder();
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * @param meter of all sessions, told of everything that is counted here
   */
  SessionCounters(CommandMeter meter) {
    this.meter = meter;
  }

  /** Commands that came. */
  public long commands() {
    return commands.sum();
  }

  /** Commands that were answered. */
  public long ended() {
    return ended.sum();
  }

  /**
   * The time that the answered commands were under way, all together, in nanoseconds. By Little's
   * law its growth in a while, divided by that while, is the mean number of commands under way.
   */
  public long busyNanos() {
    return busyNanos.sum();
  }

  /** Commands that are under way now. */
  public int underWay() {
    return underWay.get();
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

  void countEnded(CommandKind kind, long nanos) {
    ended.increment();
    busyNanos.add(nanos);
    meter.ended(kind, nanos);
  }

  void countRead(long bytes) {
    bytesRead.add(bytes);
    meter.read(bytes);
  }

  void countWritten(long bytes) {
    bytesWritten.add(bytes);
    meter.written(bytes);
  }

  void setUnderWay(int tasks) {
    underWay.lazySet(tasks);
  }
}
