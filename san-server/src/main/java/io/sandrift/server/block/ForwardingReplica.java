package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;

/** Hands every request on to another replica; for those that do some of them in another way. */
public abstract class ForwardingReplica implements PartitionReplica {

  private final PartitionReplica next;

  protected ForwardingReplica(PartitionReplica next) {
    this.next = next;
  }

  @Override
  public void read(
      long unit, int offset, ByteBuf destination, int index, int length, IoCompletion completion) {
    next.read(unit, offset, destination, index, length, completion);
  }

  @Override
  public void write(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    next.write(unit, offset, source, index, length, completion);
  }

  @Override
  public void writeAtomic(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    next.writeAtomic(unit, offset, source, index, length, completion);
  }

  @Override
  public void zero(long unit, int offset, int length, IoCompletion completion) {
    next.zero(unit, offset, length, completion);
  }

  @Override
  public void compareAndWrite(
      long unit, int offset, ByteBuf source, int index, int length, CompareCompletion completion) {
    next.compareAndWrite(unit, offset, source, index, length, completion);
  }

  @Override
  public void or(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    next.or(unit, offset, source, index, length, completion);
  }

  @Override
  public void allocation(long unit, int count, AllocationCompletion completion) {
    next.allocation(unit, count, completion);
  }

  @Override
  public void flush(IoCompletion completion) {
    next.flush(completion);
  }
}
