package io.sandrift.server.scsi.disk;

import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.spc.SupportedCommand;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;

/**
 * A row of the {@link CommandTable}: what a command looks like, and who carries it out.
 *
 * @param reportsAttention whether it ends with a unit attention if one is owed; INQUIRY, REPORT
 *     LUNS and REQUEST SENSE do not (SAM-5, unit attention conditions)
 */
record DiskCommand(SupportedCommand description, boolean reportsAttention, Handler handler) {

  /** An initiator's advised patience with commands that take a bounded time, in seconds. */
  static final int SHORT = 30;

  /** The same for commands whose time grows with the number of blocks they name. */
  static final int LONG = 600;

  /** Begins a command that has passed the checks which all commands share. */
  @FunctionalInterface
  interface Handler {
    Execution start(DiskNexus nexus, Command command);
  }

  /** A command that takes a bounded time; {@code usage} as in {@link SupportedCommand}. */
  static DiskCommand of(String usage, Access access, Handler handler) {
    return new DiskCommand(SupportedCommand.of(usage, access, SHORT), true, handler);
  }

  /** One service action of a command. */
  static DiskCommand of(int serviceAction, String usage, Access access, Handler handler) {
    return new DiskCommand(SupportedCommand.of(serviceAction, usage, access, SHORT), true, handler);
  }

  /** A command whose time grows with the number of blocks it names. */
  static DiskCommand lasting(String usage, Access access, Handler handler) {
    return new DiskCommand(SupportedCommand.of(usage, access, LONG), true, handler);
  }

  /** One service action whose time grows with the number of blocks it names. */
  static DiskCommand lasting(int serviceAction, String usage, Access access, Handler handler) {
    return new DiskCommand(SupportedCommand.of(serviceAction, usage, access, LONG), true, handler);
  }

  /** This command, leaving unit attentions to others. */
  DiskCommand thatReportsNoAttention() {
    return new DiskCommand(description, false, handler);
  }

  /** Where the CDB's CONTROL byte is. */
  int controlOffset() {
    return description.usage().length - 1;
  }
}
