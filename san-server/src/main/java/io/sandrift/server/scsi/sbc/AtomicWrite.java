package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;

/** WRITE ATOMIC, once its data are there. */
final class AtomicWrite extends WriteThenFlush {

  private final long start;
  private final ByteBuf data;

  AtomicWrite(BlockUnit unit, long start, ByteBuf data, boolean durable) {
    super(unit, durable);
    this.start = start;
    this.data = data;
  }

  @Override
  void write() {
    unit().device().writeAtomic(start, data, 0, data.readableBytes(), ending(unit(), true));
  }

  @Override
  protected void release() {
    data.release();
  }
}
