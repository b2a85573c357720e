package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sandrift.server.scsi.task.Response;

/** VERIFY, BYTCHK 11b: compares one block with each block of a range. */
final class VerifySame extends SteppedWork {

  private final BlockUnit unit;
  private final ByteBuf block;
  private final ByteBuf stored;
  private final long end;
  private long at;

  /** Takes over {@code block}. */
  VerifySame(BlockUnit unit, long start, long length, ByteBuf block) {
    super(unit.executor());
    this.unit = unit;
    this.block = block;
    this.at = start;
    this.end = start + length;
    this.stored = ByteBufAllocator.DEFAULT.directBuffer((int) Math.min(length, STEP_BYTES));
  }

  @Override
  protected boolean hasNext() {
    return at < end;
  }

  @Override
  protected void step() {
    int size = (int) Math.min(end - at, Math.min(stored.capacity(), STEP_BYTES));
    long from = at;
    at += size;
    unit.device()
        .read(
            from,
            stored,
            0,
            size,
            status -> {
              Response response = unit.response(status, false);
              int mismatch = response.isSuccess() ? mismatch(size) : -1;
              if (mismatch >= 0) {
                failed(unit.miscompare(mismatch));
              } else if (response.isSuccess()) {
                stepped();
              } else {
                failed(response);
              }
            });
  }

  /** The offset in the block of the first difference that any of the stored blocks has, or -1. */
  private int mismatch(int size) {
    int blockBytes = block.readableBytes();
    for (int i = 0; i < size; i += blockBytes) {
      int mismatch = CompareBlocks.mismatch(stored, i, block, 0, blockBytes);
      if (mismatch >= 0) {
        return mismatch;
      }
    }
    return -1;
  }

  @Override
  protected void release() {
    block.release();
    stored.release();
  }
}
