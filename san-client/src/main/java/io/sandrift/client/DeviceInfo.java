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
    return with(currentPortal, sizeBytes);
  }

  /** The same after it has grown. */
  DeviceInfo withSize(long newSizeBytes) {
    return with(portal, newSizeBytes);
  }

  private DeviceInfo with(String itsPortal, long itsSizeBytes) {
    return new DeviceInfo(
        itsPortal,
        targetName,
        vendor,
        product,
        revision,
        serial,
        itsSizeBytes,
        blockBytes,
        thin,
        maxTransferBytes,
        parameters);
  }
}
