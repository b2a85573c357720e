package io.sandrift.server.scsi.disk;

import io.netty.buffer.ByteBuf;
import io.sandrift.server.scsi.sbc.BlockUnit;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;
import io.sandrift.server.scsi.task.SenseData;

/** A parameter list: collected whole, then acted upon. Used on the session's thread. */
final class ParameterList implements Execution.DataSink {

  /** Bounds the memory that one command can make the server hold. */
  static final int MAX_BYTES = 1 << 16;

  private final byte[] list;
  private final Action action;
  private final DiskNexus nexus;

  /** What a list brings about. */
  @FunctionalInterface
  interface Action {
    void perform(byte[] list, ResponseListener listener);

    /** The command was aborted: what goes on for long ends soon. */
    default void stop() {}
  }

  private ParameterList(DiskNexus nexus, int length, Action action) {
    this.nexus = nexus;
    this.list = new byte[length];
    this.action = action;
  }

  /** Receives a list of {@code length} bytes. None at all is no error and does nothing (SPC-4). */
  static Execution receive(DiskNexus nexus, Command command, long length, Action action) {
    if (length == 0) {
      return BlockUnit.good();
    }
    if (length > MAX_BYTES || command.dataOutLength() < length) {
      return nexus.refuse(SenseData.parameterListLengthError());
    }
    return new Execution.ReceiveData(length, new ParameterList(nexus, (int) length, action));
  }

  @Override
  public void write(long offset, ByteBuf source, int index, int length, ResponseListener listener) {
    source.getBytes(index, list, (int) offset, length);
    listener.done(Response.GOOD);
  }

  @Override
  public void finish(long received, ResponseListener listener) {
    if (received < list.length) {
      listener.done(nexus.unit().check(SenseData.parameterListLengthError()));
    } else {
      action.perform(list, listener);
    }
  }

  @Override
  public void discard() {
    action.stop();
  }
}
