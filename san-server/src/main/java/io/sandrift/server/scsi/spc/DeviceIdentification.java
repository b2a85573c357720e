package io.sandrift.server.scsi.spc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * The device identification VPD page, 83h (SPC-4): designation descriptors of the logical unit, of
 * the target port that answers, and of the target device.
 */
public final class DeviceIdentification {

  private static final int BINARY = 0x1;
  private static final int ASCII = 0x2;
  private static final int UTF_8 = 0x3;

  private static final int LOGICAL_UNIT = 0x00;
  private static final int TARGET_PORT = 0x90;
  private static final int TARGET_DEVICE = 0xa0;

  private static final int T10_VENDOR = 0x1;
  private static final int NAA = 0x3;
  private static final int RELATIVE_TARGET_PORT = 0x4;
  private static final int TARGET_PORT_GROUP = 0x5;
  private static final int SCSI_NAME = 0x8;
  private static final int UUID = 0xa;

  private static final int ISCSI_PROTOCOL = 0x50;

  private DeviceIdentification() {}

  /**
   * The page.
   *
   * @param relativeTargetPort of the port that the INQUIRY came through
   */
  static void append(ParameterData page, DiskIdentity identity, int relativeTargetPort) {
    descriptor(page, BINARY, LOGICAL_UNIT | NAA, naa(identity));
    descriptor(
        page,
        ASCII,
        LOGICAL_UNIT | T10_VENDOR,
        new ParameterData()
            .ascii(identity.vendor(), 8)
            .bytes(identity.serialNumber().getBytes(StandardCharsets.US_ASCII))
            .toArray());
    descriptor(page, BINARY, LOGICAL_UNIT | UUID, uuid(identity));
    descriptor(
        page,
        BINARY,
        TARGET_PORT | RELATIVE_TARGET_PORT,
        new ParameterData().u16(0).u16(relativeTargetPort).toArray());
    descriptor(
        page,
        BINARY,
        TARGET_PORT | TARGET_PORT_GROUP,
        new ParameterData().u16(0).u16(relativeTargetPort).toArray());
    descriptor(
        page,
        UTF_8,
        TARGET_PORT | SCSI_NAME,
        nameString(
            String.format(Locale.ROOT, "%s,t,0x%04x", identity.targetName(), relativeTargetPort)));
    descriptor(page, UTF_8, TARGET_DEVICE | SCSI_NAME, nameString(identity.targetName()));
  }

  /**
   * Whether a designator of the given type (as in a designation descriptor's second byte, low four
   * bits) names this disk's logical unit.
   */
  public static boolean designates(DiskIdentity identity, int type, byte[] designator) {
    return switch (type) {
      case NAA -> Arrays.equals(designator, naa(identity));
      case UUID -> Arrays.equals(designator, uuid(identity));
      default -> false;
    };
  }

  private static byte[] naa(DiskIdentity identity) {
    return ByteBuffer.allocate(8).putLong(identity.naaDesignator()).array();
  }

  private static byte[] uuid(DiskIdentity identity) {
    return ByteBuffer.allocate(18)
        .put((byte) 0x10)
        .put((byte) 0)
        .putLong(identity.volume().getMostSignificantBits())
        .putLong(identity.volume().getLeastSignificantBits())
        .array();
  }

  /** A SCSI name string: UTF-8, ends in a zero byte, padded to a multiple of four. */
  private static byte[] nameString(String name) {
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(utf8, (utf8.length + 4) & ~3);
  }

  private static void descriptor(
      ParameterData page, int codeSet, int associationAndType, byte[] designator) {
    boolean aboutPortOrDevice = (associationAndType & 0x80) != 0;
    page.u8((aboutPortOrDevice ? ISCSI_PROTOCOL : 0) | codeSet);
    page.u8(associationAndType).u8(0).u8(designator.length).bytes(designator);
  }
}
