package io.sandrift.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.DataIn;
import io.sandrift.iscsi.pdu.Residual;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;

/**
 * Sends a command's data to the initiator, one Data-In after the other, as fast as the channel
 * takes them; the last one carries the status (RFC 7143 clause 11.7.3). Confined to the session's
 * event loop.
 */
final class DataInTransfer {

  private final Task task;
  private final Session session;
  private final Execution.SendData execution;
  private final long toSend;
  private long sent;
  private int dataSn;
  private boolean isReading;

  /** Held until the task is over, when the data come from memory. */
  private final ByteBuf held;

  DataInTransfer(Task task, Execution.SendData execution) {
    this(task, execution, Unpooled.EMPTY_BUFFER);
  }

  private DataInTransfer(Task task, Execution.SendData execution, ByteBuf held) {
    this.task = task;
    this.session = task.session;
    this.execution = execution;
    this.held = held;
    this.toSend = Math.min(execution.length(), task.command.dataInLength());
  }

  /** A transfer of data that are in memory already; takes over the buffer. */
  static DataInTransfer ofBuffer(Task task, ByteBuf data) {
    Execution.DataSource source =
        (offset, destination, index, length, listener) -> {
          destination.setBytes(index, data, data.readerIndex() + (int) offset, length);
          listener.done(Response.GOOD);
        };
    return new DataInTransfer(task, new Execution.SendData(data.readableBytes(), source), data);
  }

  void close() {
    held.release();
  }

  /** Goes on until all is sent, the channel is full, or a read takes its time. */
  void pump() {
    if (toSend == 0) {
      session.finish(task, Response.GOOD, task.residual(execution.length()), 0);
      return;
    }
    while (!isReading && !task.isOver() && session.transmitter().isWritable()) {
      int length = nextLength();
      ByteBuf room = session.transmitter().room(length);
      int start = room.writerIndex();
      Read read = new Read(room, start, length);
      session.transmitter().takeRoom(true);
      execution.source().read(sent, room, start + session.transmitter().headerSize(), length, read);
      session.transmitter().takeRoom(false);
      Response response = read.endedAtOnce();
      if (response == null) {
        isReading = true;
        session.transmitter().detach(length);
      } else if (response.isSuccess()) {
        session.transmitter().commit(dataIn(length, response), length);
        advance(length);
      } else {
        session.finish(task, response, task.residual(sent), dataSn);
      }
    }
  }

  /** As much as one PDU may hold, without crossing the end of a sequence of MaxBurstLength. */
  private int nextLength() {
    long burstLeft =
        session.parameters().maxBurstLength() - sent % session.parameters().maxBurstLength();
    long most = Math.min(session.maxSendDataSegmentLength(), burstLeft);
    return (int) Math.min(most, toSend - sent);
  }

  /**
   * The PDU for the next {@code length} bytes; with the last one the task takes its StatSN and
   * leaves the window.
   */
  private DataIn dataIn(int length, Response response) {
    long end = sent + length;
    boolean isLast = end == toSend;
    boolean endsSequence = isLast || end % session.parameters().maxBurstLength() == 0;
    return new DataIn(
        endsSequence,
        isLast,
        response.status().wireValue(),
        task.command.lun(),
        task.initiatorTaskTag,
        BasicHeader.RESERVED_TAG,
        isLast ? session.takeStatSn(task) : 0,
        session.window().expCmdSn(),
        session.window().maxCmdSn(),
        dataSn,
        sent,
        isLast ? task.residual(execution.length()) : Residual.NONE,
        Unpooled.EMPTY_BUFFER);
  }

  private void advance(int length) {
    sent += length;
    dataSn++;
    session.countRead(length);
    if (sent == toSend) {
      session.ended(task);
    }
  }

  /** One Data-In's worth of reading. */
  private final class Read extends Step {

    private final ByteBuf room;
    private final int start;
    private final int length;

    Read(ByteBuf room, int start, int length) {
      super(task);
      this.room = room;
      this.start = start;
      this.length = length;
    }

    @Override
    void later(Response response) {
      isReading = false;
      if (task.isOver()) {
        room.release();
      } else if (response.isSuccess()) {
        session.transmitter().sendDetached(room, start, dataIn(length, response), length);
        advance(length);
        if (!task.isOver()) {
          pump();
        }
      } else {
        room.release();
        session.finish(task, response, task.residual(sent), dataSn);
      }
    }
  }
}
