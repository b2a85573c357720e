package io.sandrift.server.scsi.disk;

import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.sbc.BlockUnit;
import io.sandrift.server.scsi.spc.ParameterData;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.SenseData;
import java.util.List;

/** The block commands (SBC-3), decoded from their CDBs for the {@link BlockUnit}. */
final class BlockCommands {

  // Where the fields are: LBA and length of the CDBs of 10, 12 and 16 bytes.
  private static final int LBA = 2;
  private static final int LENGTH_10 = 7;
  private static final int LENGTH_12 = 6;
  private static final int LENGTH_16 = 10;

  private static final int FUA = 0x08;
  private static final int IMMED = 0x02;
  private static final int ANCHOR = 0x10;
  private static final int NDOB = 0x01;

  private BlockCommands() {}

  static List<DiskCommand> all() {
    return List.of(
        DiskCommand.of(
            "08 1f ff ff ff 00", Access.READ, (n, c) -> n.unit().read(lba6(c), length6(c), false)),
        DiskCommand.of(
            "0a 1f ff ff ff 00",
            Access.WRITE,
            (n, c) -> n.unit().write(lba6(c), length6(c), false)),
        DiskCommand.of("1b 01 00 00 f7 00", Access.OWN_RULES, BlockCommands::startStop),
        DiskCommand.of(
            "25 00 00 00 00 00 00 00 00 00", Access.ALWAYS, (n, c) -> n.unit().readCapacity10()),
        DiskCommand.of(
            "28 18 ff ff ff ff 00 ff ff 00",
            Access.READ,
            (n, c) -> read(n, c, c.intAt(LBA), c.shortAt(LENGTH_10))),
        DiskCommand.of(
            "2a 18 ff ff ff ff 00 ff ff 00",
            Access.WRITE,
            (n, c) -> write(n, c, c.intAt(LBA), c.shortAt(LENGTH_10))),
        DiskCommand.of(
            "2e 12 ff ff ff ff 00 ff ff 00",
            Access.WRITE,
            (n, c) -> writeAndVerify(n, c, c.intAt(LBA), c.shortAt(LENGTH_10))),
        DiskCommand.lasting(
            "2f 16 ff ff ff ff 00 ff ff 00",
            Access.READ,
            (n, c) -> verify(n, c, c.intAt(LBA), c.shortAt(LENGTH_10))),
        DiskCommand.of(
            "34 02 ff ff ff ff 00 ff ff 00",
            Access.READ,
            (n, c) -> n.unit().prefetch(c.intAt(LBA), c.shortAt(LENGTH_10))),
        DiskCommand.of(
            "35 02 ff ff ff ff 00 ff ff 00",
            Access.WRITE,
            (n, c) ->
                n.unit().synchronizeCache(c.intAt(LBA), c.shortAt(LENGTH_10), isImmediate(c))),
        DiskCommand.of(
            "37 00 1f 00 00 00 00 ff ff 00",
            Access.READ,
            (n, c) ->
                new ParameterData().u8(0).u8(c.byteAt(2) & 0x1f).u16(0).toExecution(c.shortAt(7))),
        DiskCommand.lasting(
            "41 18 ff ff ff ff 00 ff ff 00",
            Access.WRITE,
            (n, c) -> writeSame(n, c, c.intAt(LBA), c.shortAt(LENGTH_10), false, LENGTH_10)),
        DiskCommand.of("42 01 00 00 00 00 00 ff ff 00", Access.WRITE, BlockCommands::unmap),
        DiskCommand.of(
            "88 18 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
            Access.READ,
            (n, c) -> read(n, c, c.longAt(LBA), c.intAt(LENGTH_16))),
        DiskCommand.of(
            "89 18 ff ff ff ff ff ff ff ff 00 00 00 ff 00 00",
            Access.WRITE,
            (n, c) ->
                isProtected(c)
                    ? protectionRefused(n)
                    : n.unit().compareAndWrite(c, c.longAt(LBA), c.byteAt(13), isFua(c))),
        DiskCommand.of(
            "8a 18 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
            Access.WRITE,
            (n, c) -> write(n, c, c.longAt(LBA), c.intAt(LENGTH_16))),
        DiskCommand.of(
            "8b 18 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
            Access.WRITE,
            (n, c) ->
                isProtected(c)
                    ? protectionRefused(n)
                    : n.unit().orWrite(c.longAt(LBA), c.intAt(LENGTH_16), isFua(c))),
        DiskCommand.of(
            "8e 16 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
            Access.WRITE,
            (n, c) -> writeAndVerify(n, c, c.longAt(LBA), c.intAt(LENGTH_16))),
        DiskCommand.lasting(
            "8f 16 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
            Access.READ,
            (n, c) -> verify(n, c, c.longAt(LBA), c.intAt(LENGTH_16))),
        DiskCommand.of(
            "90 02 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
            Access.READ,
            (n, c) -> n.unit().prefetch(c.longAt(LBA), c.intAt(LENGTH_16))),
        DiskCommand.of(
            "91 02 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
            Access.WRITE,
            (n, c) -> n.unit().synchronizeCache(c.longAt(LBA), c.intAt(LENGTH_16), isImmediate(c))),
        DiskCommand.lasting(
            "93 19 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
            Access.WRITE,
            (n, c) ->
                writeSame(
                    n, c, c.longAt(LBA), c.intAt(LENGTH_16), (c.byteAt(1) & NDOB) != 0, LENGTH_16)),
        DiskCommand.of(
            "9c 18 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
            Access.WRITE,
            BlockCommands::writeAtomic),
        DiskCommand.of(
            0x10,
            "9e 10 00 00 00 00 00 00 00 00 ff ff ff ff 00 00",
            Access.ALWAYS,
            (n, c) -> n.unit().readCapacity16(c.intAt(10))),
        DiskCommand.of(
            0x12,
            "9e 12 ff ff ff ff ff ff ff ff ff ff ff ff 00 00",
            Access.READ,
            (n, c) -> n.unit().lbaStatus(c.longAt(LBA), c.intAt(10))),
        DiskCommand.of(
            "a8 18 ff ff ff ff ff ff ff ff 00 00",
            Access.READ,
            (n, c) -> read(n, c, c.intAt(LBA), c.intAt(LENGTH_12))),
        DiskCommand.of(
            "aa 18 ff ff ff ff ff ff ff ff 00 00",
            Access.WRITE,
            (n, c) -> write(n, c, c.intAt(LBA), c.intAt(LENGTH_12))),
        DiskCommand.of(
            "ae 16 ff ff ff ff ff ff ff ff 00 00",
            Access.WRITE,
            (n, c) -> writeAndVerify(n, c, c.intAt(LBA), c.intAt(LENGTH_12))),
        DiskCommand.lasting(
            "af 16 ff ff ff ff ff ff ff ff 00 00",
            Access.READ,
            (n, c) -> verify(n, c, c.intAt(LBA), c.intAt(LENGTH_12))),
        DiskCommand.of(
            "b7 1f 00 00 00 00 ff ff ff ff 00 00",
            Access.READ,
            (n, c) ->
                new ParameterData()
                    .u8(0)
                    .u8(c.byteAt(1) & 0x1f)
                    .u16(0)
                    .u32(0)
                    .toExecution(c.intAt(6))));
  }

