package io.sandrift.server.scsi.task;

/**
 * A SCSI command as a transport received it.
 *
 * @param lun the logical unit number, all eight bytes of it (SAM-5 clause 4.7), big-endian; 0 is
 *     the disk
 * @param cdb the command descriptor block, at least 16 bytes, zero-padded; not changed by anyone
 * @param dataOutLength how many bytes the initiator offers to send (its expected data transfer
 *     length when it set the write flag, else 0); 0 to 4,294,967,295
 * @param dataInLength how many bytes the initiator is ready to take, likewise
 */
public record Command(
    long lun, byte[] cdb, TaskAttribute attribute, long dataOutLength, long dataInLength) {

  /** The operation code, the CDB's first byte, 0 to 255. */
  public int operationCode() {
    return cdb[0] & 0xff;
  }

  /** The CDB's byte at {@code offset}, unsigned. */
  public int byteAt(int offset) {
    return cdb[offset] & 0xff;
  }

  /** The two bytes from {@code offset}, big-endian, unsigned. */
  public int shortAt(int offset) {
    return byteAt(offset) << 8 | byteAt(offset + 1);
  }

  /** The four bytes from {@code offset}, big-endian, unsigned. */
  public long intAt(int offset) {
    return (long) shortAt(offset) << 16 | shortAt(offset + 2);
  }

  /** The eight bytes from {@code offset}, big-endian; the sign is the most significant bit. */
  public long longAt(int offset) {
    return intAt(offset) << 32 | intAt(offset + 4);
  }
}
