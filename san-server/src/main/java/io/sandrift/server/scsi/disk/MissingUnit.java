package io.sandrift.server.scsi.disk;

import io.sandrift.server.scsi.spc.InquiryData;
import io.sandrift.server.scsi.spc.ParameterData;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.SenseData;
import io.sandrift.server.scsi.task.SenseKey;

/** What is answered for a logical unit that isn't there (SAM-5, incorrect logical unit numbers). */
final class MissingUnit {

  private static final SenseData NOT_SUPPORTED =
      SenseData.of(SenseKey.ILLEGAL_REQUEST, AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED);

  private MissingUnit() {}

  static Execution start(DiskNexus nexus, Command command) {
    return switch (command.operationCode()) {
      case PrimaryCommands.REPORT_LUNS -> PrimaryCommands.reportLuns(nexus, command);
      case PrimaryCommands.REQUEST_SENSE ->
          new ParameterData()
              .bytes(NOT_SUPPORTED.encode((command.byteAt(1) & 0x01) != 0))
              .toExecution(command.byteAt(4));
      case PrimaryCommands.INQUIRY ->
          (command.byteAt(1) | command.byteAt(2)) == 0
              ? InquiryData.ofMissingUnit(nexus.disk().identity()).toExecution(command.shortAt(3))
              : nexus.refuse(NOT_SUPPORTED);
      default -> nexus.refuse(NOT_SUPPORTED);
    };
  }
}
