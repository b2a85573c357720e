package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Moves that were asked for and can't be seen in the servers' samples yet, or only in part. What
 * they will add or take is added to what is measured, so that nothing is moved twice for the same
 * reason.
 */
final class MovesUnderWay {

  /** Whatever hasn't been heard of for so long is forgotten. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  private static final class UnderWay {
    private final SessionMove move;
    private final double leaving;
    private final double arriving;
    private final Instant began;
    private @Nullable Instant ended;

    UnderWay(SessionMove move, double leaving, double arriving, Instant began) {
      this.move = move;
      this.leaving = leaving;
      this.arriving = arriving;
      this.began = began;
    }
  }

  /** What a move that failed was expected to do. */
  record Failed(double leaving, double arriving) {}

  private final List<UnderWay> moves = new ArrayList<>();
  private final Set<String> sessions = new HashSet<>();
  private final Map<ServerId, Double> changes = new HashMap<>();
  private final Map<ServerId, Double> arrivals = new HashMap<>();

  void begin(SessionMove move, double leaving, double arriving, Instant now) {
    moves.add(new UnderWay(move, leaving, arriving, now));
    sessions.add(move.session());
    changes.merge(move.from(), -leaving, Double::sum);
    changes.merge(move.to(), arriving, Double::sum);
    arrivals.merge(move.to(), arriving, Double::sum);
  }

  void succeeded(String session, Instant now) {
    for (UnderWay each : moves) {
      if (each.move.session().equals(session) && each.ended == null) {
        each.ended = now;
      }
    }
  }

  /** Takes a move out that came to nothing; null when none was known. */
  @Nullable Failed failed(String session) {
    Iterator<UnderWay> all = moves.iterator();
    while (all.hasNext()) {
      UnderWay each = all.next();
      if (each.move.session().equals(session) && each.ended == null) {
        all.remove();
        sessions.remove(session);
        return new Failed(each.leaving, each.arriving);
      }
    }
    return null;
  }

  boolean contains(String session) {
    return sessions.contains(session);
  }

  /** How many haven't ended yet. */
  int unfinished() {
    int count = 0;
    for (UnderWay each : moves) {
      count += each.ended == null ? 1 : 0;
    }
    return count;
  }

  /** Compares with when the servers' samples were measured, and forgets what they show. */
  void compare(Map<ServerId, Measured> measured, Instant now) {
    changes.clear();
    arrivals.clear();
    sessions.clear();
    moves.removeIf(
        each -> {
          double there = missing(each, measured.get(each.move.from()));
          double here = missing(each, measured.get(each.move.to()));
          if (now.isAfter(each.began.plus(LIMIT)) || (there == 0 && here == 0)) {
            return true;
          }
          sessions.add(each.move.session());
          changes.merge(each.move.from(), -there * each.leaving, Double::sum);
          changes.merge(each.move.to(), here * each.arriving, Double::sum);
          arrivals.merge(each.move.to(), here * each.arriving, Double::sum);
          return false;
        });
  }

  /** What is to be added to what a server measured; negative for what leaves. */
  double change(ServerId server) {
    return changes.getOrDefault(server, 0.0);
  }

  /** What of it arrives. */
  double arriving(ServerId server) {
    return arrivals.getOrDefault(server, 0.0);
  }

  private static double missing(UnderWay move, @Nullable Measured measured) {
    Instant ended = move.ended;
    if (measured == null) {
      return 0; // it isn't counted on any more
    }
    return ended == null ? 1 : measured.missing(ended);
  }
}
