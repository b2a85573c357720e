package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Writes one block over a range, again and again (WRITE SAME). */
final class RepeatBlock extends SteppedWork {

  private final BlockUnit unit;
  private final ByteBuf repeated;
  private final long end;
  private long at;

  /**
   * Fills {@code length} bytes from {@code start}, a multiple of the block's.
   *
   * @param block is released here
   */
  RepeatBlock(BlockUnit unit, long start, long length, ByteBuf block) {
    super(unit.executor());
    this.unit = unit;
    this.at = start;
    this.end = start + length;
    this.repeated = repeat(block, (int) Math.min(length, STEP_BYTES));
  }

  private static ByteBuf repeat(ByteBuf block, int size) {
    int blockBytes = block.readableBytes();
    ByteBuf many = ByteBufAllocator.DEFAULT.directBuffer(size, size);
    for (int i = 0; i < size; i += blockBytes) {
      many.setBytes(i, block, 0, blockBytes);
    }
    block.release();
    return many;
  }

  @Override
  protected boolean hasNext() {
    return at < end;
  }

  @Override
  protected void step() {
    int size = (int) Math.min(end - at, repeated.capacity());
    long from = at;
    at += size;
    unit.device().write(from, repeated, 0, size, ending(unit, true));
  }

  @Override
  protected void release() {
    repeated.release();
  }
}
