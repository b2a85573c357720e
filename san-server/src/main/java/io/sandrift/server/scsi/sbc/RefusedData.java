package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;

/**
 * A transfer that is refused, though its length is known: so that the transport can tell the
 * residual (RFC 7143 clause 11.4.5) along with the refusal.
 */
record RefusedData(Response refusal) implements Execution.DataSink {

  @Override
  public void write(long offset, ByteBuf source, int index, int length, ResponseListener listener) {
    listener.done(refusal);
  }

  @Override
  public void finish(long received, ResponseListener listener) {
    listener.done(refusal);
  }
}
