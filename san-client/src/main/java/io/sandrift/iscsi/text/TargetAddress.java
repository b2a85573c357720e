package io.sandrift.iscsi.text;

/**
 * A portal as SendTargets and redirections name it: {@code host[:port][,portal-group-tag]} (RFC
 * 7143 clause 13.8). An IPv6 address stands in brackets on the wire and without them here.
 *
 * @param host a domain name, an IPv4 address or an IPv6 address
 * @param port 1 to 65535
 * @param portalGroupTag 0 to 65535, or {@link #NO_TAG}
 */
public record TargetAddress(String host, int port, int portalGroupTag) {

  /** The port that is meant when none is given. */
  public static final int DEFAULT_PORT = 3260;

  /** No portal group tag is given, as in a redirection. */
  public static final int NO_TAG = -1;

  private static final String EXPECTED = "host[:port][,portal-group-tag], IPv6 in brackets";

  public TargetAddress {
    if (!isHost(host)
        || port < 1
        || port > 65535
        || portalGroupTag < NO_TAG
        || portalGroupTag > 65535) {
      throw new IllegalArgumentException(
          "not a target address: host \"%s\", port %d, portal group tag %d"
              .formatted(MalformedTextException.shortened(host), port, portalGroupTag));
    }
  }

  /** An address without a portal group tag. */
  public TargetAddress(String host, int port) {
    this(host, port, NO_TAG);
  }

  /** Reads the value of a {@code TargetAddress} key. */
  public static TargetAddress parse(String value) throws MalformedTextException {
    String key = TextKey.TARGET_ADDRESS.wireName();
    int comma = value.lastIndexOf(',');
    int tag = comma < 0 ? NO_TAG : NumericValue.parse(key, value.substring(comma + 1), 0, 65535);
    String portal = comma < 0 ? value : value.substring(0, comma);
    String host;
    String rest;
    if (portal.startsWith("[")) {
      int bracket = portal.indexOf(']');
      host = bracket < 0 ? "" : portal.substring(1, bracket);
      rest = bracket < 0 ? "" : portal.substring(bracket + 1);
    } else {
      int colon = portal.indexOf(':');
      host = colon < 0 ? portal : portal.substring(0, colon);
      rest = colon < 0 ? "" : portal.substring(colon);
    }
    boolean portFollows = rest.startsWith(":");
    if (!isHost(host) || (!portFollows && !rest.isEmpty())) {
      throw MalformedTextException.value(key, value, EXPECTED);
    }
    int port = portFollows ? NumericValue.parse(key, rest.substring(1), 1, 65535) : DEFAULT_PORT;
    return new TargetAddress(host, port, tag);
  }

  private static boolean isHost(String host) {
    return !host.isEmpty()
        && host.length() <= 253
        && host.chars()
            .allMatch(c -> c < 0x80 && (Character.isLetterOrDigit(c) || ".-_:%".indexOf(c) >= 0));
  }

  /** The value of a {@code TargetAddress} key. */
  @Override
  public String toString() {
    String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    String portal = bracketed + ":" + port;
    return portalGroupTag == NO_TAG ? portal : portal + "," + portalGroupTag;
  }
}
