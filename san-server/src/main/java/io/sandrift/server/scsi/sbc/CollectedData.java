package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;
import io.sandrift.server.scsi.task.ScsiStatus;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Data-out that must be there as a whole before anything is done with it; its command's limit
 * bounds it, and the unit's {@link MemoryBudget} all such commands: beyond it they are BUSY. Used
 * on the session's thread alone, but for the work that follows.
 */
final class CollectedData implements Execution.DataSink {

  private final BlockUnit unit;
  private final int length;
  private final int held;
  private final Function<ByteBuf, SteppedWork> next;
  private @Nullable ByteBuf data;
  private @Nullable SteppedWork work;

  /**
   * Collects {@code length} bytes.
   *
   * @param workBytes how much more memory the work takes
   * @param next makes the work to do with them; it owns the buffer and releases it at its end
   */
  CollectedData(BlockUnit unit, int length, int workBytes, Function<ByteBuf, SteppedWork> next) {
    this.unit = unit;
    this.length = length;
    this.held = length + workBytes;
    this.next = next;
  }

  @Override
  public void write(long offset, ByteBuf source, int index, int size, ResponseListener listener) {
    if (data == null) {
      if (!unit.memory().take(held)) {
        listener.done(Response.of(ScsiStatus.BUSY));
        return;
      }
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
    work.begin(
        response -> {
          unit.memory().giveBack(held);
          listener.done(response);
        });
  }

  @Override
  public void discard() {
    if (data != null) {
      data.release();
      data = null;
      unit.memory().giveBack(held);
    }
    if (work != null) {
      work.stop();
    }
  }
}
