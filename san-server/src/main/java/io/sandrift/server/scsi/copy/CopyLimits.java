package io.sandrift.server.scsi.copy;

import io.sandrift.server.scsi.spc.ParameterData;

/** What one EXTENDED COPY may ask for. */
public final class CopyLimits {

  static final int MAX_TARGET_DESCRIPTORS = 16;
  static final int MAX_SEGMENT_DESCRIPTORS = 64;
  static final int MAX_LIST_BYTES = 4096;
  static final int MAX_SEGMENT_BYTES = 256 << 20;
  static final int MAX_CONCURRENT_COPIES = 16;

  static final int BLOCK_TO_BLOCK = 0x02;
  static final int BLOCK_TO_BLOCK_WITH_OFFSETS = 0x0a;
  static final int IDENTIFICATION_DESCRIPTOR = 0xe4;

  private static final int BYTE_GRANULARITY = 0;

  private CopyLimits() {}

  /** The operating parameters (SPC-4, RECEIVE COPY OPERATING PARAMETERS). */
  public static ParameterData operatingParameters() {
    ParameterData data = new ParameterData().u32(0).u8(0x01).zeros(3);
    data.u16(MAX_TARGET_DESCRIPTORS).u16(MAX_SEGMENT_DESCRIPTORS).u32(MAX_LIST_BYTES);
    data.u32(MAX_SEGMENT_BYTES).u32(0).u32(0).u32(0);
    data.u16(0).u16(MAX_CONCURRENT_COPIES).u8(MAX_CONCURRENT_COPIES);
    data.u8(BYTE_GRANULARITY).u8(0).u8(0).zeros(3);
    data.u8(3).u8(BLOCK_TO_BLOCK).u8(BLOCK_TO_BLOCK_WITH_OFFSETS).u8(IDENTIFICATION_DESCRIPTOR);
    data.setU32(0, data.length() - 4);
    return data;
  }
}
