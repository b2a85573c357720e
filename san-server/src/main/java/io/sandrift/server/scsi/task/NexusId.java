package io.sandrift.server.scsi.task;

/**
 * An I_T nexus (SAM-5): one initiator port and one target port.
 *
 * @param initiatorPort the initiator port's iSCSI name, {@code <iSCSI name>,i,0x<ISID>} (RFC 7143
 *     clause 4.4.6), the name in lower case and the ISID as 12 lower-case hexadecimal digits, which
 *     is also its TransportID for persistent reservations (SPC-4 clause 7.6.4.6)
 * @param relativeTargetPort the target port's relative identifier, 1 to 65535: its portal group tag
 */
public record NexusId(String initiatorPort, int relativeTargetPort) {

  /** The initiator's iSCSI name, without the ISID. */
  public String initiatorName() {
    int comma = initiatorPort.indexOf(",i,0x");
    return comma < 0 ? initiatorPort : initiatorPort.substring(0, comma);
  }
}
