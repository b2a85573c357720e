package io.sandrift.server.scsi.spc;

import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.SenseData;
import io.sandrift.server.scsi.task.SenseKey;
import java.nio.ByteBuffer;

/**
 * The mode pages of a disk as bytes, for MODE SENSE and MODE SELECT (SPC-4, SBC-3). Pages can't be
 * saved (PS = 0).
 */
public final class ModePages {

  /** The page code that asks for all pages. */
  private static final int ALL_PAGES = 0x3f;

  private static final int ALL_SUBPAGES = 0xff;

  private static final int READ_WRITE_ERROR_RECOVERY = 0x01;
  private static final int CACHING = 0x08;
  private static final int CONTROL = 0x0a;
  private static final int INFORMATIONAL_EXCEPTIONS = 0x1c;
  private static final int[] PAGES = {
    READ_WRITE_ERROR_RECOVERY, CACHING, CONTROL, INFORMATIONAL_EXCEPTIONS
  };

  private static final int WCE = 0x04;
  private static final int D_SENSE = 0x04;
  private static final int SWP = 0x08;

  // Control, byte 2: TST = 001b, a task set for each nexus; the transport keeps them per session.
  private static final int TST_PER_NEXUS = 0x20;
  // Control, byte 3: QUEUE ALGORITHM MODIFIER = 1h, tasks may be reordered freely.
  private static final int UNRESTRICTED_REORDERING = 0x10;

  private static final int DEVICE_SPECIFIC_WP = 0x80;
  private static final int DEVICE_SPECIFIC_DPOFUA = 0x10;

  private static final int PF_IS_SET = 0x10;

  /** Which values MODE SENSE is asked for: the page control field (SPC-4). */
  public enum PageControl {
    CURRENT,
    CHANGEABLE,
    DEFAULT,
    SAVED
  }

  /** What MODE SENSE or MODE SELECT comes to. */
  public sealed interface Result {
    /** MODE SENSE's parameter data. */
    record Sensed(ParameterData data) implements Result {}

    /** MODE SELECT's effect. */
    record Selected(ModeParameters parameters) implements Result {}

    /** CHECK CONDITION. */
    record Refused(SenseData sense) implements Result {}
  }

  private ModePages() {}

  /**
   * MODE SENSE.
   *
   * @param tenByte whether it is MODE SENSE(10), whose header is longer
   * @param longLbaAccepted LLBAA: the block descriptor may be the long one
   * @param blockDescriptor whether one is wanted (DBD = 0)
   * @param blocks the number of logical blocks
   */
  public static Result sense(
      ModeParameters current,
      boolean tenByte,
      boolean longLbaAccepted,
      boolean blockDescriptor,
      PageControl control,
      int page,
      int subpage,
      long blocks,
      int blockBytes) {
    if (control == PageControl.SAVED) {
      return refused(
          SenseData.of(SenseKey.ILLEGAL_REQUEST, AdditionalSense.SAVING_PARAMETERS_NOT_SUPPORTED));
    }
    if (subpage != 0 && subpage != ALL_SUBPAGES) {
      return refused(SenseData.invalidFieldInCdb(3));
    }
    ParameterData data = new ParameterData();
    data.zeros(tenByte ? 8 : 4);
    int deviceSpecific =
        DEVICE_SPECIFIC_DPOFUA | (current.writeProtected() ? DEVICE_SPECIFIC_WP : 0);
    data.setU8(tenByte ? 3 : 2, deviceSpecific);
    if (blockDescriptor) {
      boolean isLong = tenByte && longLbaAccepted;
      appendBlockDescriptor(data, isLong, blocks, blockBytes);
      if (isLong) {
        data.setU8(4, 0x01);
      }
      data.setU8(tenByte ? 7 : 3, isLong ? 16 : 8);
    }
    int before = data.length();
    for (int code : PAGES) {
      if (page == ALL_PAGES || page == code) {
        appendPage(data, code, current, control);
      }
    }
    if (data.length() == before) {
      return refused(SenseData.invalidFieldInCdb(2, 5));
    }
    if (tenByte) {
      data.setU16(0, data.length() - 2);
    } else {
      data.setU8(0, data.length() - 1);
    }
    return new Result.Sensed(data);
  }

  /*
   * Short: 4 number of blocks (FFFFFFFFh: more than that), 1 reserved, 3 block
   * length. Long: 8 number of blocks, 4 reserved, 4 block length.
   */
  private static void appendBlockDescriptor(
      ParameterData data, boolean isLong, long blocks, int blockBytes) {
    if (isLong) {
      data.u64(blocks).u32(0).u32(blockBytes);
    } else {
      data.u32(Math.min(blocks, 0xffff_ffffL)).u8(0).u24(blockBytes);
    }
  }

  private static void appendPage(
      ParameterData data, int code, ModeParameters current, PageControl control) {
    data.bytes(
        switch (control) {
          case CURRENT -> page(code, current);
          case DEFAULT -> page(code, ModeParameters.DEFAULT);
          case CHANGEABLE -> changeable(code);
          case SAVED -> throw new AssertionError();
        });
  }

