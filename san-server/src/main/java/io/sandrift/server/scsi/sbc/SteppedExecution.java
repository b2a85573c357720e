package io.sandrift.server.scsi.sbc;

import io.netty.buffer.Unpooled;
import io.sandrift.server.scsi.task.Execution;

/** Stepped work as an execution without data. */
public record SteppedExecution(SteppedWork work) implements Execution.Later {

  @Override
  public void start(Execution.DataListener listener) {
    work.begin(response -> listener.done(response, Unpooled.EMPTY_BUFFER));
  }

  @Override
  public void discard() {
    work.stop();
  }
}
