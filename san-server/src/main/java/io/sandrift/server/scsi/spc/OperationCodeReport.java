package io.sandrift.server.scsi.spc;

import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.SenseData;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** REPORT SUPPORTED OPERATION CODES and REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4). */
public final class OperationCodeReport {

  private static final int TIMEOUTS_DESCRIPTOR_LENGTH = 0x0a;
  private static final int CTDP = 0x02;
  private static final int SERVACTV = 0x01;
  private static final int SUPPORTED_AS_THE_STANDARD_SAYS = 0x03;
  private static final int NOT_SUPPORTED = 0x01;

  private final List<SupportedCommand> commands;

  /** Reports these commands, in this order. */
  public OperationCodeReport(List<SupportedCommand> commands) {
    this.commands = List.copyOf(commands);
  }

  /** Answers REPORT SUPPORTED OPERATION CODES. */
  public Execution report(Command command, Function<SenseData, Execution> refuse) {
    boolean timeouts = (command.byteAt(2) & 0x80) != 0;
    int operationCode = command.byteAt(3);
    int serviceAction = command.shortAt(4);
    long allocationLength = command.intAt(6);
    boolean hasServiceActions =
        commands.stream().anyMatch(c -> c.operationCode() == operationCode && c.hasServiceAction());
    boolean isKnown = commands.stream().anyMatch(c -> c.operationCode() == operationCode);
    int reportingOptions = command.byteAt(2) & 0x07;
    // An option that doesn't fit the operation code: the code alone, or with a service action.
    boolean misfit =
        (reportingOptions == 1 && hasServiceActions)
            || (reportingOptions == 2 && isKnown && !hasServiceActions);
    if (reportingOptions > 3 || misfit) {
      return refuse.apply(SenseData.invalidFieldInCdb(2, 2));
    }
    ParameterData data =
        reportingOptions == 0
            ? all(timeouts)
            : one(
                find(
                    operationCode,
                    hasServiceActions ? serviceAction : SupportedCommand.NO_SERVICE_ACTION),
                timeouts);
    return data.toExecution(allocationLength);
  }

  private Optional<SupportedCommand> find(int operationCode, int serviceAction) {
    return commands.stream()
        .filter(c -> c.operationCode() == operationCode && c.serviceAction() == serviceAction)
        .findFirst();
  }

  /* 0 length, then per command: 0 code, 2 service action, 5 CTDP and SERVACTV, 6 CDB length. */
  private ParameterData all(boolean timeouts) {
    ParameterData data = new ParameterData().u32(0);
    for (SupportedCommand command : commands) {
      data.u8(command.operationCode()).u8(0);
      data.u16(command.hasServiceAction() ? command.serviceAction() : 0).u8(0);
      data.u8((timeouts ? CTDP : 0) | (command.hasServiceAction() ? SERVACTV : 0));
      data.u16(command.usage().length);
      if (timeouts) {
        appendTimeouts(data, command);
      }
    }
    data.setU32(0, data.length() - 4);
    return data;
  }

  /* 1 CTDP and SUPPORT, 2 CDB size, 4 CDB usage data. */
  private static ParameterData one(Optional<SupportedCommand> found, boolean timeouts) {
    ParameterData data = new ParameterData().u8(0);
    if (found.isEmpty()) {
      return data.u8(NOT_SUPPORTED).u16(0);
    }
    SupportedCommand command = found.get();
    data.u8((timeouts ? 0x80 : 0) | SUPPORTED_AS_THE_STANDARD_SAYS);
    data.u16(command.usage().length).bytes(command.usage());
    if (timeouts) {
      appendTimeouts(data, command);
    }
    return data;
  }

  /* 0 length, 4 nominal processing timeout (0: not said), 8 recommended timeout, in seconds. */
  private static void appendTimeouts(ParameterData data, SupportedCommand command) {
    data.u16(TIMEOUTS_DESCRIPTOR_LENGTH).u8(0).u8(0).u32(0).u32(command.timeoutSeconds());
  }

  /**
   * Answers REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS: abort task, abort task set, clear task set,
   * logical unit reset and target reset are what the iSCSI target performs.
   */
  public static Execution taskManagementFunctions(Command command) {
    boolean extended = (command.byteAt(2) & 0x80) != 0;
    ParameterData data = new ParameterData().u8(0xda).u8(0).u8(0).u8(extended ? 0x0c : 0);
    if (extended) {
      data.zeros(12);
    }
    return data.toExecution(command.intAt(6));
  }
}
