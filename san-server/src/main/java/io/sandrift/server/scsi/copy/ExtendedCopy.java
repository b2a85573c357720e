package io.sandrift.server.scsi.copy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sandrift.server.scsi.copy.DiskDirectory.CopyDisk;
import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.sbc.BlockUnit;
import io.sandrift.server.scsi.sbc.SteppedWork;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ResponseListener;
import io.sandrift.server.scsi.task.ScsiStatus;
import io.sandrift.server.scsi.task.SenseData;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One EXTENDED COPY at work: segment by segment, in steps of at most {@link #STEP_BYTES}. Ranges
 * that take no space at the source take none at the destination.
 */
public final class ExtendedCopy extends SteppedWork {

  private final BlockUnit asked;
  private final CopyResults results;
  private final NexusId nexus;
  private final CopyRequest request;
  private final List<CopyDisk> disks;

  private @Nullable ByteBuf buffer;
  private int segmentsDone;
  private long bytesDone;
  // The segment under way: where it reads, where it writes, and how much is left.
  private long from;
  private long to;
  private long left;
  private boolean inSegment;
  private boolean succeeded = true;

  private ExtendedCopy(
      BlockUnit asked,
      CopyResults results,
      NexusId nexus,
      CopyRequest request,
      List<CopyDisk> disks) {
    super(asked.executor());
    this.asked = asked;
    this.results = results;
    this.nexus = nexus;
    this.request = request;
    this.disks = disks;
  }

  /** The copy that a parameter list asks for, or the response that refuses it. */
  public sealed interface Begun {
    /** To be begun with {@link SteppedWork#begin}. */
    record Copying(ExtendedCopy work) implements Begun {}

    /** Nothing is copied. */
    record Refused(Response response) implements Begun {}
  }

  /**
   * Reads a parameter list.
   *
   * @param asked the unit that the command was sent to; words the sense data, and has the executor
   */
  public static Begun of(
      BlockUnit asked,
      CopyResults results,
      NexusId nexus,
      DiskDirectory directory,
      byte[] parameterList) {
    CopyRequest.Parsed parsed = CopyRequest.parse(parameterList);
    if (parsed instanceof CopyRequest.Parsed.Refused refused) {
      return new Begun.Refused(asked.check(refused.sense()));
    }
    CopyRequest request = ((CopyRequest.Parsed.Accepted) parsed).request();
    List<CopyDisk> disks = new ArrayList<>();
    for (CopyRequest.CopyTarget target : request.targets()) {
      Optional<CopyDisk> disk = directory.find(target.type(), target.designator());
      if (disk.isEmpty()) {
        return new Begun.Refused(
            asked.check(CopyRequest.aborted(AdditionalSense.COPY_TARGET_DEVICE_NOT_REACHABLE)));
      }
      disks.add(disk.get());
    }
    if (!results.begin(nexus, request)) {
      return new Begun.Refused(Response.of(ScsiStatus.BUSY));
    }
    return new Begun.Copying(new ExtendedCopy(asked, results, nexus, request, disks));
  }

  /** Begins, and keeps the result when it is there. */
  public void copy(ResponseListener listener) {
    begin(
        response -> {
          succeeded &= response.isSuccess();
          results.end(nexus, request, succeeded, segmentsDone, bytesDone);
          listener.done(response);
        });
  }

  @Override
  protected boolean hasNext() {
    return inSegment || segmentsDone < request.segments().size();
  }

  @Override
  protected void step() {
    CopySegment segment = request.segments().get(segmentsDone);
    if (!inSegment) {
      Optional<SenseData> wrong = enter(segment);
      if (wrong.isPresent()) {
        failed(asked.check(wrong.get()));
        return;
      }
    }
    if (left == 0) {
      inSegment = false;
      segmentsDone++;
      stepped();
      return;
    }
    move(disks.get(segment.source()).blockUnit(), disks.get(segment.destination()).blockUnit());
  }

  /** Works out where a segment begins and ends; what is wrong with it if it can't be copied. */
  private Optional<SenseData> enter(CopySegment segment) {
    if (segment.source() >= disks.size() || segment.destination() >= disks.size()) {
      return Optional.of(CopyRequest.aborted(AdditionalSense.UNREACHABLE_COPY_TARGET));
    }
    CopyDisk source = disks.get(segment.source());
    CopyDisk destination = disks.get(segment.destination());
    if (!source.allows(nexus, Access.READ) || !destination.allows(nexus, Access.WRITE)) {
      return Optional.of(CopyRequest.aborted(AdditionalSense.UNREACHABLE_COPY_TARGET));
    }
    BlockUnit reads = source.blockUnit();
    BlockUnit writes = destination.blockUnit();
    if (writes.checkWritable() != null) {
      return Optional.of(CopyRequest.aborted(AdditionalSense.SOFTWARE_WRITE_PROTECTED));
    }
    long bytes =
        segment.lengthInBytes()
            ? segment.length()
            : segment.length()
                * (segment.countsDestinationBlocks() ? writes.blockBytes() : reads.blockBytes());
    boolean fits =
        bytes <= CopyLimits.MAX_SEGMENT_BYTES
            && holds(reads, segment.sourceLba(), segment.sourceByte(), bytes)
            && holds(writes, segment.destinationLba(), segment.destinationByte(), bytes);
    if (!fits) {
      return Optional.of(CopyRequest.aborted(AdditionalSense.NO_ADDITIONAL_SENSE_INFORMATION));
    }
    from = segment.sourceLba() * reads.blockBytes() + segment.sourceByte();
    to = segment.destinationLba() * writes.blockBytes() + segment.destinationByte();
    left = bytes;
    inSegment = true;
    return Optional.empty();
  }

  private static boolean holds(BlockUnit unit, long lba, int skippedBytes, long bytes) {
    long touched = skippedBytes + bytes;
    return unit.contains(lba, (touched + unit.blockBytes() - 1) / unit.blockBytes());
  }

  private void move(BlockUnit reads, BlockUnit writes) {
    reads
        .device()
        .allocation(
            from,
            (status, run) -> {
              Response response = reads.response(status, false);
              if (!response.isSuccess()) {
                failed(response);
              } else if (run.allocated()) {
                copy(reads, writes);
              } else {
                skip(writes, run.length());
              }
            });
  }

  private void skip(BlockUnit writes, long unallocated) {
    long gap = Math.min(left, unallocated);
    long at = to;
    advance(gap);
    writes.device().zero(at, gap, status -> settle(writes.response(status, true)));
  }

  private void copy(BlockUnit reads, BlockUnit writes) {
    if (buffer == null) {
      buffer = ByteBufAllocator.DEFAULT.directBuffer(STEP_BYTES, STEP_BYTES);
    }
    ByteBuf piece = buffer;
    int size = (int) Math.min(left, STEP_BYTES);
    long at = to;
    reads
        .device()
        .read(
            from,
            piece,
            0,
            size,
            read -> {
              Response response = reads.response(read, false);
              if (!response.isSuccess()) {
                failed(response);
                return;
              }
              advance(size);
              writes
                  .device()
                  .write(at, piece, 0, size, written -> settle(writes.response(written, true)));
            });
  }

  private void advance(long bytes) {
    from += bytes;
    to += bytes;
    left -= bytes;
    bytesDone += bytes;
  }

  private void settle(Response response) {
    if (response.isSuccess()) {
      stepped();
    } else {
      failed(response);
    }
  }

  @Override
  protected void release() {
    if (buffer != null) {
      buffer.release();
    }
  }
}
