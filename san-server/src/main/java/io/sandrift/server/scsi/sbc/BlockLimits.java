package io.sandrift.server.scsi.sbc;

import io.sandrift.server.scsi.spc.ParameterData;

/**
 * How much one command may ask for, and the VPD pages that say so. Lengths are in logical blocks.
 *
 * @param blockBytes a logical block's length, 512 or 4096
 * @param unitBytes a stripe unit's length, what deallocation frees at a time
 */
public record BlockLimits(int blockBytes, int unitBytes) {

  /** READ, WRITE and their like. Data are streamed, so this bounds time, not memory. */
  public static final int MAX_TRANSFER_BLOCKS = 65_536;

  /** UNMAP, all descriptors together. */
  public static final int MAX_UNMAP_BLOCKS = 1 << 20;

  /** UNMAP's descriptors. */
  public static final int MAX_UNMAP_DESCRIPTORS = 256;

  private static final int MAX_COMPARE_BLOCKS = 128;
  private static final int MAX_ATOMIC_BYTES = 1 << 20;
  private static final long MAX_WRITE_SAME_BYTES = 4L << 30;
  private static final int OPTIMAL_TRANSFER_BYTES = 1 << 20;
  private static final int PAGE_BYTES = 4096;

  private static final int WSNZ = 0x01;
  private static final int UGAVALID = 0x8000_0000;
  private static final int NON_ROTATING = 0x0001;
  private static final int LBPU_LBPWS_LBPWS10_LBPRZ = 0xe4;
  private static final int THIN = 0x02;

  public BlockLimits {
    if (blockBytes != 512 && blockBytes != 4096) {
      throw new IllegalArgumentException(
          "a logical block has 512 or 4096 bytes, not " + blockBytes);
    }
    if (unitBytes % blockBytes != 0) {
      throw new IllegalArgumentException(
          "stripe unit of " + unitBytes + " bytes is no multiple of a block, " + blockBytes);
    }
  }

  /**
   * COMPARE AND WRITE, whose data are held in memory, twice this. It doesn't cross the end of a
   * stripe unit.
   */
  public int maxCompareBlocks() {
    return Math.min(MAX_COMPARE_BLOCKS, unitBytes / blockBytes);
  }

  /** WRITE ATOMIC, whose data are held in memory. It doesn't cross the end of a stripe unit. */
  public int maxAtomicBlocks() {
    return Math.min(MAX_ATOMIC_BYTES, unitBytes) / blockBytes;
  }

  /** WRITE SAME. */
  public long maxWriteSameBlocks() {
    return MAX_WRITE_SAME_BYTES / blockBytes;
  }

  /**
   * Block limits, page B0h after its header (SBC-3). WRITE SAME wants a number of blocks (WSNZ =
   * 1): a 0 there could only mean all the rest of the disk. Transfers are best aligned to the 4 KiB
   * of a memory page, for what is shorter is read before it is written when it is not cached.
   */
  public byte[] blockLimitsPage() {
    return new ParameterData()
        .u8(WSNZ)
        .u8(maxCompareBlocks())
        .u16(Math.max(1, PAGE_BYTES / blockBytes))
        .u32(MAX_TRANSFER_BLOCKS)
        .u32(Math.min(MAX_TRANSFER_BLOCKS, OPTIMAL_TRANSFER_BYTES / blockBytes))
        .u32(MAX_TRANSFER_BLOCKS)
        .u32(MAX_UNMAP_BLOCKS)
        .u32(MAX_UNMAP_DESCRIPTORS)
        .u32(unitBytes / blockBytes)
        .u32(UGAVALID)
        .u64(maxWriteSameBlocks())
        .u32(maxAtomicBlocks())
        .u32(0)
        .u32(0)
        .u32(0)
        .u32(0)
        .toArray();
  }

  /** Block device characteristics, page B1h after its header (SBC-3). */
  public static byte[] characteristicsPage() {
    return new ParameterData().u16(NON_ROTATING).zeros(58).toArray();
  }

  /**
   * Logical block provisioning, page B2h after its header (SBC-3): thin, given back by UNMAP and by
   * both WRITE SAMEs, reads as zeros, no anchoring.
   */
  public static byte[] provisioningPage() {
    return new ParameterData().u8(0).u8(LBPU_LBPWS_LBPWS10_LBPRZ).u8(THIN).u8(0).toArray();
  }
}
