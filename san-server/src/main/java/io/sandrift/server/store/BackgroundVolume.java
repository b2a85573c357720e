package io.sandrift.server.store;

import io.netty.buffer.ByteBuf;
import io.sandrift.server.block.ForwardingReplica;
import io.sandrift.server.block.IoCompletion;

/**
 * A volume as whoever copies sees it: reads, writes and zeroing are done on the calling thread. So
 * they don't stand before clients' requests in the queue for the store's threads, nor make the
 * store's {@link IoGate} send those there: new extents wait for the index, and long pieces for the
 * disk, where what clients read and write is in memory. Safe for all threads.
 */
final class BackgroundVolume extends ForwardingReplica {

  private final LocalVolume volume;

  /** Nobody asks it. */
  private final IoGate gate = new IoGate();

  BackgroundVolume(LocalVolume volume) {
    super(volume);
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
}
