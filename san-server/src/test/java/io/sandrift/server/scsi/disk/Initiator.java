package io.sandrift.server.scsi.disk;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.DeviceServer;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Nexus;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;
import io.sandrift.server.scsi.task.TaskAttribute;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An initiator port and the transport to it in one, for tests: performs a command's execution as a
 * transport does, in pieces of a size that is no multiple of anything.
 */
public final class Initiator implements AutoCloseable {

  private static final int PIECE_BYTES = 8000;
  private static final int DEADLINE_SECONDS = 20;

  private final Nexus nexus;
  private int aborts;
  private CompletableFuture<Void> aborting = CompletableFuture.completedFuture(null);

  public Initiator(DeviceServer server, String name) {
    this(server, name, 1);
  }

  Initiator(DeviceServer server, String name, int targetPort) {
    nexus =
        server.attach(
            new NexusId(portName(name), targetPort),
            () -> {
              aborts++;
              return aborting;
            });
  }

  static String portName(String name) {
    return "iqn.2026-11.io.sandrift.test:" + name + ",i,0x400000000001";
  }

  public Nexus nexus() {
    return nexus;
  }

  /** How often all of this nexus's tasks were aborted. */
  public int aborts() {
    return aborts;
  }

  /** Its tasks have I/O under way until the future completes. */
  public void abortsUntil(CompletableFuture<Void> quiet) {
    aborting = quiet;
  }

  /** A command without data-out. */
  public Reply send(String cdb) {
    return send(cdb, new byte[0]);
  }

  /** A command with data-out; all of the data-in that comes is taken. */
  public Reply send(String cdb, byte[] dataOut) {
    return send(0, cdb, dataOut);
  }

  Reply send(long lun, String cdb, byte[] dataOut) {
    try {
      return begin(lun, cdb, dataOut).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("no end of " + cdb, e);
    }
  }

  /** A command whose end isn't awaited. */
  public CompletableFuture<Reply> begin(String cdb, byte[] dataOut) {
    return begin(0, cdb, dataOut);
  }

  private CompletableFuture<Reply> begin(long lun, String cdb, byte[] dataOut) {
    byte[] bytes = Arrays.copyOf(HexFormat.of().parseHex(cdb.replace(" ", "")), 16);
    long dataIn = dataOut.length == 0 ? 1 << 20 : 0;
    Command command = new Command(lun, bytes, TaskAttribute.SIMPLE, dataOut.length, dataIn);
    return perform(nexus.start(command), dataOut);
  }

  private static CompletableFuture<Reply> perform(Execution execution, byte[] dataOut) {
    if (execution instanceof Execution.Done done) {
      return CompletableFuture.completedFuture(reply(done.response(), done.dataIn()));
    }
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    if (execution instanceof Execution.Later later) {
      later.start((response, dataIn) -> reply.complete(reply(response, dataIn)));
    } else if (execution instanceof Execution.SendData send) {
      ByteBuf data = Unpooled.directBuffer((int) send.length());
      readOn(send, data, 0, reply);
    } else {
      Execution.ReceiveData receive = (Execution.ReceiveData) execution;
      int length = (int) Math.min(receive.length(), dataOut.length);
      writeOn(receive.sink(), Unpooled.wrappedBuffer(dataOut), 0, length, reply);
    }
    return reply;
  }

  private static void readOn(
      Execution.SendData send, ByteBuf data, int offset, CompletableFuture<Reply> reply) {
    int size = (int) Math.min(PIECE_BYTES, send.length() - offset);
    if (size == 0) {
      data.writerIndex(offset);
      reply.complete(reply(Response.GOOD, data));
      return;
    }
    send.source()
        .read(
            offset,
            data,
            offset,
            size,
            response -> {
              if (response.status() == ScsiStatus.GOOD) {
                readOn(send, data, offset + size, reply);
              } else {
                data.release();
                reply.complete(new Reply(response, new byte[0]));
              }
            });
  }

  private static void writeOn(
      Execution.DataSink sink,
      ByteBuf data,
      int offset,
      int length,
      CompletableFuture<Reply> reply) {
    int size = Math.min(PIECE_BYTES, length - offset);
    if (size == 0) {
      sink.finish(length, response -> reply.complete(new Reply(response, new byte[0])));
      return;
    }
    sink.write(
        offset,
        data,
        offset,
        size,
        response -> {
          if (response.status() == ScsiStatus.GOOD) {
            writeOn(sink, data, offset + size, length, reply);
          } else {
            sink.discard();
            reply.complete(new Reply(response, new byte[0]));
          }
        });
  }

  private static Reply reply(Response response, ByteBuf dataIn) {
    byte[] bytes = new byte[dataIn.readableBytes()];
    dataIn.readBytes(bytes);
    dataIn.release();
    return new Reply(response, bytes);
  }

  @Override
  public void close() {
    nexus.close();
  }
}
