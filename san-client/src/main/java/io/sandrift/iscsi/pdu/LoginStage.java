package io.sandrift.iscsi.pdu;

import org.jspecify.annotations.Nullable;

/** The stages of the login phase (RFC 7143 clause 11.12.3). */
public enum LoginStage {
  SECURITY_NEGOTIATION(0),
  LOGIN_OPERATIONAL_NEGOTIATION(1),
  FULL_FEATURE_PHASE(3);

  private final int wireValue;

  LoginStage(int wireValue) {
    this.wireValue = wireValue;
  }

  public int wireValue() {
    return wireValue;
  }

  /** The stage with a wire value of 0 to 3, or null for 2, which means nothing. */
  public static @Nullable LoginStage ofWireValue(int wireValue) {
    return switch (wireValue) {
      case 0 -> SECURITY_NEGOTIATION;
      case 1 -> LOGIN_OPERATIONAL_NEGOTIATION;
      case 3 -> FULL_FEATURE_PHASE;
      default -> null;
    };
  }

  static LoginStage decode(String name, int wireValue) throws MalformedPduException {
    LoginStage stage = ofWireValue(wireValue);
    if (stage == null) {
      throw MalformedPduException.field(name, wireValue, "0, 1 or 3");
    }
    return stage;
  }
}
