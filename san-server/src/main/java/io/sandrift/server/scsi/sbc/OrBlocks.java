package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;

/** ORWRITE's data: each byte is ORed into the device's, as it arrives (SBC-3). */
final class OrBlocks implements Execution.DataSink {

  private final BlockUnit unit;
  private final long start;
  private final boolean durable;

  OrBlocks(BlockUnit unit, long start, boolean durable) {
    this.unit = unit;
    this.start = start;
    this.durable = durable;
  }

  @Override
  public void write(long offset, ByteBuf source, int index, int length, ResponseListener listener) {
    unit.device()
        .or(
            start + offset,
            source,
            index,
            length,
            status -> listener.done(unit.response(status, true)));
  }

  @Override
  public void finish(long received, ResponseListener listener) {
    if (durable) {
      unit.device().flush(status -> listener.done(unit.response(status, true)));
    } else {
      listener.done(Response.GOOD);
    }
  }
}
