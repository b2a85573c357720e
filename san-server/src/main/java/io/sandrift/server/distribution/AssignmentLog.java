package io.sandrift.server.distribution;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The last decisions on clients that this server took or carried out; the oldest make room. Safe
 * for all threads.
 */
final class AssignmentLog {

  private final int limit;

  /** Newest last. */
  private final ArrayDeque<Assignment> entries = new ArrayDeque<>();

  /**
   * @param limit how many are kept, 1 or more
   */
  AssignmentLog(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a log of " + limit + " entries");
    }
    this.limit = limit;
  }

  synchronized void add(Assignment entry) {
    if (entries.size() == limit) {
      entries.removeFirst();
    }
    entries.addLast(entry);
  }

  /**
   * The newest ones first.
   *
   * @param session whose; empty for all
   */
  synchronized List<Assignment> newest(String session, int most) {
    List<Assignment> found = new ArrayList<>();
    for (Iterator<Assignment> each = entries.descendingIterator();
        each.hasNext() && found.size() < most; ) {
      Assignment entry = each.next();
      if (session.isEmpty() || entry.session().equals(session)) {
        found.add(entry);
      }
    }
    return found;
  }
}
