package io.sandrift.server.session;

import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.server.scsi.task.NexusId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who a session belongs to (RFC 7143 clause 4.4.3).
 *
 * @param targetName the target's iSCSI name; null in a discovery session
 * @param tsih the target's part of the session identifier, 1 to 65535
 * @param connectionId the CID of its one connection
 */
public record SessionIdentity(
    String initiatorName,
    Isid isid,
    @Nullable String targetName,
    int portalGroupTag,
    int tsih,
    int connectionId) {

  public boolean isDiscovery() {
    return targetName == null;
  }

  /** The nexus that a normal session is. */
  public NexusId nexusId() {
    return new NexusId(initiatorName.toLowerCase(Locale.ROOT) + ",i,0x" + isid, portalGroupTag);
  }

  /** Whether a login as {@code other} takes this session's place (RFC 7143 clause 6.3.5). */
  public boolean isReinstatedBy(SessionIdentity other) {
    return initiatorName.equals(other.initiatorName)
        && isid.equals(other.isid)
        && portalGroupTag == other.portalGroupTag
        && targetName != null
        && targetName.equals(other.targetName);
  }
}
