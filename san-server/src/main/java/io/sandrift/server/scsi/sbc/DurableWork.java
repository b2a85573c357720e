package io.sandrift.server.scsi.sbc;

/** Work that changes blocks and then, without a write cache, makes the change durable. */
final class DurableWork extends WriteThenFlush {

  private final SteppedWork change;
  private boolean begun;

  DurableWork(BlockUnit unit, SteppedWork change, boolean durable) {
    super(unit, durable);
    this.change = change;
  }

  @Override
  void write() {
    begun = true;
    change.begin(
        response -> {
          if (response.isSuccess()) {
            stepped();
          } else {
            failed(response);
          }
        });
  }

  @Override
  protected void release() {
    if (!begun) {
      change.release();
    }
  }

  @Override
  public void stop() {
    super.stop();
    change.stop();
  }
}
