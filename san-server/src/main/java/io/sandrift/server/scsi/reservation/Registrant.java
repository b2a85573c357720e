package io.sandrift.server.scsi.reservation;

import io.sandrift.server.scsi.task.NexusId;

/**
 * Whom a registration is for: an initiator port at one target port, or at all of them.
 *
 * @param initiatorPort as in {@link NexusId}
 * @param relativeTargetPort the target port, or {@link #ALL_TARGET_PORTS}
 */
public record Registrant(String initiatorPort, int relativeTargetPort) {

  /** Stands for every target port (the ALL_TG_PT bit); no port has this identifier. */
  public static final int ALL_TARGET_PORTS = 0;

  static Registrant of(NexusId nexus) {
    return new Registrant(nexus.initiatorPort(), nexus.relativeTargetPort());
  }

  static Registrant atAllTargetPorts(NexusId nexus) {
    return new Registrant(nexus.initiatorPort(), ALL_TARGET_PORTS);
  }

  /** Whether the registration is for this nexus. */
  public boolean covers(NexusId nexus) {
    return (relativeTargetPort == ALL_TARGET_PORTS
            || relativeTargetPort == nexus.relativeTargetPort())
        && initiatorPort.equals(nexus.initiatorPort());
  }
}
