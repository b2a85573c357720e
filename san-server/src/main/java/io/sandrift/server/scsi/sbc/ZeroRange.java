package io.sandrift.server.scsi.sbc;

/** Makes a range read as zeros, giving its space back. */
final class ZeroRange extends SteppedWork {

  // Whole units cost an entry each, not their bytes.
  private static final long STEP = 64L << 20;

  private final BlockUnit unit;
  private final long end;
  private long at;

  ZeroRange(BlockUnit unit, long start, long length) {
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
    // Steps end where multiples of the step do, so that no unit is zeroed in two parts.
    long next = Math.min(end, (at / STEP + 1) * STEP);
    long from = at;
    at = next;
    unit.device().zero(from, next - from, ending(unit, true));
  }
}
