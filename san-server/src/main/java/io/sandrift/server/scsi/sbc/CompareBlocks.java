package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;

/** VERIFY's data, BYTCHK 01b: each piece is compared with the device's bytes as it arrives. */
final class CompareBlocks implements Execution.DataSink {

  private final BlockUnit unit;
  private final long start;

  CompareBlocks(BlockUnit unit, long start) {
    this.unit = unit;
    this.start = start;
  }

  @Override
  public void write(long offset, ByteBuf source, int index, int length, ResponseListener listener) {
    compare(unit, start, offset, source, index, length, listener);
  }

  @Override
  public void finish(long received, ResponseListener listener) {
    listener.done(Response.GOOD);
  }

  /**
   * Reads {@code length} bytes back and compares. A difference is a MISCOMPARE with its offset in
   * the transfer.
   */
  static void compare(
      BlockUnit unit,
      long start,
      long offset,
      ByteBuf source,
      int index,
      int length,
      ResponseListener listener) {
    ByteBuf stored = ByteBufAllocator.DEFAULT.directBuffer(length);
    unit.device()
        .read(
            start + offset,
            stored,
            0,
            length,
            status -> {
              int mismatch =
                  status == IoStatus.OK ? mismatch(stored, 0, source, index, length) : -1;
              stored.release();
              listener.done(
                  mismatch < 0 ? unit.response(status, false) : unit.miscompare(offset + mismatch));
            });
  }

  /** The offset of the first byte that differs, or -1. */
  static int mismatch(ByteBuf one, int oneIndex, ByteBuf other, int otherIndex, int length) {
    return one.nioBuffer(oneIndex, length).mismatch(other.nioBuffer(otherIndex, length));
  }
}