  private static byte[] page(int code, ModeParameters values) {
    byte[] page = empty(code);
    switch (code) {
      case READ_WRITE_ERROR_RECOVERY -> page[2] = (byte) 0xc0; // AWRE, ARRE
      case CACHING -> page[2] = (byte) (values.writeCache() ? WCE : 0);
      case CONTROL -> {
        page[2] = (byte) (TST_PER_NEXUS | (values.descriptorSense() ? D_SENSE : 0));
        page[3] = UNRESTRICTED_REORDERING;
        page[4] = (byte) (values.writeProtected() ? SWP : 0);
        page[8] = (byte) 0xff; // busy timeout period: no limit
        page[9] = (byte) 0xff;
      }
      default -> {}
    }
    return page;
  }

  private static byte[] changeable(int code) {
    byte[] page = empty(code);
    switch (code) {
      case CACHING -> page[2] = WCE;
      case CONTROL -> {
        page[2] = D_SENSE;
        page[4] = SWP;
      }
      default -> {}
    }
    return page;
  }

  private static byte[] empty(int code) {
    int length =
        switch (code) {
          case CACHING -> 20;
          default -> 12;
        };
    byte[] page = new byte[length];
    page[0] = (byte) code;
    page[1] = (byte) (length - 2);
    return page;
  }

  /**
   * MODE SELECT: what the parameter list makes of the current parameters. It must name pages whole
   * and change nothing that isn't changeable.
   *
   * @param flags the CDB's second byte
   */
  public static Result select(
      ModeParameters current,
      boolean tenByte,
      int flags,
      byte[] parameterList,
      long blocks,
      int blockBytes) {
    if ((flags & 0x01) != 0) {
      return refused(SenseData.invalidFieldInCdb(1, 0)); // SP: nothing can be saved
    }
    if ((flags & PF_IS_SET) == 0) {
      return refused(SenseData.invalidFieldInCdb(1, 4));
    }
    if (parameterList.length == 0) {
      return new Result.Selected(current);
    }
    int header = tenByte ? 8 : 4;
    if (parameterList.length < header) {
      return refused(SenseData.parameterListLengthError());
    }
    ByteBuffer list = ByteBuffer.wrap(parameterList);
    boolean longDescriptor = tenByte && (list.get(4) & 0x01) != 0;
    int descriptorLength = tenByte ? list.getShort(6) & 0xffff : list.get(3) & 0xff;
    if (descriptorLength != 0 && descriptorLength != (longDescriptor ? 16 : 8)) {
      return refused(SenseData.invalidFieldInParameterList(tenByte ? 6 : 3));
    }
    int at = header + descriptorLength;
    if (parameterList.length < at) {
      return refused(SenseData.parameterListLengthError());
    }
    if (descriptorLength != 0 && !describesUs(list, header, longDescriptor, blocks, blockBytes)) {
      return refused(SenseData.invalidFieldInParameterList(header));
    }
    ModeParameters result = current;
    while (at < parameterList.length) {
      int code = parameterList[at] & 0x3f;
      boolean hasSubpage = (parameterList[at] & 0x40) != 0;
      if (hasSubpage || !isPage(code)) {
        return refused(SenseData.invalidFieldInParameterList(at));
      }
      byte[] now = page(code, result);
      if (parameterList.length - at < now.length) {
        return refused(SenseData.parameterListLengthError());
      }
      if (parameterList[at + 1] != now[1]) {
        return refused(SenseData.invalidFieldInParameterList(at + 1));
      }
      byte[] mask = changeable(code);
      for (int i = 2; i < now.length; i++) {
        if (((parameterList[at + i] ^ now[i]) & ~mask[i]) != 0) {
          return refused(SenseData.invalidFieldInParameterList(at + i));
        }
      }
      result = changed(result, code, parameterList, at);
      at += now.length;
    }
    return new Result.Selected(result);
  }

  private static ModeParameters changed(ModeParameters from, int code, byte[] list, int at) {
    return switch (code) {
      case CACHING ->
          new ModeParameters(
              (list[at + 2] & WCE) != 0, from.descriptorSense(), from.writeProtected());
      case CONTROL ->
          new ModeParameters(
              from.writeCache(), (list[at + 2] & D_SENSE) != 0, (list[at + 4] & SWP) != 0);
      default -> from;
    };
  }

  /** A block descriptor can't change the disk: it has to repeat what is, or (count 0) nothing. */
  private static boolean describesUs(
      ByteBuffer list, int at, boolean isLong, long blocks, int blockBytes) {
    long count = isLong ? list.getLong(at) : list.getInt(at) & 0xffff_ffffL;
    int length = isLong ? list.getInt(at + 12) : list.getInt(at + 4) & 0xff_ffff;
    long ours = isLong ? blocks : Math.min(blocks, 0xffff_ffffL);
    return (count == 0 || count == ours) && length == blockBytes;
  }

  private static boolean isPage(int code) {
    for (int page : PAGES) {
      if (page == code) {
        return true;
      }
    }
    return false;
  }

  private static Result refused(SenseData sense) {
    return new Result.Refused(sense);
  }
}
