package io.sandrift.server.scsi.disk;

import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.scsi.copy.CopyResults;
import io.sandrift.server.scsi.copy.DiskDirectory;
import io.sandrift.server.scsi.copy.ThirdPartyCopyPage;
import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.reservation.LogicalUnitReservations;
import io.sandrift.server.scsi.reservation.Registrant;
import io.sandrift.server.scsi.reservation.ReservationJournal;
import io.sandrift.server.scsi.reservation.ReservationOutcome;
import io.sandrift.server.scsi.sbc.BlockLimits;
import io.sandrift.server.scsi.sbc.BlockUnit;
import io.sandrift.server.scsi.spc.DeviceIdentification;
import io.sandrift.server.scsi.spc.DiskIdentity;
import io.sandrift.server.scsi.spc.ModePages;
import io.sandrift.server.scsi.spc.ModeParameters;
import io.sandrift.server.scsi.spc.VitalProductData;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.DeviceServer;
import io.sandrift.server.scsi.task.Nexus;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.scsi.task.NexusListener;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A volume as a SCSI disk at LUN 0. Any thread may call; what nexuses share is small and either
 * immutable or guards itself.
 */
public final class DiskDeviceServer implements DeviceServer, DiskDirectory.CopyDisk {

  private final DiskIdentity identity;
  private final BlockUnit unit;
  private final LogicalUnitReservations reservations;
  private final VitalProductData vitalProductData;
  private final CopyResults copyResults = new CopyResults();
  private final DiskDirectory directory;
  private final Set<DiskNexus> nexuses = ConcurrentHashMap.newKeySet();
  private volatile ModeParameters mode = ModeParameters.DEFAULT;

  /**
   * A disk over a device.
   *
   * @param blockBytes a logical block's length, 512 or 4096
   * @param journal keeps the registrations that ask to survive power loss
   * @param directory finds the other disks of this system, for EXTENDED COPY
   * @param executor does work that would hold up an event loop; bounded, and stopped by the caller
   * @throws IllegalArgumentException when the journal's content can't be read, or the block length
   *     is neither
   */
  public DiskDeviceServer(
      DiskIdentity identity,
      StripedDevice device,
      int blockBytes,
      ReservationJournal journal,
      DiskDirectory directory,
      Executor executor) {
    this.identity = identity;
    this.directory =
        (type, designator) ->
            isDesignatedBy(type, designator) ? Optional.of(this) : directory.find(type, designator);
    this.reservations = new LogicalUnitReservations(journal);
    BlockLimits limits = new BlockLimits(blockBytes, device.unitBytes());
    this.unit = new BlockUnit(device, limits, () -> mode, executor);
    this.vitalProductData =
        new VitalProductData(
            identity,
            Map.of(
                0x8f, ThirdPartyCopyPage::page,
                0xb0, limits::blockLimitsPage,
                0xb1, BlockLimits::characteristicsPage,
                0xb2, BlockLimits::provisioningPage));
  }

  @Override
  public Nexus attach(NexusId id, NexusListener listener) {
    return attach(id, listener, unit, () -> {});
  }

  /**
   * This disk for one nexus, whose I/O takes a way of its own.
   *
   * @param device that way to the same bytes
   * @param onClose run when the nexus has ended
   */
  public DeviceServer by(StripedDevice device, Runnable onClose) {
    BlockUnit its = unit.by(device);
    return new DeviceServer() {
      @Override
      public Nexus attach(NexusId id, NexusListener listener) {
        return DiskDeviceServer.this.attach(id, listener, its, onClose);
      }

      @Override
      public void reset(Nexus cause) {
        DiskDeviceServer.this.reset(cause);
      }
    };
  }

  private Nexus attach(NexusId id, NexusListener listener, BlockUnit its, Runnable onClose) {
    DiskNexus nexus = new DiskNexus(this, id, listener, its, onClose);
    nexuses.add(nexus);
    return nexus;
  }

  @Override
  public void reset(Nexus cause) {
    reservations.reset();
    synchronized (this) {
      mode = ModeParameters.DEFAULT;
    }
    for (DiskNexus nexus : nexuses) {
      nexus.establish(AdditionalSense.POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED);
      nexus.abortTasks();
    }
  }

  /** The device has grown: every nexus is told to ask for the capacity again. */
  public void capacityChanged() {
    establishForAll(null, AdditionalSense.CAPACITY_DATA_HAS_CHANGED);
  }

  /** Whether a designator, as in a designation descriptor, names this disk. */
  public boolean isDesignatedBy(int type, byte[] designator) {
    return DeviceIdentification.designates(identity, type, designator);
  }

  @Override
  public boolean allows(NexusId nexus, Access access) {
    return reservations.allows(nexus, access);
  }

  /** The block commands, on this disk's device. */
  @Override
  public BlockUnit blockUnit() {
    return unit;
  }

  DiskIdentity identity() {
    return identity;
  }

  LogicalUnitReservations reservations() {
    return reservations;
  }

  VitalProductData vitalProductData() {
    return vitalProductData;
  }

  CopyResults copyResults() {
    return copyResults;
  }

  DiskDirectory directory() {
    return directory;
  }

  ModeParameters mode() {
    return mode;
  }

  /**
   * MODE SELECT by {@code by}: one at a time, so that none undoes another's change. If it changed
   * anything, the other nexuses are told.
   *
   * @param flags the CDB's second byte
   */
  synchronized ModePages.Result select(
      DiskNexus by, boolean tenByte, int flags, byte[] parameterList) {
    ModePages.Result result =
        ModePages.select(mode, tenByte, flags, parameterList, unit.blocks(), unit.blockBytes());
    if (result instanceof ModePages.Result.Selected selected
        && !selected.parameters().equals(mode)) {
      mode = selected.parameters();
      establishForAll(by, AdditionalSense.MODE_PARAMETERS_CHANGED);
    }
    return result;
  }

  /** Tells those whom an accepted PERSISTENT RESERVE OUT concerns. */
  void deliver(ReservationOutcome.Accepted accepted, DiskNexus by) {
    for (ReservationOutcome.Notice notice : accepted.notices()) {
      for (DiskNexus nexus : nexuses) {
        if (nexus != by && notice.to().covers(nexus.id())) {
          nexus.establish(notice.what());
        }
      }
    }
    for (Registrant victim : accepted.aborted()) {
      for (DiskNexus nexus : nexuses) {
        if (nexus != by && victim.covers(nexus.id())) {
          nexus.abortTasks();
        }
      }
    }
  }

  /** False if it was detached already. */
  boolean detach(DiskNexus nexus) {
    if (!nexuses.remove(nexus)) {
      return false;
    }
    reservations.end(nexus.id());
    return true;
  }

  private void establishForAll(@Nullable DiskNexus but, AdditionalSense what) {
    for (DiskNexus nexus : nexuses) {
      if (nexus != but) {
        nexus.establish(what);
      }
    }
  }
}
