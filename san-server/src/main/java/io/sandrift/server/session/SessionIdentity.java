package io.sandrift.server.session;

import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.server.scsi.task.NexusId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who a session belongs to (RFC 7143 clause 4.4.3).
 *
 * @param targetName the target's iSCSI name; null in a discovery session
 * @param tsih the target's part of the session identifier, 1 to 65535
 * @param connectionId the CID of its one connection
 * @param id what the session is called by people and between servers: the same wherever it is
 *     served, twelve hexadecimal digits
 */
public record SessionIdentity(
    String initiatorName,
    Isid isid,
    @Nullable String targetName,
    int portalGroupTag,
    int tsih,
    int connectionId,
    String id) {

  private static final int ID_DIGITS = 12;

  /** With the id that follows from the initiator's port and the target. */
  public SessionIdentity(
      String initiatorName,
      Isid isid,
      @Nullable String targetName,
      int portalGroupTag,
      int tsih,
      int connectionId) {
    this(
        initiatorName,
        isid,
        targetName,
        portalGroupTag,
        tsih,
        connectionId,
        idOf(initiatorName, isid, targetName));
  }

  /**
   * The id of an initiator port's session with a target: a hash over both names (the port's is the
   * initiator's with its ISID, RFC 7143 clause 4.4.1).
   */
  public static String idOf(String initiatorName, Isid isid, @Nullable String targetName) {
    String names =
        initiatorName.toLowerCase(Locale.ROOT)
            + ",i,0x"
            + isid
            + " "
            + (targetName == null ? "" : targetName.toLowerCase(Locale.ROOT));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(names.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, ID_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

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
