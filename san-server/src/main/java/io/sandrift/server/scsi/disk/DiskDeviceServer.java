package io.sandrift.server.scsi.disk;

import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.scsi.copy.CopyResults;
import io.sandrift.server.scsi.copy.DiskDirectory;
import io.sandrift.server.scsi.copy.ThirdPartyCopyPage;
import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.sbc.BlockLimits;
import io.sandrift.server.scsi.sbc.BlockUnit;
import io.sandrift.server.scsi.spc.DeviceIdentification;
import io.sandrift.server.scsi.spc.DiskIdentity;
import io.sandrift.server.scsi.spc.VitalProductData;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.DeviceServer;
import io.sandrift.server.scsi.task.Nexus;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.scsi.task.NexusListener;
import io.sandrift.server.scsi.unit.SharedUnit;
import io.sandrift.server.scsi.unit.UnitChanges.Outcome;
import io.sandrift.server.scsi.unit.UnitEvent;
import io.sandrift.server.scsi.unit.UnitRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * A volume as a SCSI disk at LUN 0. Any thread may call; what nexuses share is small and either
 * immutable or guards itself.
 */
public final class DiskDeviceServer implements DeviceServer, DiskDirectory.CopyDisk {

  private final DiskIdentity identity;
  private final BlockUnit unit;
  private final SharedUnit shared;
  private final VitalProductData vitalProductData;
  private final CopyResults copyResults = new CopyResults();
  private final DiskDirectory directory;
  private final Set<DiskNexus> nexuses = ConcurrentHashMap.newKeySet();

  /**
   * A disk over a device.
   *
   * @param blockBytes a logical block's length, 512 or 4096
   * @param shared the state that all servers of the disk share
   * @param directory finds the other disks of this system, for EXTENDED COPY
   * @param executor does work that would hold up an event loop; bounded, and stopped by the caller
   * @throws IllegalArgumentException when the block length is neither
   */
  public DiskDeviceServer(
      DiskIdentity identity,
      StripedDevice device,
      int blockBytes,
      SharedUnit shared,
      DiskDirectory directory,
      Executor executor) {
    this.identity = identity;
    this.directory =
        (type, designator) ->
            isDesignatedBy(type, designator) ? Optional.of(this) : directory.find(type, designator);
    this.shared = shared;
    shared.deliverTo(new Attached());
    BlockLimits limits = new BlockLimits(blockBytes, device.unitBytes());
    this.unit = new BlockUnit(device, limits, shared::mode, executor);
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
      public CompletableFuture<Boolean> reset(Nexus cause) {
        return DiskDeviceServer.this.reset(cause);
      }
    };
  }

  private Nexus attach(NexusId id, NexusListener listener, BlockUnit its, Runnable onClose) {
    DiskNexus nexus = new DiskNexus(this, id, listener, its, onClose);
    nexuses.add(nexus);
    Set<AdditionalSense> owed = shared.owedTo(id);
    if (!owed.isEmpty()) {
      owed.forEach(nexus::establish);
      shared.change(UnitRules.pay(id), outcome -> {});
    }
    return nexus;
  }

  @Override
  public CompletableFuture<Boolean> reset(Nexus cause) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    shared.change(
        UnitRules.reset(cause.id()), outcome -> done.complete(outcome instanceof Outcome.Made));
    return done;
  }

  /** The device has grown: every nexus is told to ask for the capacity again. */
  public void capacityChanged() {
    nexuses.forEach(nexus -> nexus.establish(AdditionalSense.CAPACITY_DATA_HAS_CHANGED));
  }

  /** Whether a designator, as in a designation descriptor, names this disk. */
  public boolean isDesignatedBy(int type, byte[] designator) {
    return DeviceIdentification.designates(identity, type, designator);
  }

  @Override
  public boolean allows(NexusId nexus, Access access) {
    return shared.verdict(nexus, access) == SharedUnit.Verdict.ALLOWED;
  }

  /** The block commands, on this disk's device. */
  @Override
  public BlockUnit blockUnit() {
    return unit;
  }

  DiskIdentity identity() {
    return identity;
  }

  SharedUnit shared() {
    return shared;
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

  /** False if it was detached already. */
  boolean detach(DiskNexus nexus) {
    if (!nexuses.remove(nexus)) {
      return false;
    }
    Set<AdditionalSense> untold = nexus.attentions().pending();
    if (UnitRules.isOwed(untold)) {
      shared.change(UnitRules.owe(nexus.id(), untold), outcome -> {});
    }
    return true;
  }

  /** RESERVE's reservation ends with its nexus. */
  void endReserve(NexusId nexus, Runnable done) {
    shared.change(UnitRules.end(shared.simpleReservation(nexus)), outcome -> done.run());
  }

  /** How what other servers' nexuses bring about reaches those that are logged in here. */
  private final class Attached implements SharedUnit.Nexuses {

    @Override
    public CompletableFuture<Void> deliver(UnitEvent event) {
      List<CompletableFuture<Void>> ending = new ArrayList<>();
      for (DiskNexus nexus : nexuses) {
        if (event.tells(nexus.id())) {
          event.attention().ifPresent(nexus::establish);
        }
        if (event.abortsTasksOf(nexus.id())) {
          ending.add(nexus.abortTasks());
        }
      }
      return CompletableFuture.allOf(ending.toArray(CompletableFuture[]::new));
    }

    @Override
    public boolean pay(NexusId id, Set<AdditionalSense> owed) {
      boolean isHere = false;
      for (DiskNexus nexus : nexuses) {
        if (nexus.id().equals(id)) {
          owed.forEach(nexus::establish);
          isHere = true;
        }
      }
      return isHere;
    }

    @Override
    public boolean isHere(NexusId id) {
      return nexuses.stream().anyMatch(nexus -> nexus.id().equals(id));
    }
  }
}
