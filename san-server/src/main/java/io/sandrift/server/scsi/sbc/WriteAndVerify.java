package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.ResponseListener;

/**
 * WRITE AND VERIFY's data: each piece is written and, with BYTCHK 01b, read back and compared; the
 * command ends when all of it is durable.
 */
final class WriteAndVerify implements Execution.DataSink {

  private final BlockUnit unit;
  private final long start;
  private final boolean compares;

  WriteAndVerify(BlockUnit unit, long start, boolean compares) {
    this.unit = unit;
    this.start = start;
    this.compares = compares;
  }

  @Override
  public void write(long offset, ByteBuf source, int index, int length, ResponseListener listener) {
    unit.device()
        .write(
            start + offset,
            source,
            index,
            length,
            status -> {
              if (status == IoStatus.OK && compares) {
                CompareBlocks.compare(unit, start, offset, source, index, length, listener);
              } else {
                listener.done(unit.response(status, true));
              }
            });
  }

  @Override
  public void finish(long received, ResponseListener listener) {
    unit.device().flush(status -> listener.done(unit.response(status, true)));
  }
}
