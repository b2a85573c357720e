package io.sandrift.client;

import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.MalformedTextException;
import io.sandrift.iscsi.text.TargetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a device is: {@code iscsi://[user%secret@]host[:port][,host[:port]...]/target/lun}.
 *
 * @param portals the addresses to try, in this order; one or more
 * @param lun 0 to 255
 * @param user the CHAP name, or null
 * @param secret the CHAP secret, or null; never shown by {@link #toString}
 */
public record DeviceUrl(
    List<TargetAddress> portals,
    IscsiName target,
    int lun,
    @Nullable String user,
    @Nullable String secret) {

  private static final String SCHEME = "iscsi://";
  private static final String EXPECTED =
      "iscsi://[user%secret@]host[:port][,host[:port]...]/target-name/lun";

  public DeviceUrl {
    portals = List.copyOf(portals);
    if (portals.isEmpty() || lun < 0 || lun > 255) {
      throw new IllegalArgumentException("a device has a portal, and a LUN of 0 to 255");
    }
  }

  /**
   * Reads a URL.
   *
   * @throws IllegalArgumentException when it isn't one; the message says what was expected, and
   *     doesn't repeat a secret
   */
  public static DeviceUrl parse(String url) {
    if (!url.startsWith(SCHEME)) {
      throw new IllegalArgumentException("'" + withoutSecret(url) + "' is not " + EXPECTED);
    }
    String[] parts = url.substring(SCHEME.length()).split("/", -1);
    if (parts.length != 3 || parts[1].isEmpty()) {
      throw new IllegalArgumentException("'" + withoutSecret(url) + "' is not " + EXPECTED);
    }
    String authority = parts[0];
    String user = null;
    String secret = null;
    int at = authority.lastIndexOf('@');
    if (at >= 0) {
      int percent = authority.indexOf('%');
      if (percent < 1 || percent > at) {
        throw new IllegalArgumentException(
            "what stands before the @ is not a user and a secret with a percent sign between");
      }
      user = authority.substring(0, percent);
      secret = authority.substring(percent + 1, at);
      authority = authority.substring(at + 1);
    }
    try {
      return new DeviceUrl(
          portals(authority), IscsiName.parse("the target", parts[1]), lun(parts[2]), user, secret);
    } catch (MalformedTextException e) {
      throw new IllegalArgumentException("'" + withoutSecret(url) + "': " + e.getMessage(), e);
    }
  }

  /**
   * Reads a list of portals, {@code host[:port][,host[:port]...]}, with or without {@code iscsi://}
   * before it.
   *
   * @throws IllegalArgumentException when it isn't one
   */
  public static List<TargetAddress> parsePortals(String text) {
    String list = text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text;
    if (list.endsWith("/")) {
      list = list.substring(0, list.length() - 1);
    }
    try {
      return portals(list);
    } catch (MalformedTextException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not host[:port][,host[:port]...]: " + e.getMessage(), e);
    }
  }

  private static List<TargetAddress> portals(String list) throws MalformedTextException {
    List<TargetAddress> portals = new ArrayList<>();
    for (String portal : list.split(",", -1)) {
      portals.add(TargetAddress.parse(portal));
    }
    return portals;
  }

  private static int lun(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the LUN '" + text + "' is not a number from 0 to 255", e);
    }
  }

  private static String withoutSecret(String url) {
    return url.replaceFirst("%[^/]*@", "%***@");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(SCHEME);
    for (int i = 0; i < portals.size(); i++) {
      text.append(i == 0 ? "" : ",").append(portals.get(i));
    }
    return text.append('/').append(target).append('/').append(lun).toString();
  }
}
