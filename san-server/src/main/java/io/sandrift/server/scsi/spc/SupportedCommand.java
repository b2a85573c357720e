package io.sandrift.server.scsi.spc;

import io.sandrift.server.scsi.reservation.Access;
import java.util.HexFormat;

/**
 * A command that a disk knows.
 *
 * @param serviceAction the service action, or {@link #NO_SERVICE_ACTION}
 * @param usage the CDB usage data (SPC-4): the operation code, then a one for each bit of the CDB
 *     that is looked at; as long as the CDB
 * @param timeoutSeconds how long an initiator is advised to wait for it
 */
public record SupportedCommand(
    int operationCode, int serviceAction, byte[] usage, Access access, int timeoutSeconds) {

  /** Stands for the service action of a command that has none. */
  public static final int NO_SERVICE_ACTION = -1;

  /**
   * A command without service actions.
   *
   * @param usage the usage data in hexadecimal; spaces are ignored
   */
  public static SupportedCommand of(String usage, Access access, int timeoutSeconds) {
    byte[] bytes = parse(usage);
    return new SupportedCommand(bytes[0] & 0xff, NO_SERVICE_ACTION, bytes, access, timeoutSeconds);
  }

  /** One service action of a command. */
  public static SupportedCommand of(
      int serviceAction, String usage, Access access, int timeoutSeconds) {
    byte[] bytes = parse(usage);
    return new SupportedCommand(bytes[0] & 0xff, serviceAction, bytes, access, timeoutSeconds);
  }

  /** Whether the operation code stands for several commands, told apart by a service action. */
  public boolean hasServiceAction() {
    return serviceAction != NO_SERVICE_ACTION;
  }

  private static byte[] parse(String hexadecimal) {
    return HexFormat.of().parseHex(hexadecimal.replace(" ", ""));
  }
}
