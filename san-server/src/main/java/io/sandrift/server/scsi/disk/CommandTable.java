package io.sandrift.server.scsi.disk;

import io.sandrift.server.scsi.spc.OperationCodeReport;
import io.sandrift.server.scsi.task.Command;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every command that a disk knows, found by its CDB. Never changes. */
final class CommandTable {

  private static final CommandTable DISK =
      new CommandTable(
          Stream.of(
                  PrimaryCommands.all(),
                  BlockCommands.all(),
                  ReservationCommands.all(),
                  CopyCommands.all())
              .flatMap(List::stream)
              .sorted(
                  Comparator.<DiskCommand>comparingInt(c -> c.description().operationCode())
                      .thenComparingInt(c -> c.description().serviceAction()))
              .toList());

  private static final int SERVICE_ACTIONS = 0x20;

  // By operation code and service action; a command without service actions is in all its places.
  private final @Nullable DiskCommand[] rows = new DiskCommand[0x100 * SERVICE_ACTIONS];
  private final boolean[] known = new boolean[0x100];
  private final OperationCodeReport report;

  private CommandTable(List<DiskCommand> commands) {
    for (DiskCommand command : commands) {
      int code = command.description().operationCode();
      known[code] = true;
      int first = code * SERVICE_ACTIONS;
      if (command.description().hasServiceAction()) {
        rows[first + command.description().serviceAction()] = command;
      } else {
        Arrays.fill(rows, first, first + SERVICE_ACTIONS, command);
      }
    }
    report = new OperationCodeReport(commands.stream().map(DiskCommand::description).toList());
  }

  /** A disk's. */
  static CommandTable ofDisk() {
    return DISK;
  }

  /** The command with this CDB, or null if there is none. */
  @Nullable DiskCommand find(Command command) {
    int serviceAction = command.cdb()[1] & (SERVICE_ACTIONS - 1);
    return rows[command.operationCode() * SERVICE_ACTIONS + serviceAction];
  }

  /** Whether there is any command with this operation code. */
  boolean knows(int operationCode) {
    return known[operationCode];
  }

  /** What REPORT SUPPORTED OPERATION CODES reports. */
  OperationCodeReport report() {
    return report;
  }
}
