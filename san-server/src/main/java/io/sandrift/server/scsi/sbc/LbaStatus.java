package io.sandrift.server.scsi.sbc;

import io.netty.buffer.Unpooled;
import io.sandrift.server.scsi.spc.ParameterData;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;

/** GET LBA STATUS's answer: a descriptor for each run of blocks that are alike, within bounds. */
final class LbaStatus extends SteppedWork implements Execution.Later {

  // A bounded answer, whatever the allocation length.
  private static final int MAX_DESCRIPTORS = 256;
  private static final int MAX_SEARCHES = 64;
  private static final long MAX_DESCRIBED_BLOCKS = 0xffff_ffffL;
  private static final int DEALLOCATED = 0x1;

  private final BlockUnit unit;
  private final long allocationLength;
  private final long wanted;
  private final ParameterData data = new ParameterData().u32(0).u32(0);
  private long at;
  private long runStart;
  private boolean runAllocated;
  private int descriptors;
  private int searches;
  private Execution.DataListener listener = (response, dataIn) -> {};

  LbaStatus(BlockUnit unit, long lba, long allocationLength) {
    super(unit.executor());
    this.unit = unit;
    this.allocationLength = allocationLength;
    this.wanted = Math.max(1, Math.min((allocationLength - 8) / 16, MAX_DESCRIPTORS));
    this.at = lba;
    this.runStart = lba;
  }

  @Override
  public void start(Execution.DataListener whenDone) {
    listener = whenDone;
    begin(this::ended);
  }

  @Override
  public void discard() {
    stop();
  }

  @Override
  protected boolean hasNext() {
    return at < unit.blocks() && descriptors < wanted && searches < MAX_SEARCHES;
  }

  @Override
  protected void step() {
    searches++;
    unit.device()
        .allocation(
            unit.offset(at),
            (status, run) -> {
              Response response = unit.response(status, false);
              if (!response.isSuccess()) {
                failed(response);
                return;
              }
              if (at > runStart && run.allocated() != runAllocated) {
                describe();
              }
              runAllocated = run.allocated();
              at = Math.min(unit.blocks(), at + Math.max(1, run.length() / unit.blockBytes()));
              stepped();
            });
  }

  private void describe() {
    long from = runStart;
    while (from < at && descriptors < wanted) {
      long count = Math.min(at - from, MAX_DESCRIBED_BLOCKS);
      data.u64(from).u32(count).u8(runAllocated ? 0 : DEALLOCATED).zeros(3);
      descriptors++;
      from += count;
    }
    runStart = at;
  }

  private void ended(Response response) {
    if (!response.isSuccess()) {
      listener.done(response, Unpooled.EMPTY_BUFFER);
      return;
    }
    if (descriptors < wanted && at > runStart) {
      describe();
    }
    data.setU32(0, data.length() - 4);
    Execution execution = data.toExecution(allocationLength);
    if (execution instanceof Execution.Done done) {
      listener.done(done.response(), done.dataIn());
    }
  }
}
