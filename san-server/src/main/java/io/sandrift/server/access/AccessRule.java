package io.sandrift.server.access;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whom a rule is about, and whether it lets them in. What it leaves out is anybody's.
 *
 * @param isAllowed false for a rule that keeps out, which is stronger than one that lets in
 * @param initiator an iSCSI name in lower case, {@code *} at its end for all that begin so; empty
 *     for every name
 * @param network where the connection comes from; empty for everywhere
 */
public record AccessRule(boolean isAllowed, String initiator, String network) {

  private static final Pattern NAME =
      Pattern.compile("(iqn\\.|eui\\.|naa\\.)[a-z0-9.:\\-]{1,218}\\*?|");

  /**
   * @throws IllegalArgumentException if both are empty, or one isn't what it should be
   */
  public AccessRule {
    initiator = initiator.toLowerCase(Locale.ROOT);
    if (!NAME.matcher(initiator).matches()) {
      throw new IllegalArgumentException(
          "'"
              + (initiator.length() > 60 ? initiator.substring(0, 60) + "..." : initiator)
              + "' is no initiator name, such as iqn.2026-11.com.example:host1, or its beginning"
              + " and *");
    }
    if (!network.isEmpty()) {
      network = Network.parse(network).toString();
    }
    if (initiator.isEmpty() && network.isEmpty()) {
      throw new IllegalArgumentException(
          "a rule names an initiator, a network, or both; 'sandrift access open' lets everybody in");
    }
  }

  boolean matches(String name, InetAddress from) {
    boolean named =
        initiator.isEmpty()
            || (initiator.endsWith("*")
                ? name.startsWith(initiator.substring(0, initiator.length() - 1))
                : name.equals(initiator));
    return named && (network.isEmpty() || Network.parse(network).contains(from));
  }

  /** The same about the same, letting in or keeping out. */
  boolean isAboutTheSame(@Nullable AccessRule other) {
    return other != null && initiator.equals(other.initiator) && network.equals(other.network);
  }
}
