package io.sandrift.server.scsi.sbc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.scsi.spc.ModeParameters;
import io.sandrift.server.scsi.spc.ParameterData;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;
import io.sandrift.server.scsi.task.SenseData;
import io.sandrift.server.scsi.task.SenseKey;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The block commands of one logical unit, on the bytes of a striped device. Any thread may call; it
 * keeps no state of its own.
 *
 * <p>The order of checks is: protection (there is none, so RDPROTECT and its like must be 0), the
 * range, the command's limit, write protection.
 */
public final class BlockUnit {

  // What commands that need their data whole, or copy, compare and repeat, may hold together.
  private static final long MAX_HELD_BYTES = 64L << 20;

  private static final int LBPME_LBPRZ = 0xc0;

  private final StripedDevice device;
  private final BlockLimits limits;
  private final int blockShift;
  private final Supplier<ModeParameters> mode;
  private final Executor executor;
  private final MemoryBudget memory;

  /**
   * A unit over a device.
   *
   * @param mode the mode parameters in force
   * @param executor does what would hold up an event loop; the caller's to stop
   */
  public BlockUnit(
      StripedDevice device, BlockLimits limits, Supplier<ModeParameters> mode, Executor executor) {
    this(device, limits, mode, executor, new MemoryBudget(MAX_HELD_BYTES));
  }

  private BlockUnit(
      StripedDevice device,
      BlockLimits limits,
      Supplier<ModeParameters> mode,
      Executor executor,
      MemoryBudget memory) {
    this.device = device;
    this.limits = limits;
    this.blockShift = Integer.numberOfTrailingZeros(limits.blockBytes());
    this.mode = mode;
    this.executor = executor;
    this.memory = memory;
  }

  /** The device below. */
  public StripedDevice device() {
    return device;
  }

  /** The limits that the commands are held to. */
  public BlockLimits limits() {
    return limits;
  }

  /** The bytes of a logical block. */
  public int blockBytes() {
    return limits.blockBytes();
  }

  /** How many logical blocks there are now. */
  public long blocks() {
    return device.length() >> blockShift;
  }

  /** Where long work goes on. */
  public Executor executor() {
    return executor;
  }

  /** The memory that the commands may hold together. */
  MemoryBudget memory() {
    return memory;
  }

  long offset(long lba) {
    return lba << blockShift;
  }

  /** The same unit by another nexus's way to its bytes; memory and limits are shared. */
  public BlockUnit by(StripedDevice other) {
    return new BlockUnit(other, limits, mode, executor, memory);
  }

  /** READ: {@code blocks} blocks from {@code lba}. */
  public Execution read(long lba, long blocks, boolean forceUnitAccess) {
    Execution refusal = checkTransfer(lba, blocks);
    if (refusal != null) {
      return refusal;
    }
    if (blocks == 0) {
      return good();
    }
    return new Execution.SendData(
        blocks << blockShift, new ReadBlocks(this, offset(lba), forceUnitAccess));
  }

  /** WRITE. */
  public Execution write(long lba, long blocks, boolean forceUnitAccess) {
    Execution refusal = checkWrite(lba, blocks);
    if (refusal != null) {
      return refusal;
    }
    return receive(
        blocks, new WriteBlocks(this, offset(lba), forceUnitAccess || !mode.get().writeCache()));
  }

  /** WRITE AND VERIFY; {@code byteCheck} as BYTCHK has it, 0 or 1. */
  public Execution writeAndVerify(long lba, long blocks, int byteCheck) {
    if (byteCheck > 1) {
      return refuse(SenseData.invalidFieldInCdb(1, 2));
    }
    Execution refusal = checkWrite(lba, blocks);
    if (refusal != null) {
      return refusal;
    }
    return receive(blocks, new WriteAndVerify(this, offset(lba), byteCheck == 1));
  }

