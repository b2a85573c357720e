package io.sandrift.iscsi.pdu;

/** How a login request was answered: status class and detail (RFC 7143 clause 11.13.5). */
public enum LoginStatus {
  SUCCESS(0x0000),
  TARGET_MOVED_TEMPORARILY(0x0101),
  TARGET_MOVED_PERMANENTLY(0x0102),
  INITIATOR_ERROR(0x0200),
  AUTHENTICATION_FAILURE(0x0201),
  AUTHORIZATION_FAILURE(0x0202),
  NOT_FOUND(0x0203),
  TARGET_REMOVED(0x0204),
  UNSUPPORTED_VERSION(0x0205),
  TOO_MANY_CONNECTIONS(0x0206),
  MISSING_PARAMETER(0x0207),
  CANT_INCLUDE_IN_SESSION(0x0208),
  SESSION_TYPE_NOT_SUPPORTED(0x0209),
  SESSION_DOES_NOT_EXIST(0x020a),
  INVALID_DURING_LOGIN(0x020b),
  TARGET_ERROR(0x0300),
  SERVICE_UNAVAILABLE(0x0301),
  OUT_OF_RESOURCES(0x0302);

  private final int wireValue;

  LoginStatus(int wireValue) {
    this.wireValue = wireValue;
  }

  /** Status class in the high byte, status detail in the low byte. */
  public int wireValue() {
    return wireValue;
  }

  /** Whether the initiator is told to log in elsewhere. */
  public boolean isRedirection() {
    return wireValue >> 8 == 1;
  }

  /** The status with this wire value; an unknown detail is taken as its class's general one. */
  public static LoginStatus ofWireValue(int wireValue) throws MalformedPduException {
    for (LoginStatus status : values()) {
      if (status.wireValue == wireValue) {
        return status;
      }
    }
    return switch (wireValue >> 8) {
      case 0 -> SUCCESS;
      case 2 -> INITIATOR_ERROR;
      case 3 -> TARGET_ERROR;
      default -> throw MalformedPduException.field("login status", wireValue, "a class of 0 to 3");
    };
  }
}
