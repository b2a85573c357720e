package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.scsi.task.Response;

/** COMPARE AND WRITE, once its data are there: first the bytes to compare, then those to write. */
final class CompareAndWrite extends WriteThenFlush {

  private final long start;
  private final int length;
  private final ByteBuf data;

  CompareAndWrite(BlockUnit unit, long start, int length, ByteBuf data, boolean durable) {
    super(unit, durable);
    this.start = start;
    this.length = length;
    this.data = data;
  }

  @Override
  void write() {
    unit()
        .device()
        .compareAndWrite(
            start,
            data,
            0,
            length,
            (status, mismatch) -> {
              if (status == IoStatus.MISCOMPARE) {
                failed(unit().miscompare(mismatch));
                return;
              }
              Response response = unit().response(status, true);
              if (response.isSuccess()) {
                stepped();
              } else {
                failed(response);
              }
            });
  }

  @Override
  protected void release() {
    data.release();
  }
}
