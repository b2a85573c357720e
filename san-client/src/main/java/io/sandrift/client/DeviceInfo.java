package io.sandrift.client;

import io.sandrift.iscsi.text.SessionParameters;

/**
 * What is known of a device and its session.
 *
 * @param portal where the session is now, host:port
 * @param vendor from the INQUIRY data, without trailing spaces; so are product and revision
 * @param thin whether unused blocks take no space and can be given back
 * @param maxTransferBytes the longest single command that the device takes, or 0 if it doesn't say
 * @param parameters what was negotiated
 */
public record DeviceInfo(
    String portal,
    String targetName,
    String vendor,
    String product,
    String revision,
    String serial,
    long sizeBytes,
    int blockBytes,
    boolean thin,
    long maxTransferBytes,
    SessionParameters parameters) {

  /** The same after the session has gone elsewhere. */
  DeviceInfo at(String currentPortal) {
    return new DeviceInfo(
        currentPortal,
        targetName,
        vendor,
        product,
        revision,
        serial,
        sizeBytes,
        blockBytes,
        thin,
        maxTransferBytes,
        parameters);
  }
}
