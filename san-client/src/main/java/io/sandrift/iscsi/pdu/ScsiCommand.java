package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * SCSI Command (RFC 7143 clause 11.3).
 *
 * <pre>
 *  1  F R W 0 0 ATTR     8 LUN    16 initiator task tag    20 expected data transfer length
 * 24  CmdSN             28 ExpStatSN                       32 CDB (16 bytes; longer ones go on in an AHS)
 * </pre>
 *
 * @param last no unsolicited Data-Out follows (the F bit)
 * @param expectedDataTransferLength bytes that the initiator sends (write) or takes (read), 0 to
 *     4,294,967,295
 * @param bidirectionalReadLength bytes to be taken when both directions are set, else 0
 * @param cdb 16 bytes, or more when an extended-CDB AHS came along
 */
public record ScsiCommand(
    boolean immediate,
    boolean last,
    boolean read,
    boolean write,
    Attribute attribute,
    long lun,
    int initiatorTaskTag,
    long expectedDataTransferLength,
    long bidirectionalReadLength,
    int cmdSn,
    int expStatSn,
    byte[] cdb,
    ByteBuf data)
    implements InitiatorPdu {

  /** Task attributes (clause 11.3.1). */
  public enum Attribute {
    UNTAGGED(0),
    SIMPLE(1),
    ORDERED(2),
    HEAD_OF_QUEUE(3),
    ACA(4);

    private static final Attribute[] BY_WIRE_VALUE = values();

    private final int wireValue;

    Attribute(int wireValue) {
      this.wireValue = wireValue;
    }

    static Attribute ofWireValue(int wireValue) throws MalformedPduException {
      if (wireValue >= BY_WIRE_VALUE.length) {
        throw MalformedPduException.field("task attribute", wireValue, "0 to 4");
      }
      return BY_WIRE_VALUE[wireValue];
    }
  }

  private static final int READ = 0x40;
  private static final int WRITE = 0x20;
  private static final int ATTRIBUTE = 0x07;
  private static final int EXPECTED_LENGTH = 20;
  private static final int CDB = 32;
  private static final int CDB_BYTES = 16;

  private static final int AHS_EXTENDED_CDB = 1;
  private static final int AHS_BIDIRECTIONAL_READ_LENGTH = 2;

  @Override
  public Opcode opcode() {
    return Opcode.SCSI_COMMAND;
  }

  static ScsiCommand decode(ByteBuf header, int start, int ahsLength, ByteBuf data)
      throws MalformedPduException {
    int flags = header.getByte(start + BasicHeader.FLAGS);
    Attribute attribute = Attribute.ofWireValue(flags & ATTRIBUTE);
    byte[] cdb = new byte[CDB_BYTES];
    header.getBytes(start + CDB, cdb);
    long readLength = 0;
    int at = start + BasicHeader.BYTES;
    int end = at + ahsLength;
    while (at + 4 <= end) {
      // AHSLength counts the bytes after the type byte, the reserved byte included, without padding
      // (clause 11.2.2.1).
      int length = header.getUnsignedShort(at);
      int type = header.getByte(at + 2) & 0x3f;
      if (length < 1 || at + 3 + length > end) {
        throw MalformedPduException.field("AHSLength", length, "1 to what TotalAHSLength leaves");
      }
      if (type == AHS_EXTENDED_CDB) {
        byte[] whole = new byte[CDB_BYTES + length - 1];
        System.arraycopy(cdb, 0, whole, 0, CDB_BYTES);
        header.getBytes(at + 4, whole, CDB_BYTES, length - 1);
        cdb = whole;
      } else if (type == AHS_BIDIRECTIONAL_READ_LENGTH && length == 5) {
        readLength = header.getUnsignedInt(at + 4);
      }
      at += (3 + length + 3) & ~3;
    }
    return new ScsiCommand(
        BasicHeader.isImmediate(header, start),
        (flags & BasicHeader.FINAL) != 0,
        (flags & READ) != 0,
        (flags & WRITE) != 0,
        attribute,
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getUnsignedInt(start + EXPECTED_LENGTH),
        readLength,
        header.getInt(start + BasicHeader.CMD_SN),
        header.getInt(start + BasicHeader.EXP_STAT_SN),
        cdb,
        data);
  }

  /**
   * Writes the header for a CDB of at most 16 bytes; longer ones and bidirectional commands are
   * only ever received.
   */
  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(
        header,
        start,
        Opcode.SCSI_COMMAND,
        immediate,
        (last ? BasicHeader.FINAL : 0)
            | (read ? READ : 0)
            | (write ? WRITE : 0)
            | attribute.wireValue);
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setInt(start + EXPECTED_LENGTH, (int) expectedDataTransferLength);
    header.setInt(start + BasicHeader.CMD_SN, cmdSn);
    header.setInt(start + BasicHeader.EXP_STAT_SN, expStatSn);
    header.setBytes(start + CDB, cdb, 0, Math.min(cdb.length, CDB_BYTES));
  }
}
