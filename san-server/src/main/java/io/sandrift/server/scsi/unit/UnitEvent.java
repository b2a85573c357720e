package io.sandrift.server.scsi.unit;

import io.sandrift.server.scsi.reservation.Registrant;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.NexusId;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a change of the state means to nexuses, wherever they are logged in.
 *
 * @param revision the state that it came with
 * @param attention the unit attention that they are owed, if any
 * @param to whom it concerns; empty for every nexus
 * @param aborts whether their tasks end
 * @param by the nexus that brought it about, whose own tasks go on; empty when none did
 * @param tellsBy whether that one gets the unit attention too
 */
public record UnitEvent(
    long revision,
    Optional<AdditionalSense> attention,
    Set<Registrant> to,
    boolean aborts,
    Optional<NexusId> by,
    boolean tellsBy) {

  public UnitEvent {
    to = Collections.unmodifiableSet(new LinkedHashSet<>(to));
  }

  /** For a server that has missed events: nothing that its nexuses believe can be relied on. */
  static UnitEvent missed(long revision) {
    return new UnitEvent(
        revision,
        Optional.of(AdditionalSense.POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED),
        Set.of(),
        true,
        Optional.empty(),
        true);
  }

  /** Whether the nexus gets {@link #attention}. */
  public boolean tells(NexusId nexus) {
    return attention.isPresent() && concerns(nexus) && (tellsBy || !isBy(nexus));
  }

  /** Whether the nexus's tasks end. */
  public boolean abortsTasksOf(NexusId nexus) {
    return aborts && concerns(nexus) && !isBy(nexus);
  }

  private boolean concerns(NexusId nexus) {
    return to.isEmpty() || to.stream().anyMatch(registrant -> registrant.covers(nexus));
  }

  private boolean isBy(NexusId nexus) {
    return by.isPresent() && by.get().equals(nexus);
  }
}