  /** VERIFY; {@code byteCheck} as BYTCHK has it. */
  public Execution verify(long lba, long blocks, int byteCheck) {
    if (byteCheck == 2) {
      return refuse(SenseData.invalidFieldInCdb(1, 2));
    }
    Execution refusal = byteCheck == 1 ? checkTransfer(lba, blocks) : checkRange(lba, blocks);
    if (refusal != null) {
      return refusal;
    }
    if (blocks == 0) {
      return good();
    }
    long length = blocks << blockShift;
    return switch (byteCheck) {
      case 0 -> later(new VerifyReadable(this, offset(lba), length));
      case 1 -> receive(blocks, new CompareBlocks(this, offset(lba)));
      default ->
          receive(
              1,
              new CollectedData(
                  this,
                  blockBytes(),
                  (int) Math.min(length, SteppedWork.STEP_BYTES),
                  block -> new VerifySame(this, offset(lba), length, block)));
    };
  }

  /** COMPARE AND WRITE: {@code blocks} to compare and as many to write. */
  public Execution compareAndWrite(Command command, long lba, int blocks, boolean forceUnitAccess) {
    Execution refusal = checkRange(lba, blocks);
    if (refusal == null && (blocks > limits.maxCompareBlocks() || crossesStripeUnit(lba, blocks))) {
      refusal = refuse(SenseData.invalidFieldInCdb(13));
    }
    if (refusal == null) {
      refusal = checkWritable();
    }
    if (refusal != null) {
      return refusal;
    }
    int length = blocks << blockShift;
    if (command.dataOutLength() != 2L * length) {
      // The number of blocks has eight bits: who sends 256 blocks' data and says 0 would otherwise
      // be told that they were written.
      return refuse(SenseData.invalidFieldInCdb(13));
    }
    boolean durable = forceUnitAccess || !mode.get().writeCache();
    return receive(
        2L * blocks,
        new CollectedData(
            this,
            2 * length,
            0,
            data -> new CompareAndWrite(this, offset(lba), length, data, durable)));
  }

  /** ORWRITE. */
  public Execution orWrite(long lba, long blocks, boolean forceUnitAccess) {
    Execution refusal = checkWrite(lba, blocks);
    if (refusal != null) {
      return refusal;
    }
    return receive(
        blocks, new OrBlocks(this, offset(lba), forceUnitAccess || !mode.get().writeCache()));
  }

  /** WRITE ATOMIC: no other command sees a part of it. */
  public Execution writeAtomic(long lba, int blocks, boolean forceUnitAccess) {
    Execution refusal = checkRange(lba, blocks);
    if (refusal == null && (blocks > limits.maxAtomicBlocks() || crossesStripeUnit(lba, blocks))) {
      refusal = refuse(SenseData.invalidFieldInCdb(12));
    }
    if (refusal == null) {
      refusal = checkWritable();
    }
    if (refusal != null) {
      return refusal;
    }
    boolean durable = forceUnitAccess || !mode.get().writeCache();
    return receive(
        blocks,
        new CollectedData(
            this,
            blocks << blockShift,
            0,
            data -> new AtomicWrite(this, offset(lba), data, durable)));
  }

  /**
   * WRITE SAME.
   *
   * <p>Blocks of zeros are deallocated where whole units allow, asked for (UNMAP) or not; others
   * are written, for deallocated ones would not read the same (LBPRZ = 1).
   *
   * @param blocks 1 or more; 0, which would mean all blocks to the last, is not supported (WSNZ)
   * @param noData NDOB: there is no data-out, the block is all zeros
   * @param lengthOffset where the CDB has the number of blocks
   */
  public Execution writeSame(
      Command command, long lba, long blocks, boolean noData, int lengthOffset) {
    Execution refusal = checkRange(lba, blocks);
    if (refusal != null) {
      return refusal;
    }
    if (blocks == 0 || blocks > limits.maxWriteSameBlocks()) {
      return refuse(SenseData.invalidFieldInCdb(lengthOffset));
    }
    refusal = checkWritable();
    if (refusal != null) {
      return refusal;
    }
    boolean durable = !mode.get().writeCache();
    long length = blocks << blockShift;
    if (noData) {
      return later(new DurableWork(this, new ZeroRange(this, offset(lba), length), durable));
    }
    if (command.dataOutLength() != blockBytes()) {
      return mismatchedData(blockBytes());
    }
    return new Execution.ReceiveData(
        blockBytes(),
        new CollectedData(
            this,
            blockBytes(),
            (int) Math.min(length, SteppedWork.STEP_BYTES),
            block -> new DurableWork(this, repeat(offset(lba), length, block), durable)));
  }

