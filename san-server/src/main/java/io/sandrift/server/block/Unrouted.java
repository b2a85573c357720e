package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import java.util.BitSet;

/** No way to any bytes: everything is unavailable. */
final class Unrouted implements PartitionReplica {

  @Override
  public void read(
      long unit, int offset, ByteBuf destination, int index, int length, IoCompletion completion) {
    completion.done(IoStatus.UNAVAILABLE);
  }

  @Override
  public void write(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    completion.done(IoStatus.UNAVAILABLE);
  }

  @Override
  public void writeAtomic(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    completion.done(IoStatus.UNAVAILABLE);
  }

  @Override
  public void zero(long unit, int offset, int length, IoCompletion completion) {
    completion.done(IoStatus.UNAVAILABLE);
  }

  @Override
  public void compareAndWrite(
      long unit, int offset, ByteBuf source, int index, int length, CompareCompletion completion) {
    completion.done(IoStatus.UNAVAILABLE, 0);
  }

  @Override
  public void or(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    completion.done(IoStatus.UNAVAILABLE);
  }

  @Override
  public void allocation(long unit, int count, AllocationCompletion completion) {
    completion.done(IoStatus.UNAVAILABLE, new BitSet(0));
  }

  @Override
  public void flush(IoCompletion completion) {
    completion.done(IoStatus.UNAVAILABLE);
  }
}
