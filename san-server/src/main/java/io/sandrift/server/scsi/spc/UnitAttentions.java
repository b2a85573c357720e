package io.sandrift.server.scsi.spc;

import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.SenseData;
import io.sandrift.server.scsi.task.SenseKey;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The unit attentions that one nexus is owed (SAM-5): established by others, from any thread;
 * reported and cleared by the nexus. At most one of each kind, so bounded; the one that says most,
 * a reset, is reported first and covers the rest.
 */
public final class UnitAttentions {

  private final EnumSet<AdditionalSense> pending = EnumSet.noneOf(AdditionalSense.class);
  private volatile boolean any;

  /** Whether there is one; a volatile read. */
  public boolean isPending() {
    return any;
  }

  /** Establishes one. */
  public synchronized void establish(AdditionalSense what) {
    pending.add(what);
    any = true;
  }

  /** Takes the next one to report, in the standard's order of precedence. */
  public synchronized Optional<SenseData> take() {
    Optional<AdditionalSense> first = pending.stream().findFirst();
    first.ifPresent(
        what -> {
          if (what == AdditionalSense.POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED) {
            pending.clear();
          } else {
            pending.remove(what);
          }
        });
    any = !pending.isEmpty();
    return first.map(what -> SenseData.of(SenseKey.UNIT_ATTENTION, what));
  }

  /** All that are pending, which stay so. */
  public synchronized Set<AdditionalSense> pending() {
    return EnumSet.copyOf(pending);
  }
}
