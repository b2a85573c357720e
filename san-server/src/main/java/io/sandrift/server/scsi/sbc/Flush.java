package io.sandrift.server.scsi.sbc;

import io.netty.buffer.Unpooled;
import io.sandrift.server.scsi.task.Execution;

/** Makes durable all that was written before; the command ends when it is. */
record Flush(BlockUnit unit) implements Execution.Later {

  @Override
  public void start(Execution.DataListener listener) {
    unit.device()
        .flush(status -> listener.done(unit.response(status, true), Unpooled.EMPTY_BUFFER));
  }
}
