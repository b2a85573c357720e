package io.sandrift.server.session;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.sandrift.server.scsi.task.TaskAttribute;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session's tasks and which of them may run (SAM-5 clause 8): an ORDERED task waits for all
 * before it, all after an ORDERED one wait for it, a HEAD OF QUEUE task waits for nobody. There is
 * one task set per nexus, as the control mode page says (TST 001b). Confined to the session's event
 * loop.
 */
final class TaskSet {

  private final IntObjectMap<Task> byTag = new IntObjectHashMap<>();
  private final Deque<Task> blocked = new ArrayDeque<>();
  private int running;
  private int runningOrdered;

  int size() {
    return byTag.size();
  }

  @Nullable Task get(int initiatorTaskTag) {
    return byTag.get(initiatorTaskTag);
  }

  List<Task> all() {
    return new ArrayList<>(byTag.values());
  }

  /**
   * Adds a task, and returns whether it may start now; if not, {@link #unblock} gives it when it
   * may.
   */
  boolean add(Task task) {
    byTag.put(task.initiatorTaskTag, task);
    if (mayRun(task) && (blocked.isEmpty() || task.attribute() == TaskAttribute.HEAD_OF_QUEUE)) {
      countIn(task);
      return true;
    }
    blocked.add(task);
    return false;
  }

  /** Takes a task out that is over or aborted. */
  void remove(Task task) {
    byTag.remove(task.initiatorTaskTag);
    if (!blocked.isEmpty() && blocked.remove(task)) {
      return;
    }
    running--;
    if (task.attribute() == TaskAttribute.ORDERED) {
      runningOrdered--;
    }
  }

  /**
   * The next blocked task that may start now, which then counts as running; null when there is
   * none.
   */
  @Nullable Task unblock() {
    Task first = blocked.peek();
    if (first == null || !mayRun(first)) {
      return null;
    }
    blocked.remove();
    countIn(first);
    return first;
  }

  private boolean mayRun(Task task) {
    return switch (task.attribute()) {
      case HEAD_OF_QUEUE -> true;
      case ORDERED -> running == 0;
      case SIMPLE, ACA -> runningOrdered == 0;
    };
  }

  private void countIn(Task task) {
    running++;
    if (task.attribute() == TaskAttribute.ORDERED) {
      runningOrdered++;
    }
  }
}
