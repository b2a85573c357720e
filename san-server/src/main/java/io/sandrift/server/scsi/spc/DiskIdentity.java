package io.sandrift.server.scsi.spc;

import java.util.UUID;

/**
 * Who a disk says it is; the same through every server and over restarts.
 *
 * @param volume what never changes about the volume
 * @param vendor T10 vendor identification, at most 8 ASCII characters
 * @param product product identification, at most 16 ASCII characters
 * @param revision product revision level, at most 4 ASCII characters
 * @param targetName the target's iSCSI name
 */
public record DiskIdentity(
    UUID volume, String vendor, String product, String revision, String targetName) {

  private static final long NAA_LOCALLY_ASSIGNED = 0x3L << 60;

  public DiskIdentity {
    requireAscii("vendor", vendor, 8);
    requireAscii("product", product, 16);
    requireAscii("revision", revision, 4);
    requireAscii("target name", targetName, 223);
  }

  /** A Sandrift disk. */
  public static DiskIdentity of(UUID volume, String targetName) {
    return new DiskIdentity(volume, "SANDRIFT", "VOLUME", "0.1", targetName);
  }

  /** The unit serial number: the volume's UUID, 32 hexadecimal digits. */
  public String serialNumber() {
    return volume.toString().replace("-", "");
  }

  /**
   * The NAA designator, locally assigned (SPC-4): NAA 3h, then 60 of the random bits of the
   * volume's UUID. An IEEE company identifier, which the other kinds want, we have not.
   */
  public long naaDesignator() {
    return NAA_LOCALLY_ASSIGNED
        | ((volume.getLeastSignificantBits() ^ volume.getMostSignificantBits()) & (-1L >>> 4));
  }

  private static void requireAscii(String what, String value, int maxLength) {
    if (value.length() > maxLength || !value.chars().allMatch(c -> c >= 0x20 && c <= 0x7e)) {
      throw new IllegalArgumentException(
          what + " '" + value + "' must be at most " + maxLength + " printable ASCII characters");
    }
  }
}
