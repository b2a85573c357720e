package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;

/** A replica that can hold writes back, as a stuck disk or a paused thread would. */
public final class HoldingReplica extends ForwardingReplica {

  private final Deque<Runnable> held = new ArrayDeque<>();
  private boolean holds;

  public HoldingReplica(PartitionReplica store) {
    super(store);
  }

  /** Holds back every write from now on. */
  public synchronized void hold() {
    holds = true;
  }

  /** How many writes are held back. */
  public synchronized int held() {
    return held.size();
  }

  /** Lets go what is held back, and holds nothing any more. */
  public void release() {
    Deque<Runnable> all;
    synchronized (this) {
      holds = false;
      all = new ArrayDeque<>(held);
      held.clear();
    }
    all.forEach(Runnable::run);
  }

  @Override
  public void write(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    synchronized (this) {
      if (holds) {
        held.add(() -> super.write(unit, offset, source, index, length, completion));
        return;
      }
    }
    super.write(unit, offset, source, index, length, completion);
  }
}
