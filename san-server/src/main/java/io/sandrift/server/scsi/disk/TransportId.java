package io.sandrift.server.scsi.disk;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * An iSCSI TransportID (SPC-4 clause 7.6.4.6): 0 format and protocol, 2 additional length, 4 the
 * initiator port's name, which ends in a zero byte and is padded to a multiple of four.
 *
 * @param initiatorPort the port's name, lower case
 * @param lengthBytes of the whole TransportID
 */
record TransportId(String initiatorPort, int lengthBytes) {

  private static final int ISCSI = 0x05;
  private static final int PORT_FORMAT = 0x40;
  private static final int HEADER_BYTES = 4;
  private static final int MIN_NAME_BYTES = 20;

  /** The bytes for an initiator port. */
  static byte[] encode(String initiatorPort) {
    byte[] name = initiatorPort.getBytes(StandardCharsets.UTF_8);
    int padded = Math.max(MIN_NAME_BYTES, (name.length + 4) & ~3);
    return ByteBuffer.allocate(HEADER_BYTES + padded)
        .put((byte) (PORT_FORMAT | ISCSI))
        .put((byte) 0)
        .putShort((short) padded)
        .put(name)
        .array();
  }

  /**
   * Reads the TransportID at {@code offset}; empty unless it is a whole iSCSI one that names a port
   * (format 01b: with the ISID, for a registration is one port's).
   */
  static Optional<TransportId> decode(byte[] list, int offset) {
    if (list.length - offset < HEADER_BYTES || list[offset] != (byte) (PORT_FORMAT | ISCSI)) {
      return Optional.empty();
    }
    int length = ByteBuffer.wrap(list).getShort(offset + 2) & 0xffff;
    int start = offset + HEADER_BYTES;
    if (length < MIN_NAME_BYTES || length % 4 != 0 || list.length - start < length) {
      return Optional.empty();
    }
    byte[] field = Arrays.copyOfRange(list, start, start + length);
    int end = 0;
    while (end < length && field[end] != 0) {
      end++;
    }
    String name = new String(field, 0, end, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
    return name.contains(",i,0x")
        ? Optional.of(new TransportId(name, HEADER_BYTES + length))
        : Optional.empty();
  }
}
