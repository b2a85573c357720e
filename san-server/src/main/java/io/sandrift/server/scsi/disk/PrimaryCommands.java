package io.sandrift.server.scsi.disk;

import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.sbc.BlockUnit;
import io.sandrift.server.scsi.spc.InquiryData;
import io.sandrift.server.scsi.spc.ModePages;
import io.sandrift.server.scsi.spc.ModePages.PageControl;
import io.sandrift.server.scsi.spc.OperationCodeReport;
import io.sandrift.server.scsi.spc.ParameterData;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.SenseData;
import io.sandrift.server.scsi.task.SenseKey;
import io.sandrift.server.scsi.unit.UnitRules;
import java.util.List;
import java.util.Optional;

/** The commands of every SCSI device (SPC-4), decoded from their CDBs. */
final class PrimaryCommands {

  static final int REQUEST_SENSE = 0x03;
  static final int INQUIRY = 0x12;
  static final int REPORT_LUNS = 0xa0;

  private static final PageControl[] PAGE_CONTROLS = PageControl.values();

  private PrimaryCommands() {}

  static List<DiskCommand> all() {
    return List.of(
        DiskCommand.of("00 00 00 00 00 00", Access.INFORMATION, (n, c) -> BlockUnit.good()),
        DiskCommand.of("03 01 00 00 ff 00", Access.ALWAYS, PrimaryCommands::requestSense)
            .thatReportsNoAttention(),
        DiskCommand.of("12 01 ff ff ff 00", Access.ALWAYS, PrimaryCommands::inquiry)
            .thatReportsNoAttention(),
        DiskCommand.of(
            "15 11 00 00 ff 00", Access.WRITE, (n, c) -> modeSelect(n, c, false, c.byteAt(4))),
        DiskCommand.of(
            "1a 08 ff ff ff 00", Access.WRITE, (n, c) -> modeSense(n, c, false, c.byteAt(4))),
        DiskCommand.of("1d 04 00 00 00 00", Access.WRITE, PrimaryCommands::sendDiagnostic),
        DiskCommand.of("1e 00 00 00 03 00", Access.OWN_RULES, PrimaryCommands::preventAllow),
        DiskCommand.of(
            "55 11 00 00 00 00 00 ff ff 00",
            Access.WRITE,
            (n, c) -> modeSelect(n, c, true, c.shortAt(7))),
        DiskCommand.of(
            "5a 18 ff ff 00 00 00 ff ff 00",
            Access.WRITE,
            (n, c) -> modeSense(n, c, true, c.shortAt(7))),
        DiskCommand.of(
                "a0 00 ff 00 00 00 ff ff ff ff 00 00", Access.ALWAYS, PrimaryCommands::reportLuns)
            .thatReportsNoAttention(),
        DiskCommand.of(
            0x0c,
            "a3 0c 87 ff ff ff ff ff ff ff 00 00",
            Access.INFORMATION,
            (n, c) -> CommandTable.ofDisk().report().report(c, n::refuse)),
        DiskCommand.of(
            0x0d,
            "a3 0d 80 00 00 00 ff ff ff ff 00 00",
            Access.INFORMATION,
            (n, c) -> OperationCodeReport.taskManagementFunctions(c)));
  }

  private static Execution inquiry(DiskNexus nexus, Command command) {
    int allocationLength = command.shortAt(3);
    int page = command.byteAt(2);
    if ((command.byteAt(1) & 0x02) != 0) {
      return nexus.refuse(SenseData.invalidFieldInCdb(1, 1)); // CMDDT, obsolete
    }
    if ((command.byteAt(1) & 0x01) == 0) {
      return page == 0
          ? InquiryData.ofDisk(nexus.disk().identity()).toExecution(allocationLength)
          : nexus.refuse(SenseData.invalidFieldInCdb(2));
    }
    Optional<ParameterData> found =
        nexus.disk().vitalProductData().page(page, nexus.id().relativeTargetPort());
    return found.isPresent()
        ? found.get().toExecution(allocationLength)
        : nexus.refuse(SenseData.invalidFieldInCdb(2));
  }

  private static Execution requestSense(DiskNexus nexus, Command command) {
    SenseData sense =
        nexus
            .attentions()
            .take()
            .orElse(
                SenseData.of(SenseKey.NO_SENSE, AdditionalSense.NO_ADDITIONAL_SENSE_INFORMATION));
    return new ParameterData()
        .bytes(sense.encode((command.byteAt(1) & 0x01) != 0))
        .toExecution(command.byteAt(4));
  }

  /** REPORT LUNS (SPC-4): there is LUN 0, and no well known logical unit. */
  static Execution reportLuns(DiskNexus nexus, Command command) {
    int selectReport = command.byteAt(2);
    if (selectReport > 2) {
      return nexus.refuse(SenseData.invalidFieldInCdb(2));
    }
    ParameterData data = new ParameterData();
    if (selectReport == 1) {
      data.u32(0).u32(0);
    } else {
      data.u32(8).u32(0).u64(0);
    }
    return data.toExecution(command.intAt(6));
  }

  private static Execution modeSense(
      DiskNexus nexus, Command command, boolean tenByte, int allocationLength) {
    ModePages.Result result =
        ModePages.sense(
            nexus.disk().shared().mode(),
            tenByte,
            (command.byteAt(1) & 0x10) != 0,
            (command.byteAt(1) & 0x08) == 0,
            PAGE_CONTROLS[command.byteAt(2) >> 6],
            command.byteAt(2) & 0x3f,
            command.byteAt(3),
            nexus.unit().blocks(),
            nexus.unit().blockBytes());
    return result instanceof ModePages.Result.Sensed sensed
        ? sensed.data().toExecution(allocationLength)
        : nexus.refuse(((ModePages.Result.Refused) result).sense());
  }

  private static Execution modeSelect(
      DiskNexus nexus, Command command, boolean tenByte, int length) {
    return ParameterList.receive(
        nexus,
        command,
        length,
        new ChangeByList<ModePages.Result>(nexus) {
          @Override
          Asked<ModePages.Result> read(byte[] list) {
            return ask(
                UnitRules.select(
                    nexus.id(),
                    mode ->
                        ModePages.select(
                            mode,
                            tenByte,
                            command.byteAt(1),
                            list,
                            nexus.unit().blocks(),
                            nexus.unit().blockBytes())));
          }

          @Override
          Response answer(ModePages.Result result) {
            return result instanceof ModePages.Result.Refused refused
                ? nexus.unit().check(refused.sense())
                : Response.GOOD;
          }
        });
  }

  /** Only the default self-test (SELFTEST), which has nothing to test and passes. */
  private static Execution sendDiagnostic(DiskNexus nexus, Command command) {
    boolean isDefaultSelfTest = (command.byteAt(1) & 0xf4) == 0x04 && command.shortAt(3) == 0;
    return isDefaultSelfTest ? BlockUnit.good() : nexus.refuse(SenseData.invalidFieldInCdb(1));
  }

  /** The medium can't be removed (RMB = 0), so that preventing it is always done already. */
  private static Execution preventAllow(DiskNexus nexus, Command command) {
    int prevent = command.byteAt(4) & 0x03;
    if (prevent > 1) {
      return nexus.refuse(SenseData.invalidFieldInCdb(4, 1));
    }
    Execution refusal = prevent == 0 ? null : nexus.refusal(Access.WRITE);
    return refusal == null ? BlockUnit.good() : refusal;
  }
}
