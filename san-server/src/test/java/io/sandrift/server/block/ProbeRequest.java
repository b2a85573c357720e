package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A request of a test, which remembers how often and how it ended. */
public final class ProbeRequest extends BlockRequest {

  private final List<IoStatus> ends = new CopyOnWriteArrayList<>();
  private final Runnable onEnd;

  public ProbeRequest(
      Operation operation, long unit, int offset, ByteBuf buffer, int length, Runnable onEnd) {
    super(operation, unit, offset, buffer, 0, length);
    this.onEnd = onEnd;
    setEpoch(1);
  }

  static ProbeRequest write(long unit, int value) {
    return new ProbeRequest(
        Operation.WRITE, unit, 0, Unpooled.wrappedBuffer(new byte[] {(byte) value}), 1, () -> {});
  }

  static ProbeRequest read(long unit) {
    return new ProbeRequest(
        Operation.READ, unit, 0, Unpooled.wrappedBuffer(new byte[1]), 1, () -> {});
  }

  /** How it ended, each time that it did. */
  public List<IoStatus> ends() {
    return ends;
  }

  @Override
  public void end(IoStatus status) {
    ends.add(status);
    onEnd.run();
  }
}
