package io.sandrift.deploy.simulation;

import java.util.Arrays;

/**
 * What came of a policy.
 *
 * @param policy its name
 * @param imbalance max / mean of the servers' pressures, each averaged over the last ten seconds,
 *     second by second; 0 while none is up
 * @param mean the mean pressure, likewise
 * @param served how many clients were served, likewise
 * @param movesEach how many sessions were moved in each second
 * @param settled imbalance from a minute after the power is back until the groups fail: its median
 * @param settledWorst and its largest
 * @param settledAfterSeconds how long after the power was back it fell to 1.2 and stayed there for
 *     10 s; negative when it never did
 * @param end imbalance at the end, the median of the last minute
 * @param moves sessions that were moved
 * @param oscillations of these, how many came back to a server within two minutes of leaving it
 * @param logins logins that succeeded
 * @param loginsMax the most logins of one server, for each unit of its capacity, over the mean
 * @param late clients that were served only more than five seconds after a server had answered them
 * @param failed attempts that were refused by a full queue, or sent to a dead server
 * @param unserved clients that nobody served at the end
 * @param seconds how long the simulation took, in real seconds
 */
record Outcome(
    String policy,
    double[] imbalance,
    double[] mean,
    int[] served,
    int[] movesEach,
    double settled,
    double settledWorst,
    double settledAfterSeconds,
    double end,
    int moves,
    int oscillations,
    int logins,
    double loginsMax,
    int late,
    int failed,
    int unserved,
    double seconds) {

  /** The same under another name, such as one that tells the parameters too. */
  Outcome named(String name) {
    return new Outcome(
        name,
        imbalance,
        mean,
        served,
        movesEach,
        settled,
        settledWorst,
        settledAfterSeconds,
        end,
        moves,
        oscillations,
        logins,
        loginsMax,
        late,
        failed,
        unserved,
        seconds);
  }

  static double median(double[] values, int from, int to) {
    double[] range = Arrays.copyOfRange(values, Math.max(0, Math.min(from, to)), to);
    Arrays.sort(range);
    return range.length == 0 ? 0 : range[range.length / 2];
  }

  static double largest(double[] values, int from, int to) {
    double largest = 0;
    for (int i = Math.max(0, from); i < to; i++) {
      largest = Math.max(largest, values[i]);
    }
    return largest;
  }

  /** When the values fall to a limit, from {@code from} on, and stay there for ten; -1 never. */
  static int settles(double[] values, int from, int to, double limit) {
    int since = -1;
    for (int i = from; i < to; i++) {
      if (values[i] > limit || values[i] == 0) {
        since = -1;
      } else if (since < 0) {
        since = i;
      }
      if (since >= 0 && i - since >= 9) {
        return since - from;
      }
    }
    return -1;
  }
}
