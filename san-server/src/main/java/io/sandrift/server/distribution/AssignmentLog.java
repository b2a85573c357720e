package io.sandrift.server.distribution;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * The last decisions that this server took or carried out; the oldest make room. Who became the
 * intake or the master is kept apart, so that a thousand logins don't push it out. Safe for all
 * threads.
 */
final class AssignmentLog {

  private final int limit;

  /** Newest last. */
  private final ArrayDeque<Assignment> ofClients = new ArrayDeque<>();

  private final ArrayDeque<Assignment> designations = new ArrayDeque<>();

  /**
   * @param limit how many of either are kept, 1 or more
   */
  AssignmentLog(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a log of " + limit + " entries");
    }
    this.limit = limit;
  }

  synchronized void add(Assignment entry) {
    ArrayDeque<Assignment> entries = entry.kind().isDesignation() ? designations : ofClients;
    if (entries.size() == limit) {
      entries.removeFirst();
    }
    entries.addLast(entry);
  }

  /**
   * The newest ones first.
   *
   * @param session whose; empty for all, who became intake or master among them
   */
  synchronized List<Assignment> newest(String session, int most) {
    List<Assignment> found = newest(ofClients, session, most);
    if (session.isEmpty()) {
      found.addAll(newest(designations, "", most));
      found.sort(Comparator.comparingLong(Assignment::atMillis).reversed());
    }
    return found.subList(0, Math.min(most, found.size()));
  }

  /** Who became intake or master, the newest first. */
  synchronized List<Assignment> designations(int most) {
    return newest(designations, "", most);
  }

  private static List<Assignment> newest(ArrayDeque<Assignment> from, String session, int most) {
    List<Assignment> found = new ArrayList<>();
    for (Iterator<Assignment> each = from.descendingIterator();
        each.hasNext() && found.size() < most; ) {
      Assignment entry = each.next();
      if (session.isEmpty() || entry.session().equals(session)) {
        found.add(entry);
      }
    }
    return found;
  }
}
