package io.sandrift.server.store;

import io.netty.buffer.ByteBuf;
import io.sandrift.server.block.AllocationCompletion;
import io.sandrift.server.block.CompareCompletion;
import io.sandrift.server.block.IoCompletion;
import io.sandrift.server.block.PartitionReplica;

/**
 * A volume as whoever copies sees it: reads, writes and zeroing are done on the calling thread. So
 * they don't stand before clients' requests in the queue for the store's threads, nor make the
 * store's {@link IoGate} send those there: new extents wait for the index, and long pieces for the
 * disk, where what clients read and write is in memory. Safe for all threads.
 */
final class BackgroundVolume implements PartitionReplica {

  private final LocalVolume volume;

  /** Nobody asks it. */
  private final IoGate gate = new IoGate();

  BackgroundVolume(LocalVolume volume) {
    this.volume = volume;
  }

  @Override
  public void read(
      long unit, int offset, ByteBuf destination, int index, int length, IoCompletion completion) {
    completion.done(volume.readNow(gate, unit, offset, destination.nioBuffer(index, length)));
  }

  @Override
  public void write(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    completion.done(volume.writeNow(gate, unit, offset, source.nioBuffer(index, length)));
  }

  @Override
  public void zero(long unit, int offset, int length, IoCompletion completion) {
    completion.done(volume.zeroNow(unit, offset, length));
  }

  @Override
  public void writeAtomic(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    volume.writeAtomic(unit, offset, source, index, length, completion);
  }

  @Override
  public void compareAndWrite(
      long unit, int offset, ByteBuf source, int index, int length, CompareCompletion completion) {
    volume.compareAndWrite(unit, offset, source, index, length, completion);
  }

  @Override
  public void or(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion) {
    volume.or(unit, offset, source, index, length, completion);
  }

  @Override
  public void allocation(long unit, int count, AllocationCompletion completion) {
    volume.allocation(unit, count, completion);
  }

  @Override
  public void flush(IoCompletion completion) {
    volume.flush(completion);
  }
}
