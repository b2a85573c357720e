package io.sandrift.iscsi.text;

/** What a session is for (RFC 7143 clause 13.21). */
public enum SessionType {
  NORMAL("Normal"),
  DISCOVERY("Discovery");

  private final String wireName;

  SessionType(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }

  /** Reads the value of a {@code SessionType} key. */
  public static SessionType parse(String value) throws MalformedTextException {
    for (SessionType type : values()) {
      if (type.wireName.equals(value)) {
        return type;
      }
    }
    throw MalformedTextException.value(
        TextKey.SESSION_TYPE.wireName(), value, "Normal or Discovery");
  }
}