  /** The work of WRITE SAME; takes {@code block} over. */
  private SteppedWork repeat(long start, long length, ByteBuf block) {
    if (!isZero(block)) {
      return new RepeatBlock(this, start, length, block);
    }
    block.release();
    return new ZeroRange(this, start, length);
  }

  /** UNMAP, with a parameter list of {@code length} bytes. */
  public Execution unmap(Command command, int length) {
    Execution refusal = checkWritable();
    if (refusal != null) {
      return refusal;
    }
    if (length == 0) {
      return good();
    }
    if (length < UnmapList.HEADER_BYTES || command.dataOutLength() < length) {
      return refuse(SenseData.parameterListLengthError());
    }
    boolean durable = !mode.get().writeCache();
    return new Execution.ReceiveData(
        length,
        new CollectedData(
            this, length, 0, list -> new DurableWork(this, UnmapList.work(this, list), durable)));
  }

  /** SYNCHRONIZE CACHE; what is flushed is all of the unit, whatever the range. */
  public Execution synchronizeCache(long lba, long blocks, boolean immediately) {
    Execution refusal = checkRange(lba, blocks);
    if (refusal != null) {
      return refusal;
    }
    return flush(immediately);
  }

  /** Makes durable what was written. */
  public Execution flush(boolean immediately) {
    if (immediately) {
      device.flush(status -> {});
      return good();
    }
    return new Flush(this);
  }

  /**
   * PRE-FETCH: a hint, not followed: pages come into the cache when they are read. GOOD says so
   * (CONDITION MET would claim that the blocks are cached).
   */
  public Execution prefetch(long lba, long blocks) {
    Execution refusal = checkRange(lba, blocks);
    return refusal == null ? good() : refusal;
  }

  /**
   * GET LBA STATUS (SBC-3): mapped or deallocated, by whole stripe units. Blocks unmapped within a
   * unit that keeps its extent count as mapped; they read as zeros all the same.
   */
  public Execution lbaStatus(long lba, long allocationLength) {
    long blocks = blocks();
    if (lba < 0 || lba >= blocks) {
      return refuse(outOfRange());
    }
    return new LbaStatus(this, lba, allocationLength);
  }

  /** READ CAPACITY(10). */
  public Execution readCapacity10() {
    return new ParameterData()
        .u32(Math.min(blocks() - 1, 0xffff_ffffL))
        .u32(blockBytes())
        .toExecution(8);
  }

  /** READ CAPACITY(16): a thin unit whose deallocated blocks read as zeros. */
  public Execution readCapacity16(long allocationLength) {
    return new ParameterData()
        .u64(blocks() - 1)
        .u32(blockBytes())
        .u8(0)
        .u8(0)
        .u8(LBPME_LBPRZ)
        .zeros(17)
        .toExecution(allocationLength);
  }

  /** The command is over, with GOOD and without data. */
  public static Execution good() {
    return new Execution.Done(Response.GOOD, Unpooled.EMPTY_BUFFER);
  }

  /** The command is over, with this sense data in the format that is in force. */
  public Execution refuse(SenseData sense) {
    return new Execution.Done(check(sense), Unpooled.EMPTY_BUFFER);
  }

  /** A CHECK CONDITION with this sense data in the format that is in force. */
  public Response check(SenseData sense) {
    return sense.toResponse(mode.get().descriptorSense());
  }

