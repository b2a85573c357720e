package io.sandrift.server.scsi.disk;

import io.netty.buffer.Unpooled;
import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.sbc.BlockUnit;
import io.sandrift.server.scsi.spc.UnitAttentions;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.Command;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Nexus;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.scsi.task.NexusListener;
import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;
import io.sandrift.server.scsi.task.SenseData;
import io.sandrift.server.scsi.task.SenseKey;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One nexus of a disk. Commands come on the session's thread; attentions and aborts come from any.
 *
 * <p>A command is looked at in this order: is there such a logical unit, such a command; is a unit
 * attention owed; does a reservation forbid it; and then by the command itself.
 */
final class DiskNexus implements Nexus {

  // The same logical unit in the flat space addressing method (SAM-5).
  private static final long LUN_0_FLAT = 0x4000_0000_0000_0000L;
  private static final int NACA = 0x04;

  private static final Execution RESERVATION_CONFLICT =
      new Execution.Done(Response.of(ScsiStatus.RESERVATION_CONFLICT), Unpooled.EMPTY_BUFFER);

  /** How long a logout waits for RESERVE's reservation to be free at all servers. */
  private static final Duration LEAVING_LIMIT = Duration.ofSeconds(2);

  private static final Execution BUSY =
      new Execution.Done(Response.of(ScsiStatus.BUSY), Unpooled.EMPTY_BUFFER);

  private final DiskDeviceServer disk;
  private final NexusId id;
  private final NexusListener listener;
  private final BlockUnit unit;
  private final Runnable onClose;
  private final UnitAttentions attentions = new UnitAttentions();
  private boolean hasReserved;

  /**
   * @param unit the disk's block commands by this nexus's own way to the bytes
   * @param onClose run when it has ended
   */
  DiskNexus(
      DiskDeviceServer disk, NexusId id, NexusListener listener, BlockUnit unit, Runnable onClose) {
    this.disk = disk;
    this.id = id;
    this.listener = listener;
    this.unit = unit;
    this.onClose = onClose;
  }

  @Override
  public NexusId id() {
    return id;
  }

  @Override
  public Execution start(Command command) {
    if (command.lun() != 0 && command.lun() != LUN_0_FLAT) {
      return MissingUnit.start(this, command);
    }
    DiskCommand entry = CommandTable.ofDisk().find(command);
    if (entry == null) {
      return refuse(
          CommandTable.ofDisk().knows(command.operationCode())
              ? SenseData.invalidFieldInCdb(1, 4)
              : SenseData.of(
                  SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_COMMAND_OPERATION_CODE));
    }
    int control = entry.controlOffset();
    if ((command.cdb()[control] & NACA) != 0) {
      return refuse(SenseData.invalidFieldInCdb(control, 2));
    }
    if (attentions.isPending() && entry.reportsAttention()) {
      Optional<SenseData> attention = attentions.take();
      if (attention.isPresent()) {
        return refuse(attention.get());
      }
    }
    Execution refusal = refusal(entry.description().access());
    return refusal == null ? entry.handler().start(this, command) : refusal;
  }

  /** A refusal if reservations forbid what {@code access} describes, or may; else null. */
  @Nullable Execution refusal(Access access) {
    return switch (disk.shared().verdict(id, access)) {
      case ALLOWED -> null;
      case CONFLICT -> RESERVATION_CONFLICT;
      case UNSURE -> BUSY;
    };
  }

  @Override
  public CompletableFuture<Void> leave() {
    if (!hasReserved) {
      return CompletableFuture.completedFuture(null);
    }
    hasReserved = false;
    CompletableFuture<Void> free = new CompletableFuture<>();
    disk.endReserve(id, () -> free.complete(null));
    return free.completeOnTimeout(null, LEAVING_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    if (disk.detach(this)) {
      leave();
      onClose.run();
    }
  }

  DiskDeviceServer disk() {
    return disk;
  }

  BlockUnit unit() {
    return unit;
  }

  UnitAttentions attentions() {
    return attentions;
  }

  Execution refuse(SenseData sense) {
    return unit().refuse(sense);
  }

  static Execution conflict() {
    return RESERVATION_CONFLICT;
  }

  static Execution busy() {
    return BUSY;
  }

  /** The nexus asks for RESERVE's reservation; when it ends, that does too. */
  void reserves() {
    hasReserved = true;
  }

  void establish(AdditionalSense what) {
    attentions.establish(what);
  }

  CompletableFuture<Void> abortTasks() {
    return listener.abortTasks();
  }
}
