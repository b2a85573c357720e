package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;
import org.jspecify.annotations.Nullable;

/** VERIFY, BYTCHK 00b: reads a range, and is content if that succeeds. */
final class VerifyReadable extends SteppedWork {

  private final BlockUnit unit;
  private final long end;
  private long at;
  private @Nullable ByteBuf scratch;

  VerifyReadable(BlockUnit unit, long start, long length) {
    super(unit.executor());
    this.unit = unit;
    this.at = start;
    this.end = start + length;
  }

  @Override
  protected boolean hasNext() {
    return at < end;
  }

  @Override
  protected void step() {
    unit.device()
        .allocation(
            at,
            (status, run) -> {
              Response response = unit.response(status, false);
              if (!response.isSuccess()) {
                failed(response);
              } else if (run.allocated()) {
                read();
              } else {
                at += run.length();
                stepped();
              }
            });
  }

  private void read() {
    if (scratch == null) {
      if (!unit.memory().take(STEP_BYTES)) {
        failed(Response.of(ScsiStatus.BUSY));
        return;
      }
      scratch = ByteBufAllocator.DEFAULT.directBuffer((int) Math.min(end - at, STEP_BYTES));
    }
    int size = (int) Math.min(end - at, scratch.capacity());
    long from = at;
    at += size;
    unit.device().read(from, scratch, 0, size, ending(unit, false));
  }

  @Override
  protected void release() {
    if (scratch != null) {
      scratch.release();
      unit.memory().giveBack(STEP_BYTES);
    }
  }
}
