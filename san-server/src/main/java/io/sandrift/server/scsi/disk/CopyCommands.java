package io.sandrift.server.scsi.disk;

import io.sandrift.server.scsi.copy.CopyLimits;
import io.sandrift.server.scsi.copy.ExtendedCopy;
import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.spc.ParameterData;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.ResponseListener;
import io.sandrift.server.scsi.task.SenseData;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** EXTENDED COPY(LID1) and RECEIVE COPY RESULTS, decoded from their CDBs. */
final class CopyCommands {

  private CopyCommands() {}

  static List<DiskCommand> all() {
    return List.of(
        DiskCommand.lasting(
            0x00,
            "83 00 00 00 00 00 00 00 00 00 ff ff ff ff 00 00",
            Access.WRITE,
            (n, c) -> ParameterList.receive(n, c, c.intAt(10), new Copy(n))),
        DiskCommand.of(
            0x00,
            "84 00 ff 00 00 00 00 00 00 00 ff ff ff ff 00 00",
            Access.WRITE,
            CopyCommands::status),
        DiskCommand.of(
            0x03,
            "84 03 00 00 00 00 00 00 00 00 ff ff ff ff 00 00",
            Access.INFORMATION,
            (n, c) -> CopyLimits.operatingParameters().toExecution(c.intAt(10))));
  }

  private static Execution status(DiskNexus nexus, Command command) {
    Optional<ParameterData> status =
        nexus.disk().copyResults().status(nexus.id(), command.byteAt(2));
    return status.isPresent()
        ? status.get().toExecution(command.intAt(10))
        : nexus.refuse(SenseData.invalidFieldInCdb(2));
  }

  /** A copy from its parameter list on; used on the session's thread. */
  private static final class Copy implements ParameterList.Action {

    private final DiskNexus nexus;
    private @Nullable ExtendedCopy work;

    Copy(DiskNexus nexus) {
      this.nexus = nexus;
    }

    @Override
    public void perform(byte[] list, ResponseListener listener) {
      DiskDeviceServer disk = nexus.disk();
      ExtendedCopy.Begun begun =
          ExtendedCopy.of(nexus.unit(), disk.copyResults(), nexus.id(), disk.directory(), list);
      if (begun instanceof ExtendedCopy.Begun.Copying copying) {
        work = copying.work();
        work.copy(listener);
      } else {
        listener.done(((ExtendedCopy.Begun.Refused) begun).response());
      }
    }

    @Override
    public void stop() {
      if (work != null) {
        work.stop();
      }
    }
  }
}
