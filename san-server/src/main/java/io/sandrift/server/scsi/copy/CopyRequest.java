package io.sandrift.server.scsi.copy;

import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.SenseData;
import io.sandrift.server.scsi.task.SenseKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * EXTENDED COPY's parameter list (SPC-4, EXTENDED COPY(LID1)), parsed:
 *
 * <pre>
 *   0 list identifier   1 STR, list id usage, priority   2 target descriptors' length
 *   8 segment descriptors' length   12 inline data's length   16 target descriptors, segments
 * </pre>
 *
 * @param listId under which the result can be asked for
 * @param keepsResult whether it is to be kept for that
 */
record CopyRequest(
    int listId, boolean keepsResult, List<CopyTarget> targets, List<CopySegment> segments) {

  static final int HEADER_BYTES = 16;

  private static final int TARGET_BYTES = 32;
  private static final int SEGMENT_BYTES = 28;
  private static final int SEGMENT_WITH_OFFSETS_BYTES = 32;
  private static final int DISCARD = 2;
  private static final int NO_LIST_ID = 3;

  /** What a target descriptor names: a designator, and its type. */
  record CopyTarget(int type, byte[] designator, int blockBytes) {}

  /** A parsed list, or why there is none. */
  sealed interface Parsed {
    /** All is well formed. */
    record Accepted(CopyRequest request) implements Parsed {}

    /** Something is wrong with the list. */
    record Refused(SenseData sense) implements Parsed {}
  }

  static Parsed parse(byte[] bytes) {
    if (bytes.length < HEADER_BYTES) {
      return refused(SenseData.parameterListLengthError());
    }
    ByteBuffer list = ByteBuffer.wrap(bytes);
    int usage = (bytes[1] >> 3) & 0x03;
    if (usage == 1) {
      return refused(SenseData.invalidFieldInParameterList(1));
    }
    if (usage == NO_LIST_ID && bytes[0] != 0) {
      return refused(SenseData.invalidFieldInParameterList(0));
    }
    int targetBytes = list.getShort(2) & 0xffff;
    long segmentBytes = list.getInt(8) & 0xffff_ffffL;
    if (list.getInt(12) != 0) {
      return refused(SenseData.inParameterList(AdditionalSense.PARAMETER_LIST_LENGTH_ERROR, 12));
    }
    if (targetBytes + segmentBytes > CopyLimits.MAX_LIST_BYTES
        || targetBytes + segmentBytes + HEADER_BYTES > bytes.length
        || targetBytes % TARGET_BYTES != 0) {
      return refused(SenseData.parameterListLengthError());
    }
    if (targetBytes / TARGET_BYTES > CopyLimits.MAX_TARGET_DESCRIPTORS) {
      return refused(SenseData.inParameterList(AdditionalSense.TOO_MANY_TARGET_DESCRIPTORS, 2));
    }
    List<CopyTarget> targets = new ArrayList<>();
    int at = HEADER_BYTES;
    for (; at < HEADER_BYTES + targetBytes; at += TARGET_BYTES) {
      if ((bytes[at] & 0xff) != CopyLimits.IDENTIFICATION_DESCRIPTOR) {
        return refused(
            SenseData.inParameterList(AdditionalSense.UNSUPPORTED_TARGET_DESCRIPTOR_TYPE_CODE, at));
      }
      int length = bytes[at + 7] & 0xff;
      if (length > 20 || (bytes[at + 1] & 0x1f) != 0) {
        return refused(SenseData.invalidFieldInParameterList(length > 20 ? at + 7 : at + 1));
      }
      byte[] designator = new byte[length];
      list.get(at + 8, designator);
      targets.add(
          new CopyTarget(bytes[at + 5] & 0x0f, designator, list.getInt(at + 28) & 0xff_ffff));
    }
    return parseSegments(bytes, at, at + (int) segmentBytes, usage, targets);
  }

  private static Parsed parseSegments(
      byte[] bytes, int from, int end, int usage, List<CopyTarget> targets) {
    ByteBuffer list = ByteBuffer.wrap(bytes);
    List<CopySegment> segments = new ArrayList<>();
    int at = from;
    while (at < end) {
      int type = bytes[at] & 0xff;
      boolean withOffsets = type == CopyLimits.BLOCK_TO_BLOCK_WITH_OFFSETS;
      if (type != CopyLimits.BLOCK_TO_BLOCK && !withOffsets) {
        return refused(
            SenseData.inParameterList(
                AdditionalSense.UNSUPPORTED_SEGMENT_DESCRIPTOR_TYPE_CODE, at));
      }
      int length = withOffsets ? SEGMENT_WITH_OFFSETS_BYTES : SEGMENT_BYTES;
      if (end - at < length) {
        return refused(SenseData.parameterListLengthError());
      }
      if ((list.getShort(at + 2) & 0xffff) != length - 4) {
        return refused(SenseData.invalidFieldInParameterList(at + 2));
      }
      segments.add(withOffsets ? withOffsets(list, at) : blocks(list, at));
      at += length;
      if (segments.size() > CopyLimits.MAX_SEGMENT_DESCRIPTORS) {
        return refused(SenseData.inParameterList(AdditionalSense.TOO_MANY_SEGMENT_DESCRIPTORS, 8));
      }
    }
    boolean keeps = usage != DISCARD && usage != NO_LIST_ID;
    return new Parsed.Accepted(
        new CopyRequest(bytes[0] & 0xff, keeps, List.copyOf(targets), List.copyOf(segments)));
  }

  private static CopySegment blocks(ByteBuffer list, int at) {
    return new CopySegment(
        list.getShort(at + 4) & 0xffff,
        list.getShort(at + 6) & 0xffff,
        (list.get(at + 1) & 0x02) != 0,
        false,
        list.getShort(at + 10) & 0xffff,
        list.getLong(at + 12),
        list.getLong(at + 20),
        0,
        0);
  }

  private static CopySegment withOffsets(ByteBuffer list, int at) {
    return new CopySegment(
        list.getShort(at + 4) & 0xffff,
        list.getShort(at + 6) & 0xffff,
        false,
        true,
        list.getInt(at + 8) & 0xffff_ffffL,
        list.getLong(at + 12),
        list.getLong(at + 20),
        list.getShort(at + 28) & 0xffff,
        list.getShort(at + 30) & 0xffff);
  }

  private static Parsed refused(SenseData sense) {
    return new Parsed.Refused(sense);
  }

  static SenseData aborted(AdditionalSense why) {
    return SenseData.of(SenseKey.COPY_ABORTED, why);
  }
}