  private static Execution read(DiskNexus nexus, Command command, long lba, long blocks) {
    return isProtected(command)
        ? protectionRefused(nexus)
        : nexus.unit().read(lba, blocks, isFua(command));
  }

  private static Execution write(DiskNexus nexus, Command command, long lba, long blocks) {
    return isProtected(command)
        ? protectionRefused(nexus)
        : nexus.unit().write(lba, blocks, isFua(command));
  }

  private static Execution writeAndVerify(DiskNexus nexus, Command command, long lba, long blocks) {
    return isProtected(command)
        ? protectionRefused(nexus)
        : nexus.unit().writeAndVerify(lba, blocks, byteCheck(command));
  }

  private static Execution verify(DiskNexus nexus, Command command, long lba, long blocks) {
    return isProtected(command)
        ? protectionRefused(nexus)
        : nexus.unit().verify(lba, blocks, byteCheck(command));
  }

  private static Execution writeSame(
      DiskNexus nexus, Command command, long lba, long blocks, boolean noData, int lengthOffset) {
    if (isProtected(command)) {
      return protectionRefused(nexus);
    }
    if ((command.byteAt(1) & ANCHOR) != 0) {
      return nexus.refuse(SenseData.invalidFieldInCdb(1, 4)); // ANC_SUP is 0
    }
    return nexus.unit().writeSame(command, lba, blocks, noData, lengthOffset);
  }

  private static Execution writeAtomic(DiskNexus nexus, Command command) {
    if (isProtected(command)) {
      return protectionRefused(nexus);
    }
    if (command.shortAt(10) != 0) {
      return nexus.refuse(SenseData.invalidFieldInCdb(10)); // no atomic boundaries
    }
    return nexus.unit().writeAtomic(command.longAt(LBA), command.shortAt(12), isFua(command));
  }

  private static Execution unmap(DiskNexus nexus, Command command) {
    return (command.byteAt(1) & 0x01) != 0
        ? nexus.refuse(SenseData.invalidFieldInCdb(1, 0)) // ANCHOR
        : nexus.unit().unmap(command, command.shortAt(7));
  }

  /**
   * START STOP UNIT (SBC-3). There is nothing that turns: stopping flushes, and the unit stays
   * ready, for it is shared, and one host that shuts down must not take it from the others. Nothing
   * can be ejected, and there are no power conditions.
   */
  private static Execution startStop(DiskNexus nexus, Command command) {
    int flags = command.byteAt(4);
    boolean starts = (flags & 0x01) != 0;
    boolean loadsOrEjects = (flags & 0x02) != 0;
    boolean flushes = (flags & 0x04) == 0;
    Execution refusal = !starts || loadsOrEjects ? nexus.refusal(Access.WRITE) : null;
    if (refusal != null) {
      return refusal;
    }
    if ((flags & 0xf0) != 0) {
      return nexus.refuse(SenseData.invalidFieldInCdb(4, 7));
    }
    if (loadsOrEjects) {
      return nexus.refuse(SenseData.invalidFieldInCdb(4, 1));
    }
    boolean immediately = (command.byteAt(1) & 0x01) != 0;
    return !starts && flushes ? nexus.unit().flush(immediately) : BlockUnit.good();
  }

  /** RDPROTECT, WRPROTECT or VRPROTECT: the unit keeps no protection information. */
  private static boolean isProtected(Command command) {
    return (command.cdb()[1] & 0xe0) != 0;
  }

  private static Execution protectionRefused(DiskNexus nexus) {
    return nexus.refuse(SenseData.invalidFieldInCdb(1, 7));
  }

  private static boolean isFua(Command command) {
    return (command.cdb()[1] & FUA) != 0;
  }

  private static boolean isImmediate(Command command) {
    return (command.cdb()[1] & IMMED) != 0;
  }

  private static int byteCheck(Command command) {
    return (command.byteAt(1) >> 1) & 0x03;
  }

  private static long lba6(Command command) {
    return command.intAt(0) & 0x1f_ffff;
  }

  /** In the CDBs of six bytes, 0 stands for 256 blocks. */
  private static int length6(Command command) {
    int length = command.byteAt(4);
    return length == 0 ? 256 : length;
  }
}
