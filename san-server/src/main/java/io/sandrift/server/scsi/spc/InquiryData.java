package io.sandrift.server.scsi.spc;

/**
 * Standard INQUIRY data (SPC-4):
 *
 * <pre>
 *    0 qualifier, device type  1 RMB        2 version          3 response data format
 *    4 additional length       5 3PC        6 MULTIP         7 CMDQUE
 *    8 vendor (8)              16 product (16)                 32 revision (4)
 *   58 version descriptors (8 x 2)
 * </pre>
 */
public final class InquiryData {

  private static final int SPC_4 = 0x06;
  private static final int RESPONSE_DATA_FORMAT = 0x02;
  private static final int HISUP = 0x10;
  private static final int THIRD_PARTY_COPY = 0x08;
  // Every server presents the disk at a target port of its own.
  private static final int MULTIP = 0x10;
  private static final int CMDQUE = 0x02;
  private static final int NO_UNIT = 0x7f;
  private static final int ADDITIONAL_LENGTH = 96 - 5;

  // SAM-5, iSCSI, SPC-4, SBC-3 (SPC-4), no particular revision of each.
  private static final int[] VERSION_DESCRIPTORS = {0x00a0, 0x0960, 0x0460, 0x04c0};

  private InquiryData() {}

  /** The disk's. */
  public static ParameterData ofDisk(DiskIdentity identity) {
    return of(0x00, identity);
  }

  /** That of a logical unit that isn't there: qualifier 011b, device type 1Fh. */
  public static ParameterData ofMissingUnit(DiskIdentity identity) {
    return of(NO_UNIT, identity);
  }

  private static ParameterData of(int qualifierAndType, DiskIdentity identity) {
    ParameterData data = new ParameterData();
    data.u8(qualifierAndType).u8(0).u8(SPC_4).u8(HISUP | RESPONSE_DATA_FORMAT);
    data.u8(ADDITIONAL_LENGTH).u8(THIRD_PARTY_COPY).u8(MULTIP).u8(CMDQUE);
    data.ascii(identity.vendor(), 8).ascii(identity.product(), 16).ascii(identity.revision(), 4);
    data.zeros(58 - data.length());
    for (int descriptor : VERSION_DESCRIPTORS) {
      data.u16(descriptor);
    }
    return data.zeros(ADDITIONAL_LENGTH + 5 - data.length());
  }
}
