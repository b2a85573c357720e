package io.sandrift.server.scsi.sbc;

/** One write of some kind and then, if the command asks for durable data, a flush. */
abstract class WriteThenFlush extends SteppedWork {

  private final BlockUnit unit;
  private final boolean flushes;
  private int stepsLeft;

  WriteThenFlush(BlockUnit unit, boolean durable) {
    super(unit.executor());
    this.unit = unit;
    this.stepsLeft = durable ? 2 : 1;
    this.flushes = durable;
  }

  /** Begins the write; it ends with {@link #stepped} or {@link #failed}. */
  abstract void write();

  final BlockUnit unit() {
    return unit;
  }

  @Override
  protected final boolean hasNext() {
    return stepsLeft > 0;
  }

  @Override
  protected final void step() {
    stepsLeft--;
    if (flushes && stepsLeft == 0) {
      unit.device().flush(ending(unit, true));
    } else {
      write();
    }
  }
}
