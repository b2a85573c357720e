package io.sandrift.server.session;

import io.netty.buffer.ByteBuf;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.DataOut;
import io.sandrift.iscsi.pdu.ReadyToTransfer;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Takes a command's data from the initiator: immediate, then unsolicited, then what R2Ts ask for
 * (RFC 7143 clause 4.2.5), and hands each PDU's data to the device server as they arrive. Confined
 * to the session's event loop.
 *
 * <pre>
 *   0 ── immediate ── unsolicited ──┬── R2T ──┬── R2T ──┬ ···        expected
 *                     ≤ FirstBurst  │ ≤ MaxBurstLength each, MaxOutstandingR2T at a time
 * </pre>
 *
 * DataPDUInOrder and DataSequenceInOrder are both Yes, so every byte has its one place in time, and
 * data anywhere else is a protocol error of the initiator that ends the command (clause 11.4.7.2),
 * not the session.
 */
final class DataOutTransfer {

  /** One R2T that is not yet answered in full. */
  private record Burst(int targetTransferTag, long end) {}

  private final Task task;
  private final Session session;
  private final Execution.ReceiveData execution;

  /** How much the command takes of what the initiator offers. */
  private final long expected;

  private final Queue<Burst> bursts = new ArrayDeque<>();
  private boolean isUnsolicitedOpen;
  private long received;
  private long solicited;
  private int r2tSn;
  private int dataSn;
  private int writesUnderWay;
  private boolean isFinishing;
  private boolean hasResponse;

  DataOutTransfer(Task task, Execution.ReceiveData execution) {
    this.task = task;
    this.session = task.session;
    this.execution = execution;
    this.expected = Math.min(execution.length(), task.command.dataOutLength());
    this.isUnsolicitedOpen = !session.parameters().initialR2T() && !task.isUnsolicitedOver;
  }

  /** Begins with the immediate data, which are taken over. */
  void begin(ByteBuf immediateData) {
    int length = immediateData.readableBytes();
    if (length > 0 && !session.parameters().immediateData()) {
      immediateData.release();
      fail(TransferSense.UNEXPECTED_UNSOLICITED_DATA);
      return;
    }
    if (length > firstBurst()) {
      immediateData.release();
      fail(TransferSense.INCORRECT_AMOUNT_OF_DATA);
      return;
    }
    accept(immediateData);
    goOn();
  }

  /** Takes a Data-Out and its data. */
  void receive(DataOut pdu) {
    boolean isUnsolicited = pdu.targetTransferTag() == BasicHeader.RESERVED_TAG;
    Burst burst = bursts.peek();
    long end;
    if (isUnsolicited) {
      if (!isUnsolicitedOpen) {
        pdu.release();
        fail(TransferSense.UNEXPECTED_UNSOLICITED_DATA);
        return;
      }
      end = firstBurst();
    } else if (burst == null || burst.targetTransferTag != pdu.targetTransferTag()) {
      pdu.release();
      fail(TransferSense.INCORRECT_AMOUNT_OF_DATA);
      return;
    } else {
      end = burst.end;
    }
    long dataEnd = received + pdu.data().readableBytes();
    boolean isInPlace = pdu.bufferOffset() == received && pdu.dataSn() == dataSn && dataEnd <= end;
    boolean isShort = pdu.last() && !isUnsolicited && dataEnd < end;
    if (!isInPlace || isShort) {
      pdu.release();
      fail(TransferSense.INCORRECT_AMOUNT_OF_DATA);
      return;
    }
    dataSn++;
    if (pdu.last()) {
      dataSn = 0;
      if (isUnsolicited) {
        isUnsolicitedOpen = false;
      } else {
        bursts.remove();
      }
    }
    accept(pdu.data());
    goOn();
  }

  /** The task is over; if the sink has not said so itself, it learns it now. */
  void close() {
    if (!hasResponse) {
      execution.sink().discard();
    }
  }

  private long firstBurst() {
    return Math.min(session.parameters().firstBurstLength(), task.command.dataOutLength());
  }

  private void accept(ByteBuf data) {
    int length = data.readableBytes();
    long offset = received;
    received += length;
    // An initiator may offer more than the command takes; the rest is the residual.
    int useful = (int) Math.min(length, Math.max(0, expected - offset));
    if (useful == 0) {
      data.release();
      return;
    }
    session.countWritten(useful);
    Write write = new Write(data, length);
    execution.sink().write(offset, data, data.readerIndex(), useful, write);
    Response response = write.endedAtOnce();
    if (response == null) {
      writesUnderWay++;
      session.hold(length);
    } else {
      data.release();
      if (!response.isSuccess()) {
        end(response);
      }
    }
  }

  private void goOn() {
    if (task.isOver() || isFinishing) {
      return;
    }
    if (received >= expected && !isUnsolicitedOpen && bursts.isEmpty()) {
      if (writesUnderWay == 0) {
        finish();
      }
    } else if (!isUnsolicitedOpen) {
      solicit();
    }
  }

  private void solicit() {
    long next = Math.max(solicited, received);
    while (next < expected && bursts.size() < session.parameters().maxOutstandingR2T()) {
      long length = Math.min(session.parameters().maxBurstLength(), expected - next);
      int tag = session.nextTargetTransferTag();
      session
          .transmitter()
          .send(
              new ReadyToTransfer(
                  task.command.lun(),
                  task.initiatorTaskTag,
                  tag,
                  session.nextStatSn(),
                  session.window().expCmdSn(),
                  session.window().maxCmdSn(),
                  r2tSn++,
                  next,
                  length));
      next += length;
      bursts.add(new Burst(tag, next));
    }
    solicited = next;
  }

  private void finish() {
    isFinishing = true;
    Finish finish = new Finish();
    execution.sink().finish(Math.min(received, expected), finish);
    Response response = finish.endedAtOnce();
    if (response != null) {
      end(response);
    }
  }

  private void fail(Response response) {
    end(response);
  }

  private void end(Response response) {
    hasResponse = isFinishing;
    // A refused transfer has its length too, and the initiator learns what of it had no place.
    session.finish(task, response, task.residual(execution.length()), r2tSn);
  }

  /** One PDU's worth of writing. */
  private final class Write extends Step {

    private final ByteBuf data;
    private final int length;

    Write(ByteBuf data, int length) {
      super(task);
      this.data = data;
      this.length = length;
    }

    @Override
    void later(Response response) {
      data.release();
      writesUnderWay--;
      session.letGo(length);
      if (task.isOver()) {
        return;
      }
      if (response.isSuccess()) {
        goOn();
      } else {
        end(response);
      }
    }
  }

  /** What is left to do when all data are there. */
  private final class Finish extends Step {

    Finish() {
      super(task);
    }

    @Override
    void later(Response response) {
      if (!task.isOver()) {
        end(response);
      }
    }
  }
}
