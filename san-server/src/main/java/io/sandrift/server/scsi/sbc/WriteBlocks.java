package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;

/** WRITE's data: from the transport's buffers straight to the device, as they arrive. */
final class WriteBlocks implements Execution.DataSink {

  private final BlockUnit unit;
  private final long start;
  private final boolean durable;

  /**
   * Writes from byte {@code start}.
   *
   * @param durable whether the command ends only when its data are durable
   */
  WriteBlocks(BlockUnit unit, long start, boolean durable) {
    this.unit = unit;
    this.start = start;
    this.durable = durable;
  }

  @Override
  public void write(long offset, ByteBuf source, int index, int length, ResponseListener listener) {
    unit.device()
        .write(
            start + offset,
            source,
            index,
            length,
            status ->
                listener.done(status == IoStatus.OK ? Response.GOOD : unit.response(status, true)));
  }

  @Override
  public void finish(long received, ResponseListener listener) {
    if (durable) {
      unit.device()
          .flush(
              start, Math.max(1, received), status -> listener.done(unit.response(status, true)));
    } else {
      listener.done(Response.GOOD);
    }
  }
}