  /**
   * How the end of an I/O is told. UNAVAILABLE becomes status BUSY: Linux, Windows and ESXi all try
   * such a command again, after a while, and count no error against the disk.
   */
  public Response response(IoStatus status, boolean writing) {
    return switch (status) {
      case OK -> Response.GOOD;
      case UNAVAILABLE, FENCED, MOVED -> Response.of(ScsiStatus.BUSY);
      case CUT_OFF ->
          check(
              SenseData.of(
                  SenseKey.ABORTED_COMMAND, AdditionalSense.LOGICAL_UNIT_COMMUNICATION_FAILURE));
      case NO_SPACE ->
          check(
              SenseData.of(
                  SenseKey.DATA_PROTECT, AdditionalSense.SPACE_ALLOCATION_FAILED_WRITE_PROTECT));
      case MEDIUM_ERROR ->
          check(
              SenseData.of(
                  SenseKey.MEDIUM_ERROR,
                  writing ? AdditionalSense.WRITE_ERROR : AdditionalSense.UNRECOVERED_READ_ERROR));
      case SPLIT ->
          check(SenseData.of(SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_FIELD_IN_CDB));
      case MISCOMPARE -> miscompare(0);
    };
  }

  Response miscompare(long offset) {
    return check(
        SenseData.of(SenseKey.MISCOMPARE, AdditionalSense.MISCOMPARE_DURING_VERIFY_OPERATION)
            .withInformation(offset));
  }

  /** The data-out is shorter than it has to be; nothing was done. */
  Response shortData() {
    return check(
        SenseData.of(
            SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_FIELD_IN_COMMAND_INFORMATION_UNIT));
  }

  /** A refusal if the unit can't be written now, else null. */
  public @Nullable Execution checkWritable() {
    return mode.get().writeProtected()
        ? refuse(SenseData.of(SenseKey.DATA_PROTECT, AdditionalSense.SOFTWARE_WRITE_PROTECTED))
        : null;
  }

  private @Nullable Execution checkWrite(long lba, long blocks) {
    Execution refusal = checkTransfer(lba, blocks);
    return refusal == null ? checkWritable() : refusal;
  }

  private @Nullable Execution checkTransfer(long lba, long blocks) {
    Execution refusal = checkRange(lba, blocks);
    if (refusal == null && blocks > BlockLimits.MAX_TRANSFER_BLOCKS) {
      refusal =
          refuse(SenseData.of(SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_FIELD_IN_CDB));
    }
    return refusal;
  }

  /**
   * Whether blocks lie in more than one stripe unit. These may be at different servers, now or
   * after a move, and what has to be atomic is atomic at one.
   */
  private boolean crossesStripeUnit(long lba, long blocks) {
    long unitBytes = device.unitBytes();
    return blocks > 0
        && offset(lba) / unitBytes != (offset(lba) + (blocks << blockShift) - 1) / unitBytes;
  }

  /**
   * A refusal if the range isn't all on the unit, else null. An empty range may begin where the
   * last block ends.
   */
  private @Nullable Execution checkRange(long lba, long blocks) {
    return contains(lba, blocks) ? null : refuse(outOfRange());
  }

  /** Whether a range of blocks is all on the unit; {@code lba} is unsigned. */
  public boolean contains(long lba, long blocks) {
    long total = blocks();
    return lba >= 0 && lba <= total && blocks <= total - lba;
  }

  static SenseData outOfRange() {
    return SenseData.of(
        SenseKey.ILLEGAL_REQUEST, AdditionalSense.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
  }

  private Execution receive(long blocks, Execution.DataSink sink) {
    long length = blocks << blockShift;
    if (length == 0) {
      return good();
    }
    // An initiator that offers less than the CDB's length gets that much written, and is told the
    // residual (RFC 7143 clause 11.4.5.1); what it didn't send stays as it was.
    return new Execution.ReceiveData(length, sink);
  }

  private Execution mismatchedData(long length) {
    return new Execution.ReceiveData(length, new RefusedData(shortData()));
  }

  private static Execution later(SteppedWork work) {
    return new SteppedExecution(work);
  }

  private static boolean isZero(ByteBuf block) {
    for (int i = block.readerIndex(); i < block.writerIndex(); i += Long.BYTES) {
      if (block.getLong(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
