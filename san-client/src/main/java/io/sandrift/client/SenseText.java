package io.sandrift.client;

import io.netty.buffer.ByteBuf;

/** What sense data say (SPC-4 clause 4.5), in numbers and in words. */
record SenseText(int key, int additional) {

  static final SenseText NONE = new SenseText(0, 0);

  static final int UNIT_ATTENTION = 0x06;
  static final int ABORTED_COMMAND = 0x0b;
  static final int NOT_READY = 0x02;

  private static final String[] KEYS = {
    "no sense", "recovered error", "not ready", "medium error", "hardware error", "illegal request",
        "unit attention",
    "data protect", "blank check", "vendor specific", "copy aborted", "aborted command", "reserved",
        "volume overflow",
    "miscompare", "completed"
  };

  /** Reads a SCSI Response's data segment: a length, then sense data in either format. */
  static SenseText parse(ByteBuf data) {
    int start = data.readerIndex() + 2;
    int length = data.readableBytes() - 2;
    if (length < 4) {
      return NONE;
    }
    int format = data.getByte(start) & 0x7f;
    if (format == 0x72 || format == 0x73) {
      return new SenseText(data.getByte(start + 1) & 0x0f, data.getUnsignedShort(start + 2));
    }
    int additional = length < 14 ? 0 : data.getUnsignedShort(start + 12);
    return new SenseText(data.getByte(start + 2) & 0x0f, additional);
  }

  /** SPC-4: "capacity data has changed". */
  boolean isCapacityChange() {
    return key == UNIT_ATTENTION && additional == 0x2a09;
  }

  /** For people. */
  String words() {
    String meaning =
        switch (additional) {
          case 0x2100 -> ": the address is beyond the end of the device";
          case 0x2707 -> ": there is no space left at the target";
          case 0x2700 -> ": the device is write-protected";
          case 0x2000 -> ": the device doesn't know the command";
          case 0x2500 -> ": there is no such logical unit";
          case 0x1100 -> ": unrecovered read error";
          case 0x0c00 -> ": write error";
          default -> "";
        };
    return "%s (sense key 0x%x, additional sense 0x%04x)%s"
        .formatted(KEYS[key], key, additional, meaning);
  }
}
