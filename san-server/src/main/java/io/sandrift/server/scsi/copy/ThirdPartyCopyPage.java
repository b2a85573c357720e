package io.sandrift.server.scsi.copy;

import io.sandrift.server.scsi.spc.ParameterData;

/** The third-party copy VPD page, 8Fh (SPC-4): descriptors of what can be copied. */
public final class ThirdPartyCopyPage {

  private static final int SUPPORTED_COMMANDS = 0x0001;
  private static final int PARAMETER_DATA = 0x0004;
  private static final int SUPPORTED_DESCRIPTORS = 0x0008;
  private static final int SUPPORTED_CSCD_IDS = 0x000c;
  private static final int GENERAL_COPY_OPERATIONS = 0x8001;

  private ThirdPartyCopyPage() {}

  /** What follows the page's header. */
  public static byte[] page() {
    ParameterData page = new ParameterData();
    // EXTENDED COPY(LID1); RECEIVE COPY STATUS(LID1) and RECEIVE COPY OPERATING PARAMETERS.
    descriptor(
        page,
        SUPPORTED_COMMANDS,
        new ParameterData().u8(7).u8(0x83).u8(1).u8(0x00).u8(0x84).u8(2).u8(0x00).u8(0x03));
    descriptor(
        page,
        PARAMETER_DATA,
        new ParameterData()
            .u32(0)
            .u16(CopyLimits.MAX_TARGET_DESCRIPTORS)
            .u16(CopyLimits.MAX_SEGMENT_DESCRIPTORS)
            .u32(CopyLimits.MAX_LIST_BYTES)
            .u32(0)
            .zeros(12));
    descriptor(
        page,
        SUPPORTED_DESCRIPTORS,
        new ParameterData()
            .u8(3)
            .u8(CopyLimits.BLOCK_TO_BLOCK)
            .u8(CopyLimits.BLOCK_TO_BLOCK_WITH_OFFSETS)
            .u8(CopyLimits.IDENTIFICATION_DESCRIPTOR));
    descriptor(page, SUPPORTED_CSCD_IDS, new ParameterData().u16(0).u16(0));
    descriptor(
        page,
        GENERAL_COPY_OPERATIONS,
        new ParameterData()
            .u32(CopyLimits.MAX_CONCURRENT_COPIES)
            .u32(CopyLimits.MAX_CONCURRENT_COPIES)
            .u32(CopyLimits.MAX_SEGMENT_BYTES)
            .u8(0)
            .u8(0)
            .zeros(18));
    return page.toArray();
  }

  private static void descriptor(ParameterData page, int type, ParameterData content) {
    content.zeros(-content.length() & 3);
    page.u16(type).u16(content.length()).bytes(content.toArray());
  }
}
