package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One resource's own list of who is the intake of each service. Intake messages change it, the new
 * intakes' confirmations complete it, and nothing older than what it knows does either. Owned by
 * one thread.
 *
 * <pre>
 *   unknown ──announce(epoch n)──▶ announced n ──confirm(epoch n, by the intake)──▶ confirmed n
 *                                       ▲                                              │
 *                                       └────────── announce(epoch above n) ───────────┘
 * </pre>
 */
public final class IntakeList {

  /**
   * What is known of one service.
   *
   * @param state the latest that was announced
   * @param isConfirmed whether the intake itself has said that it is
   */
  public record Entry(IntakeState state, boolean isConfirmed) {}

  private final Map<String, Entry> entries = new TreeMap<>();

  /**
   * An intake message has come.
   *
   * @return whether it was news; false for a repetition and for one that a newer one has overtaken
   */
  public boolean announce(IntakeState state) {
    Entry known = entries.get(state.service());
    if (known != null && !state.isAfter(known.state())) {
      return false;
    }
    entries.put(state.service(), new Entry(state, false));
    return true;
  }

  /**
   * A resource says of itself that it is the intake.
   *
   * @return whether it is the one that was announced, in that epoch
   */
  public boolean confirm(String service, ServerId by, long epoch) {
    Entry known = entries.get(service);
    if (known == null || known.state().epoch() != epoch || !by.equals(known.state().intake())) {
      return false;
    }
    entries.put(service, new Entry(known.state(), true));
    return true;
  }

  /** What is known of a service. */
  public Optional<Entry> find(String service) {
    return Optional.ofNullable(entries.get(service));
  }
}
