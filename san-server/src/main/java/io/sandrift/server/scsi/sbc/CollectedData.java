package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Data-out that must be there as a whole before anything is done with it; its command's limit
 * bounds it. Used on the session's thread alone, but for the work that follows.
 */
final class CollectedData implements Execution.DataSink {

  private final BlockUnit unit;
  private final int length;
  private final Function<ByteBuf, SteppedWork> next;
  private @Nullable ByteBuf data;
  private @Nullable SteppedWork work;

  /**
   * Collects {@code length} bytes.
   *
   * @param next makes the work to do with them; it owns the buffer and releases it at its end
   */
  CollectedData(BlockUnit unit, int length, Function<ByteBuf, SteppedWork> next) {
    this.unit = unit;
    this.length = length;
    this.next = next;
  }

  @Override
  public void write(long offset, ByteBuf source, int index, int size, ResponseListener listener) {
    if (data == null) {
      data = ByteBufAllocator.DEFAULT.directBuffer(length, length);
    }
    data.setBytes((int) offset, source, index, size);
    listener.done(Response.GOOD);
  }

  @Override
  public void finish(long received, ResponseListener listener) {
    ByteBuf all = data;
    if (all == null || received < length) {
      discard();
      listener.done(unit.shortData());
      return;
    }
    data = null;
    all.setIndex(0, length);
    work = next.apply(all);
    work.begin(listener);
  }

  @Override
  public void discard() {
    if (data != null) {
      data.release();
      data = null;
    }
    if (work != null) {
      work.stop();
    }
  }
}
