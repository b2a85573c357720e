package io.sandrift.server.session;

/** What a SCSI command does, as far as counting goes: by its operation code (SBC-3, SPC-4). */
public enum CommandKind {
  /** READ. */
  READ,
  /** Changes blocks: WRITE in all its forms, WRITE SAME, UNMAP, COMPARE AND WRITE. */
  WRITE,
  /** SYNCHRONIZE CACHE. */
  FLUSH,
  /** All else. */
  OTHER;

  private static final CommandKind[] BY_OPERATION_CODE = new CommandKind[256];

  static {
    for (int code = 0; code < BY_OPERATION_CODE.length; code++) {
      BY_OPERATION_CODE[code] =
          switch (code) {
            case 0x08, 0x28, 0xa8, 0x88 -> READ;
            case 0x0a, 0x2a, 0xaa, 0x8a, 0x2e, 0xae, 0x8e, 0x41, 0x93, 0x42, 0x89, 0x8b, 0x9c ->
                WRITE;
            case 0x35, 0x91 -> FLUSH;
            default -> OTHER;
          };
    }
  }

  /** The kind of the command with an operation code, 0 to 255. */
  static CommandKind of(int operationCode) {
    return BY_OPERATION_CODE[operationCode];
  }
}
