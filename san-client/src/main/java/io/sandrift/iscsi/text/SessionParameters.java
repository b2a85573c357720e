package io.sandrift.iscsi.text;

/**
 * What the two sides of a session agreed on, in the words of RFC 7143 chapter 13. Lengths are in
 * bytes, times in seconds.
 *
 * @param headerDigest whether headers carry a CRC32C
 * @param dataDigest whether data segments carry a CRC32C
 * @param maxRecvDataSegmentLength the longest data segment that this side takes
 * @param peerMaxRecvDataSegmentLength the longest data segment that the other side takes
 * @param maxBurstLength the most data in one sequence of Data-In, or of Data-Out for one R2T
 * @param firstBurstLength the most unsolicited data for one command, immediate data included; never
 *     more than {@code maxBurstLength}
 * @param initialR2T unsolicited Data-Out PDUs are not allowed
 * @param immediateData a command's own PDU may carry data
 * @param maxOutstandingR2T how many R2Ts one task may have open
 * @param defaultTime2Wait how long to wait before logging in again after a connection broke
 * @param defaultTime2Retain how long tasks are kept after that
 * @param dataPduInOrder the data PDUs of a sequence come in the order of their offsets
 * @param dataSequenceInOrder the sequences of a task come in the order of their offsets
 * @param errorRecoveryLevel 0 to 2
 * @param maxConnections how many connections a session may have
 * @param targetPortalGroupTag the portal group logged in to, 0 to 65535, or {@link
 *     TargetAddress#NO_TAG} when the target said none
 * @param taskReporting how aborted tasks are reported, {@code RFC3720} or {@code ResponseFence}
 * @param protocolLevel the iSCSIProtocolLevel, 0 to 31
 */
public record SessionParameters(
    boolean headerDigest,
    boolean dataDigest,
    int maxRecvDataSegmentLength,
    int peerMaxRecvDataSegmentLength,
    int maxBurstLength,
    int firstBurstLength,
    boolean initialR2T,
    boolean immediateData,
    int maxOutstandingR2T,
    int defaultTime2Wait,
    int defaultTime2Retain,
    boolean dataPduInOrder,
    boolean dataSequenceInOrder,
    int errorRecoveryLevel,
    int maxConnections,
    int targetPortalGroupTag,
    String taskReporting,
    int protocolLevel) {

  public SessionParameters {
    if (firstBurstLength > maxBurstLength) {
      throw new IllegalArgumentException(
          "FirstBurstLength %d exceeds MaxBurstLength %d"
              .formatted(firstBurstLength, maxBurstLength));
    }
  }

  /** The same with another limit of the other side, which it may declare anew at any time. */
  public SessionParameters withPeerMaxRecvDataSegmentLength(int bytes) {
    return new SessionParameters(
        headerDigest,
        dataDigest,
        maxRecvDataSegmentLength,
        bytes,
        maxBurstLength,
        firstBurstLength,
        initialR2T,
        immediateData,
        maxOutstandingR2T,
        defaultTime2Wait,
        defaultTime2Retain,
        dataPduInOrder,
        dataSequenceInOrder,
        errorRecoveryLevel,
        maxConnections,
        targetPortalGroupTag,
        taskReporting,
        protocolLevel);
  }
}
