package io.sandrift.server.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * The addresses that begin with some bits, written as CIDR (RFC 4632): {@code 10.1.0.0/16}, or one
 * address alone. Two are equal if they are of the same addresses.
 */
final class Network {

  private static final Pattern ADDRESS = Pattern.compile("[0-9]+(\\.[0-9]+){3}|[0-9a-fA-F:.]*:.*");

  private final byte[] prefix;
  private final int bits;

  private Network(byte[] prefix, int bits) {
    this.prefix = prefix;
    this.bits = bits;
  }

  /**
   * @throws IllegalArgumentException if the text is no network, or has bits set beyond its length
   */
  static Network parse(String text) {
    String[] parts = text.split("/", 2);
    try {
      if (!ADDRESS.matcher(parts[0]).matches() || parts[0].indexOf('%') >= 0) {
        throw new IllegalArgumentException(refusal(text));
      }
      byte[] address = InetAddress.getByName(parts[0]).getAddress();
      int bits = parts.length == 1 ? address.length * 8 : Integer.parseInt(parts[1]);
      if (bits < 0 || bits > address.length * 8) {
        throw new IllegalArgumentException(refusal(text));
      }
      for (int bit = bits; bit < address.length * 8; bit++) {
        if (bit(address, bit)) {
          throw new IllegalArgumentException(
              "network '" + text + "' has bits set beyond /" + bits + "; expected zeros there");
        }
      }
      return new Network(address, bits);
    } catch (UnknownHostException | NumberFormatException e) {
      throw new IllegalArgumentException(refusal(text), e);
    }
  }

  boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != prefix.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      if (bit(bytes, bit) != bit(prefix, bit)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Network that && bits == that.bits && Arrays.equals(prefix, that.prefix);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(prefix) * 31 + bits;
  }

  @Override
  public String toString() {
    try {
      return InetAddress.getByAddress(prefix).getHostAddress() + "/" + bits;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes, as they were parsed", e);
    }
  }

  private static boolean bit(byte[] bytes, int index) {
    return (bytes[index / 8] >> (7 - index % 8) & 1) != 0;
  }

  private static String refusal(String text) {
    return "'"
        + (text.length() > 60 ? text.substring(0, 60) + "..." : text)
        + "' is no network, such as 10.1.0.0/16, 192.168.1.7 or fd00::/8";
  }
}
