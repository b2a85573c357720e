package io.sandrift.client;

import java.nio.ByteBuffer;

/** The command descriptor blocks that a disk's user needs (SPC-4, SBC-3), 16 bytes each. */
final class Cdb {

  private Cdb() {}

  static byte[] testUnitReady() {
    return new byte[16];
  }

  /** INQUIRY; with {@code page} 0 to 255 a VPD page, with -1 the standard data. */
  static byte[] inquiry(int page, int allocationLength) {
    ByteBuffer cdb = ByteBuffer.allocate(16).put((byte) 0x12);
    return cdb.put((byte) (page < 0 ? 0 : 1))
        .put((byte) Math.max(page, 0))
        .putShort((short) allocationLength)
        .array();
  }

  /** READ CAPACITY(16). */
  static byte[] readCapacity(int allocationLength) {
    return ByteBuffer.allocate(16)
        .put((byte) 0x9e)
        .put((byte) 0x10)
        .putInt(10, allocationLength)
        .array();
  }

  /** READ(16). */
  static byte[] read(long lba, int blocks) {
    return blockCommand(0x88, lba, blocks);
  }

  /** WRITE(16); with {@code durable} the FUA bit is set. */
  static byte[] write(long lba, int blocks, boolean durable) {
    byte[] cdb = blockCommand(0x8a, lba, blocks);
    cdb[1] = (byte) (durable ? 0x08 : 0);
    return cdb;
  }

  /** COMPARE AND WRITE. */
  static byte[] compareAndWrite(long lba, int blocks) {
    return ByteBuffer.allocate(16).put((byte) 0x89).putLong(2, lba).put(13, (byte) blocks).array();
  }

  /** SYNCHRONIZE CACHE(16) of the whole device. */
  static byte[] synchronizeCache() {
    return blockCommand(0x91, 0, 0);
  }

  /** UNMAP. */
  static byte[] unmap(int parameterLength) {
    return ByteBuffer.allocate(16).put((byte) 0x42).putShort(7, (short) parameterLength).array();
  }

  private static byte[] blockCommand(int operationCode, long lba, int blocks) {
    return ByteBuffer.allocate(16)
        .put((byte) operationCode)
        .putLong(2, lba)
        .putInt(10, blocks)
        .array();
  }
}
