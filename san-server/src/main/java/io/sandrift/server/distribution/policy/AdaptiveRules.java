package io.sandrift.server.distribution.policy;

import java.time.Duration;
import java.util.List;

/**
 * What users may set about the adaptive policy. Thresholds are shares of the mean pressure of the
 * servers of the service.
 *
 * @param choices how many servers are drawn at random and compared, for a new client and for a move
 * @param enter a server is hot above this many times the mean
 * @param leave until it is below this many times the mean
 * @param idle a server is cold when it is this share below the mean, until it is half as far below
 * @param windows for how many windows in a row before anything is done
 * @param noise how many standard deviations of its samples a server must be beyond {@code leave}
 * @param smoothing time constant over which pressures are averaged
 * @param low nothing begins while all are below this pressure
 * @param high nothing begins while all are above this pressure
 * @param highEnter unless one is above this many times the mean
 * @param residence how long a moved session stays at the least
 * @param settle how long a session must have been where it is before its load is believed
 * @param movesPerSecond the budget of the whole cluster
 * @param moveShare the budget as a share of all sessions per second; the larger of both holds
 * @param horizon how long a move is taken to be of use
 * @param cost what a move costs, in seconds of one server's full pressure
 * @param forwarding what a command costs more whose blocks are on another server
 * @param locality what it is worth that a session is where its blocks are
 * @param sibling what a server loses that serves another session of the same client
 * @param crowd what it is worth to spread the sessions evenly besides the pressure
 * @param hold how long a server from which moves didn't help is left alone, at first
 */
record AdaptiveRules(
    int choices,
    double enter,
    double leave,
    double idle,
    int windows,
    double noise,
    Duration smoothing,
    double low,
    double high,
    double highEnter,
    Duration residence,
    Duration settle,
    double movesPerSecond,
    double moveShare,
    Duration horizon,
    double cost,
    double forwarding,
    double locality,
    double sibling,
    double crowd,
    Duration hold) {

  private static final PolicyParameter CHOICES =
      PolicyParameter.number("choices", 2, 1, 64, "", "Servers drawn at random and compared.");
  private static final PolicyParameter ENTER =
      PolicyParameter.number(
          "enter", 1.15, 1.01, 10, "", "A server is hot above so many times the mean pressure.");
  private static final PolicyParameter LEAVE =
      PolicyParameter.number("leave", 1.06, 1, 10, "", "And stays hot until it is below this.");
  private static final PolicyParameter IDLE =
      PolicyParameter.number(
          "idle", 0.3, 0.05, 1, "", "A server is cold so far below the mean, as a share of it.");
  private static final PolicyParameter WINDOWS =
      PolicyParameter.number(
          "windows", 3, 1, 100, "", "Windows in a row before a server counts as hot or cold.");
  private static final PolicyParameter NOISE =
      PolicyParameter.number(
          "noise",
          1,
          0,
          10,
          "",
          "Standard deviations of its samples that a server must be beyond 'leave'.");
  private static final PolicyParameter SMOOTHING =
      PolicyParameter.number(
          "smoothing", 10, 0.5, 600, "s", "Time constant over which pressures are averaged.");
  private static final PolicyParameter LOW =
      PolicyParameter.number(
          "low", 0.15, 0, 1, "", "Nothing begins while all pressures are below this.");
  private static final PolicyParameter HIGH =
      PolicyParameter.number(
          "high", 1.5, 0.1, 100, "", "Nothing begins while all pressures are above this,");
  private static final PolicyParameter HIGH_ENTER =
      PolicyParameter.number(
          "high-enter", 1.5, 1, 100, "", "unless one is above so many times the mean.");
  private static final PolicyParameter RESIDENCE =
      PolicyParameter.number(
          "residence", 120, 0, 86_400, "s", "How long a moved session stays at the least.");
  private static final PolicyParameter SETTLE =
      PolicyParameter.number(
          "settle", 4, 0, 600, "s", "How long a session is there before its load is believed.");
  private static final PolicyParameter MOVES_PER_SECOND =
      PolicyParameter.number(
          "moves-per-second", 3, 0.01, 1000, "/s", "Moves that may begin in the whole cluster, or");
  private static final PolicyParameter MOVE_SHARE =
      PolicyParameter.number(
          "move-share", 0.005, 0, 0.1, "/s", "this share of all sessions, whichever is more.");
  private static final PolicyParameter HORIZON =
      PolicyParameter.number(
          "horizon", 60, 1, 86_400, "s", "How long a move is taken to be of use.");
  private static final PolicyParameter COST =
      PolicyParameter.number(
          "cost", 0.2, 0, 1000, "s", "What a move costs: seconds of a server's full pressure.");
  private static final PolicyParameter FORWARDING =
      PolicyParameter.number(
          "forwarding", 0.3, 0, 10, "", "What a command costs more whose blocks are elsewhere.");
  private static final PolicyParameter LOCALITY =
      PolicyParameter.number(
          "locality", 0.5, 0, 10, "", "Worth of having a session where its blocks are.");
  private static final PolicyParameter SIBLING =
      PolicyParameter.number(
          "sibling", 0.5, 0, 10, "", "What a server loses that serves a session of this client.");
  private static final PolicyParameter CROWD =
      PolicyParameter.number(
          "crowd", 0.1, 0, 10, "", "Worth of spreading new sessions evenly by number.");
  private static final PolicyParameter HOLD =
      PolicyParameter.number(
          "hold",
          30,
          1,
          3600,
          "s",
          "How long a server is left alone when moves didn't help; doubles up to 16 times.");

  static final List<PolicyParameter> PARAMETERS =
      List.of(
          CHOICES,
          ENTER,
          LEAVE,
          IDLE,
          WINDOWS,
          NOISE,
          SMOOTHING,
          LOW,
          HIGH,
          HIGH_ENTER,
          RESIDENCE,
          SETTLE,
          MOVES_PER_SECOND,
          MOVE_SHARE,
          HORIZON,
          COST,
          FORWARDING,
          LOCALITY,
          SIBLING,
          CROWD,
          HOLD);

  AdaptiveRules {
    if (leave >= enter) {
      throw new IllegalArgumentException(
          "leave is " + leave + ", expected less than enter, " + enter);
    }
    if (low >= high) {
      throw new IllegalArgumentException("low is " + low + ", expected less than high, " + high);
    }
  }

  static AdaptiveRules of(PolicyValues values) {
    return new AdaptiveRules(
        values.integer(CHOICES),
        values.number(ENTER),
        values.number(LEAVE),
        values.number(IDLE),
        values.integer(WINDOWS),
        values.number(NOISE),
        values.seconds(SMOOTHING),
        values.number(LOW),
        values.number(HIGH),
        values.number(HIGH_ENTER),
        values.seconds(RESIDENCE),
        values.seconds(SETTLE),
        values.number(MOVES_PER_SECOND),
        values.number(MOVE_SHARE),
        values.seconds(HORIZON),
        values.number(COST),
        values.number(FORWARDING),
        values.number(LOCALITY),
        values.number(SIBLING),
        values.number(CROWD),
        values.seconds(HOLD));
  }

  /**
   * What a session costs a server that has {@code share} of its blocks, beside one that has all.
   */
  double withForwarding(double share) {
    return 1 + forwarding * (1 - share);
  }

  /** The least relief, in pressure, that is worth a move. */
  double leastBenefit() {
    return cost / (horizon.toMillis() / 1000.0);
  }
}
