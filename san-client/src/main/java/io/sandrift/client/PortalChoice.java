package io.sandrift.client;

import io.sandrift.iscsi.text.TargetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which portal to try next. Pure; owned by the session that asks.
 *
 * <p>The list is gone through in its order, again and again. A temporary redirection holds for the
 * attempt under way alone: the next one begins at the list again, as the target may have moved on.
 * A permanent one takes the place of the address that sent it. A chain of redirections that is too
 * long, or comes back to where it was, ends the attempt.
 */
final class PortalChoice {

  private final List<TargetAddress> portals;
  private final int maxRedirects;
  private final Set<TargetAddress> chain = new HashSet<>();
  private int next;
  private int current;

  /**
   * @param portals one or more
   */
  PortalChoice(List<TargetAddress> portals, int maxRedirects) {
    this.portals = new ArrayList<>(portals);
    this.maxRedirects = maxRedirects;
  }

  /** Begins an attempt: the next portal of the list. */
  TargetAddress begin() {
    current = next;
    next = (next + 1) % portals.size();
    chain.clear();
    TargetAddress portal = portals.get(current);
    chain.add(plain(portal));
    return portal;
  }

  /** The portal just tried works: the next attempt begins with it. */
  void succeeded() {
    next = current;
  }

  /** How many portals there are: so many attempts are one round. */
  int size() {
    return portals.size();
  }

  /**
   * The address to go on with after a redirection, or null when the chain is too long or goes in a
   * circle.
   */
  @Nullable TargetAddress redirected(TargetAddress to, boolean permanently) {
    TargetAddress plain = plain(to);
    if (chain.size() > maxRedirects || !chain.add(plain)) {
      return null;
    }
    if (permanently) {
      portals.set(current, plain);
    }
    return plain;
  }

  /** Without the portal group tag, which says nothing about where to connect. */
  private static TargetAddress plain(TargetAddress address) {
    return new TargetAddress(address.host(), address.port());
  }
}
