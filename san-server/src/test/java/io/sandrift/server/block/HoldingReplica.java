package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;

/** A replica that can hold writes back, as a stuck disk or a paused thread would. */
public final class HoldingReplica implements PartitionReplica {

  private final PartitionReplica store;
  private final Deque<Runnable> held = new ArrayDeque<>();
  private boolean holds;

  public HoldingReplica(PartitionReplica store) {
    this.store = store;
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
        held.add(() -> store.write(unit, offset, source, index, length, completion));
        return;
      }
    }
    store.write(unit, offset, source, index, length, completion);
  }

  @Override
  public void read(
      long unit, int offset, ByteBuf destination, int index, int length, IoCompletion completion) {
    store.read(unit, offset, destination, index, length, completion);
  }

  @Override
  public void writeAtomic(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    store.writeAtomic(unit, offset, source, index, length, completion);
  }

  @Override
  public void zero(long unit, int offset, int length, IoCompletion completion) {
    store.zero(unit, offset, length, completion);
  }

  @Override
  public void compareAndWrite(
      long unit, int offset, ByteBuf source, int index, int length, CompareCompletion completion) {
    store.compareAndWrite(unit, offset, source, index, length, completion);
  }

  @Override
  public void or(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    store.or(unit, offset, source, index, length, completion);
  }

  @Override
  public void allocation(long unit, int count, AllocationCompletion completion) {
    store.allocation(unit, count, completion);
  }

  @Override
  public void flush(IoCompletion completion) {
    store.flush(completion);
  }
}
