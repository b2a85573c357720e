package io.sandrift.server.login;

import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.iscsi.text.TargetAddress;
import java.util.concurrent.CompletableFuture;

/** Where a login belongs. */
public sealed interface TargetLookup {

  /**
   * Here.
   *
   * @param portalGroupTag of the portal that the connection came in through, 0 to 65535; not used
   *     for discovery
   * @param targetAlias a name for people, or empty
   * @param authentication what the initiator has to prove
   */
  record Found(int portalGroupTag, String targetAlias, Authentication authentication)
      implements TargetLookup {

    public Found {
      if (portalGroupTag < 0 || portalGroupTag > 65535) {
        throw new IllegalArgumentException(
            "a portal group tag is " + portalGroupTag + ", expected 0 to 65535");
      }
    }
  }

  /**
   * At another portal. Said before the initiator has proven anything, as initiators expect; what it
   * learns is an address.
   *
   * @param permanently whether the initiator should forget this address; see the design: a move for
   *     balance is a temporary one
   */
  record Moved(TargetAddress address, boolean permanently) implements TargetLookup {}

  /**
   * At another portal, to which this server carries the connection: for initiators or networks that
   * can't follow a redirection.
   *
   * @param ended run once the initiator's connection has ended
   */
  record Relayed(TargetAddress address, Runnable ended) implements TargetLookup {}

  /**
   * Others are being asked. The answer comes within a bounded time, and is neither a failure nor
   * another {@code Undecided}.
   */
  record Undecided(CompletableFuture<TargetLookup> decision) implements TargetLookup {}

  /**
   * Nowhere, or not now.
   *
   * @param status a failure
   * @param reason for the log
   */
  record Refused(LoginStatus status, String reason) implements TargetLookup {

    public Refused {
      if (status == LoginStatus.SUCCESS || status.isRedirection()) {
        throw new IllegalArgumentException(status + " refuses nothing");
      }
    }
  }

  /** There is no such target. */
  static Refused notFound() {
    return new Refused(LoginStatus.NOT_FOUND, "there is no such target here");
  }

  /** The target is there, but not for this initiator. */
  static Refused forbidden() {
    return new Refused(LoginStatus.AUTHORIZATION_FAILURE, "the initiator may not use this target");
  }

  /** The target can't be served now; the initiator may try again. */
  static Refused unavailable(String reason) {
    return new Refused(LoginStatus.SERVICE_UNAVAILABLE, reason);
  }
}
