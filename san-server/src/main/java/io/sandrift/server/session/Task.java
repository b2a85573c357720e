package io.sandrift.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.DataOut;
import io.sandrift.iscsi.pdu.Residual;
import io.sandrift.iscsi.pdu.ScsiCommand;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.TaskAttribute;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One SCSI command in a session's task set: carries out the {@link Execution} that the device
 * server decides on. Confined to the session's event loop.
 *
 * <pre>
 *   BLOCKED ──start──▶ RUNNING ──response──▶ OVER
 *      └──────abort──────┴───────abort───────▶ OVER
 * </pre>
 *
 * A task that is over may still have I/O under way, whose buffers it holds until that ends; then it
 * is <em>quiet</em>.
 */
final class Task {

  private enum State {
    BLOCKED,
    RUNNING,
    OVER
  }

  final Session session;
  final int initiatorTaskTag;
  final Command command;

  /** When the command was read from the connection. */
  final long beganNanos;

  /** The initiator set the F bit: no unsolicited Data-Out follows the command. */
  final boolean isUnsolicitedOver;

  private State state = State.BLOCKED;
  private ByteBuf immediateData;
  private @Nullable Queue<DataOut> earlyData;
  private int earlyBytes;
  private @Nullable DataInTransfer dataIn;
  private @Nullable DataOutTransfer dataOut;
  private Execution.@Nullable Later awaited;
  private int ioUnderWay;
  private @Nullable List<Runnable> whenQuiet;

  Task(Session session, ScsiCommand pdu) {
    this.session = session;
    this.initiatorTaskTag = pdu.initiatorTaskTag();
    this.beganNanos = session.turnNanos();
    this.isUnsolicitedOver = pdu.last();
    this.immediateData = pdu.data();
    this.command =
        new Command(
            pdu.lun(),
            pdu.cdb(),
            attribute(pdu.attribute()),
            pdu.write() ? pdu.expectedDataTransferLength() : 0,
            readLength(pdu));
  }

  private static long readLength(ScsiCommand pdu) {
    if (!pdu.read()) {
      return 0;
    }
    return pdu.write() ? pdu.bidirectionalReadLength() : pdu.expectedDataTransferLength();
  }

  private static TaskAttribute attribute(ScsiCommand.Attribute attribute) {
    return switch (attribute) {
      case UNTAGGED, SIMPLE -> TaskAttribute.SIMPLE;
      case ORDERED -> TaskAttribute.ORDERED;
      case HEAD_OF_QUEUE -> TaskAttribute.HEAD_OF_QUEUE;
      case ACA -> TaskAttribute.ACA;
    };
  }

  TaskAttribute attribute() {
    return command.attribute();
  }

  boolean isOver() {
    return state == State.OVER;
  }

  /** Has the device server decide, and does what it says. */
  void start() {
    state = State.RUNNING;
    Execution execution = session.nexus().start(command);
    if (execution instanceof Execution.SendData sendData) {
      releaseImmediateData();
      dataIn = new DataInTransfer(this, sendData);
      dataIn.pump();
    } else if (execution instanceof Execution.ReceiveData receiveData) {
      dataOut = new DataOutTransfer(this, receiveData);
      ByteBuf data = immediateData;
      immediateData = Unpooled.EMPTY_BUFFER;
      dataOut.begin(data);
      if (earlyData != null) {
        earlyData.forEach(this::receive);
        earlyData = null;
      }
    } else if (execution instanceof Execution.Done done) {
      end(done.response(), done.dataIn());
    } else if (execution instanceof Execution.Later later) {
      releaseImmediateData();
      await(later);
    }
  }

  /** Takes a Data-Out of this task, and its data segment with it. */
  void receive(DataOut pdu) {
    if (state == State.OVER) {
      pdu.release();
    } else if (dataOut != null) {
      dataOut.receive(pdu);
    } else if (state == State.BLOCKED
        && earlyBytes + pdu.data().readableBytes() <= session.parameters().firstBurstLength()) {
      earlyBytes += pdu.data().readableBytes();
      if (earlyData == null) {
        earlyData = new ArrayDeque<>();
      }
      earlyData.add(pdu);
    } else {
      // A command that takes no data, or not yet so much: what the initiator sent unasked is
      // dropped.
      pdu.release();
    }
  }

  /** The channel takes data again. */
  void writable() {
    if (dataIn != null) {
      dataIn.pump();
    }
  }

  /**
   * What was left over of the transfer that the initiator expected, when {@code actual} bytes was
   * what it was about.
   */
  Residual residual(long actual) {
    return Residual.of(
        command.dataOutLength() > 0 ? command.dataOutLength() : command.dataInLength(), actual);
  }

  /** Ends the task; {@link Session} has sent its response, or there is none. */
  void over() {
    state = State.OVER;
    releaseImmediateData();
    if (earlyData != null) {
      earlyData.forEach(DataOut::release);
      earlyData = null;
    }
    if (dataIn != null) {
      dataIn.close();
    }
    if (dataOut != null) {
      dataOut.close();
    }
    if (awaited != null) {
      awaited.discard();
    }
    runWhenQuiet();
  }

  /**
   * Runs the action when the task is over and none of its I/O is under way any more; at once if
   * that is so.
   */
  void whenQuiet(Runnable action) {
    if (whenQuiet == null) {
      whenQuiet = new ArrayList<>(1);
    }
    whenQuiet.add(action);
    runWhenQuiet();
  }

  /** Counts an I/O that did not end within the call that began it. */
  void ioBegan() {
    ioUnderWay++;
  }

  void ioEnded() {
    ioUnderWay--;
    runWhenQuiet();
  }

  private void runWhenQuiet() {
    if (whenQuiet != null && state == State.OVER && ioUnderWay == 0) {
      List<Runnable> actions = whenQuiet;
      whenQuiet = null;
      actions.forEach(Runnable::run);
    }
  }

  private void await(Execution.Later later) {
    awaited = later;
    ioBegan();
    later.start(
        (response, data) -> {
          if (session.eventLoop().inEventLoop()) {
            awaited(response, data);
          } else {
            session.eventLoop().execute(() -> awaited(response, data));
          }
        });
  }

  private void awaited(Response response, ByteBuf data) {
    awaited = null;
    if (state == State.OVER) {
      data.release();
    } else {
      end(response, data);
    }
    ioEnded();
  }

  /** Ends the command with data that are in memory already; takes them over. */
  private void end(Response response, ByteBuf data) {
    releaseImmediateData();
    if (response.isSuccess() && data.isReadable() && command.dataInLength() > 0) {
      dataIn = DataInTransfer.ofBuffer(this, data);
      dataIn.pump();
    } else {
      int length = data.readableBytes();
      data.release();
      session.finish(this, response, residual(response.isSuccess() ? length : 0), 0);
    }
  }

  private void releaseImmediateData() {
    immediateData.release();
    immediateData = Unpooled.EMPTY_BUFFER;
  }
}
