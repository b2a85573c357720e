package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.sandrift.server.block.IoCompletion;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;

/** READ's data: straight from the device into the transport's buffers. */
final class ReadBlocks implements Execution.DataSource {

  private final BlockUnit unit;
  private final long start;
  private final boolean forceUnitAccess;

  /**
   * Reads from byte {@code start}.
   *
   * @param forceUnitAccess what is cached and newer goes to the medium first (SBC-3)
   */
  ReadBlocks(BlockUnit unit, long start, boolean forceUnitAccess) {
    this.unit = unit;
    this.start = start;
    this.forceUnitAccess = forceUnitAccess;
  }

  @Override
  public void read(
      long offset, ByteBuf destination, int index, int length, ResponseListener listener) {
    IoCompletion answer =
        status ->
            listener.done(status == IoStatus.OK ? Response.GOOD : unit.response(status, false));
    if (!forceUnitAccess) {
      unit.device().read(start + offset, destination, index, length, answer);
      return;
    }
    unit.device()
        .flush(
            start + offset,
            length,
            status -> {
              if (status == IoStatus.OK) {
                unit.device().read(start + offset, destination, index, length, answer);
              } else {
                listener.done(unit.response(status, true));
              }
            });
  }
}
