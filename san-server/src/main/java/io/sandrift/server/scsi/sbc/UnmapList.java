package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.SenseData;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * UNMAP's parameter list (SBC-3):
 *
 * <pre>
 *   0 data length (2)   2 descriptors' length (2)   4 reserved (4)
 *   then per descriptor: 0 LBA (8)   8 number of blocks (4)   12 reserved (4)
 * </pre>
 *
 * <p>All of it is checked before anything is unmapped. Bytes that make no whole descriptor are
 * ignored, as the standard has it.
 */
final class UnmapList {

  /** What precedes the descriptors. */
  static final int HEADER_BYTES = 8;

  private static final int DESCRIPTOR_BYTES = 16;

  private UnmapList() {}

  /** The work that a list asks for, or the refusal; {@code list} is released here. */
  static SteppedWork work(BlockUnit unit, ByteBuf list) {
    try {
      int described = Math.min(list.getUnsignedShort(2), list.readableBytes() - HEADER_BYTES);
      int descriptors = described / DESCRIPTOR_BYTES;
      if (descriptors > BlockLimits.MAX_UNMAP_DESCRIPTORS) {
        return new Refusal(unit, unit.check(SenseData.invalidFieldInParameterList(2)));
      }
      Queue<ZeroRange> ranges = new ArrayDeque<>();
      long total = 0;
      for (int i = 0; i < descriptors; i++) {
        int at = HEADER_BYTES + i * DESCRIPTOR_BYTES;
        long lba = list.getLong(at);
        long blocks = list.getUnsignedInt(at + 8);
        if (!unit.contains(lba, blocks)) {
          return new Refusal(unit, unit.check(BlockUnit.outOfRange()));
        }
        total += blocks;
        if (total > BlockLimits.MAX_UNMAP_BLOCKS) {
          return new Refusal(unit, unit.check(SenseData.invalidFieldInParameterList(at + 8)));
        }
        ranges.add(new ZeroRange(unit, unit.offset(lba), unit.offset(blocks)));
      }
      return new Ranges(unit, ranges);
    } finally {
      list.release();
    }
  }

  private static final class Ranges extends SteppedWork {

    private final Queue<ZeroRange> ranges;

    Ranges(BlockUnit unit, Queue<ZeroRange> ranges) {
      super(unit.executor());
      this.ranges = ranges;
    }

    @Override
    protected boolean hasNext() {
      return !ranges.isEmpty();
    }

    @Override
    protected void step() {
      ranges
          .remove()
          .begin(
              response -> {
                if (response.isSuccess()) {
                  stepped();
                } else {
                  failed(response);
                }
              });
    }
  }

  private static final class Refusal extends SteppedWork {

    private final Response refusal;

    Refusal(BlockUnit unit, Response refusal) {
      super(unit.executor());
      this.refusal = refusal;
    }

    @Override
    protected boolean hasNext() {
      return false;
    }

    @Override
    protected void step() {
      throw new IllegalStateException("a refusal has no steps");
    }

    @Override
    protected Response result() {
      return refusal;
    }
  }
}
