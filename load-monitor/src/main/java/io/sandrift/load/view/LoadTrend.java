package io.sandrift.load.view;

import io.sandrift.load.membership.ServerId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the system's load varied lately: a bounded number of points, the oldest forgotten first. Safe
 * for all threads.
 */
public final class LoadTrend {

  /** In a larger cluster the points have no server's own load: memory stays bounded. */
  static final int MAX_SERVERS = 64;

  private final int capacity;

  /** Oldest first. Guarded by this. */
  private final Deque<TrendPoint> points = new ArrayDeque<>();

  /**
   * @param capacity how many points are kept, 1 or more
   */
  public LoadTrend(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a trend of " + capacity + " points; it has 1 or more");
    }
    this.capacity = capacity;
  }

  /** Adds a point; one that isn't later than the last is ignored. */
  public synchronized void add(SystemLoad load) {
    TrendPoint last = points.peekLast();
    if (last != null && !load.at().isAfter(last.at())) {
      return;
    }
    if (points.size() == capacity) {
      points.removeFirst();
    }
    List<ServerLoad> alive = load.alive();
    SortedMap<ServerId, ServerPoint> servers = new TreeMap<>();
    if (alive.size() <= MAX_SERVERS) {
      alive.forEach(server -> servers.put(server.server(), ServerPoint.of(server)));
    }
    points.addLast(
        new TrendPoint(
            load.at(),
            load.mean(),
            load.max(),
            load.imbalance(),
            alive.stream().mapToInt(ServerLoad::sessions).sum(),
            servers));
  }

  /** The points, oldest first. */
  public synchronized List<TrendPoint> points() {
    return List.copyOf(points);
  }
}
