package io.sandrift.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.DataIn;
import io.sandrift.iscsi.pdu.Residual;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Sends a command's data to the initiator, one Data-In after the other, as fast as the channel
 * takes them; the last one carries the status (RFC 7143 clause 11.7.3). Confined to the session's
 * event loop.
 *
 * <p>Data that have to be waited for, at a disk or another server, are asked for ahead: what comes
 * before its turn waits for it, as the PDUs are to be in order (DataPDUInOrder).
 *
 * <pre>
 *   0 ............ sent ............ asked ............ toSend
 *                  | reads {@link #ahead} |
 * </pre>
 */
final class DataInTransfer {

  /** While a session waits for so much, its tasks ask for one piece after the other. */
  private static final int AHEAD_BYTES = 1 << 20;

  /** Pieces may be as short as 512 bytes; each is a request of its own to a disk or a server. */
  private static final int MOST_AHEAD = 16;

  private final Task task;
  private final Session session;
  private final Execution.SendData execution;
  private final long toSend;
  private long asked;
  private long sent;
  private int dataSn;

  /** Reads that did not end at once, and what was read behind them, in order. */
  private final Queue<Read> ahead = new ArrayDeque<>(2);

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

  /** The task is over. What is under way still gives its room back when it ends. */
  void close() {
    for (Read read = ahead.poll(); read != null; read = ahead.poll()) {
      if (read.hasArrived()) {
        read.drop();
      }
    }
    held.release();
  }

  /** Goes on until all is sent, the channel is full, or enough was asked for ahead. */
  void pump() {
    if (task.isOver()) {
      return;
    }
    if (toSend == 0) {
      session.finish(task, Response.GOOD, task.residual(execution.length()), 0);
      return;
    }
    while (!task.isOver() && mayAsk()) {
      ask();
    }
  }

  private boolean mayAsk() {
    Transmitter transmitter = session.transmitter();
    return asked < toSend
        && transmitter.isWritable()
        && (ahead.isEmpty()
            || (ahead.size() < MOST_AHEAD && transmitter.detachedBytes() < AHEAD_BYTES));
  }

  private void ask() {
    Transmitter transmitter = session.transmitter();
    int length = nextLength();
    ByteBuf room = transmitter.room(length);
    int start = room.writerIndex();
    Read read = new Read(room, start, length);
    transmitter.takeRoom(true);
    execution.source().read(asked, room, start + transmitter.headerSize(), length, read);
    transmitter.takeRoom(false);
    asked += length;
    Response response = read.endedAtOnce();
    if (response == null || !ahead.isEmpty()) {
      transmitter.detach(length);
      read.response = response;
      ahead.add(read);
    } else if (response.isSuccess()) {
      transmitter.commit(dataIn(length, response), length);
      advance(length);
    } else {
      session.finish(task, response, task.residual(sent), dataSn);
    }
  }

  /** Sends what has come, up to what has not, and goes on. */
  private void sendArrived() {
    while (!task.isOver() && !ahead.isEmpty() && ahead.element().hasArrived()) {
      Read read = ahead.remove();
      Response response = Objects.requireNonNull(read.response);
      if (response.isSuccess()) {
        session
            .transmitter()
            .sendDetached(read.room, read.start, dataIn(read.length, response), read.length);
        advance(read.length);
      } else {
        read.drop();
        session.finish(task, response, task.residual(sent), dataSn);
      }
    }
    pump();
  }

  /** As much as one PDU may hold, without crossing the end of a sequence of MaxBurstLength. */
  private int nextLength() {
    long burstLeft =
        session.parameters().maxBurstLength() - asked % session.parameters().maxBurstLength();
    long most = Math.min(session.maxSendDataSegmentLength(), burstLeft);
    return (int) Math.min(most, toSend - asked);
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

    /** Null until it has ended. */
    private @Nullable Response response;

    Read(ByteBuf room, int start, int length) {
      super(task);
      this.room = room;
      this.start = start;
      this.length = length;
    }

    boolean hasArrived() {
      return response != null;
    }

    void drop() {
      session.transmitter().dropDetached(room, length);
    }

    @Override
    void later(Response result) {
      if (task.isOver()) {
        drop();
      } else {
        response = result;
        sendArrived();
      }
    }
  }
}
