package io.sandrift.deploy.simulation;

import java.util.List;
import java.util.Locale;

/** Outcomes over time, as an SVG file: imbalance, clients served, moves. */
final class Picture {

  private static final int WIDTH = 960;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int PANEL = 190;
  private static final int GAP = 50;
  private static final int TOP = 70;
  private static final int BUCKET_SECONDS = 10;

  /** Beyond this, how unbalanced it is no longer matters. */
  private static final double MOST_IMBALANCE = 3;

  // Distinguishable also by those who don't see red and green apart.
  private static final List<String> COLOURS =
      List.of("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#000000");

  private final Scenario scenario;
  private final List<Outcome> outcomes;
  private final StringBuilder svg = new StringBuilder();

  private Picture(Scenario scenario, List<Outcome> outcomes) {
    this.scenario = scenario;
    this.outcomes = outcomes;
  }

  static String draw(Scenario scenario, List<Outcome> outcomes) {
    return new Picture(scenario, outcomes).draw();
  }

  private String draw() {
    int height = TOP + 3 * (PANEL + GAP);
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
            + " font-family=\"sans-serif\" font-size=\"13\" role=\"img\">",
        WIDTH, height, WIDTH, height);
    add("<title>Distribution policies, simulated</title>");
    add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, height);
    add(
        "<text x=\"%d\" y=\"24\" font-size=\"16\">%,d servers, %,d clients, seed %d</text>",
        LEFT, scenario.servers(), scenario.clients(), scenario.seed());
    legend();
    double clients = scenario.clients();
    panel(0, "max / mean of pressure", 1, MOST_IMBALANCE);
    panel(1, "clients served", 0, clients);
    double mostMoves = 1;
    for (Outcome outcome : outcomes) {
      for (double each : buckets(outcome.movesEach())) {
        mostMoves = Math.max(mostMoves, each);
      }
    }
    panel(2, "moves in 10 s", 0, mostMoves);
    for (int i = 0; i < outcomes.size(); i++) {
      Outcome outcome = outcomes.get(i);
      line(0, i, smoothed(outcome.imbalance()), 1, MOST_IMBALANCE);
      line(1, i, averages(outcome.served()), 0, clients);
      line(2, i, buckets(outcome.movesEach()), 0, mostMoves);
    }
    add("</svg>");
    return svg.toString();
  }

  private void legend() {
    int x = LEFT;
    for (int i = 0; i < outcomes.size(); i++) {
      String name = outcomes.get(i).policy();
      add(
          "<rect x=\"%d\" y=\"38\" width=\"14\" height=\"4\" fill=\"%s\"/>"
              + "<text x=\"%d\" y=\"45\">%s</text>",
          x, colour(i), x + 20, escaped(name));
      x += 40 + 8 * name.length();
    }
  }

  private void panel(int number, String title, double least, double most) {
    int top = top(number);
    if (scenario.powerFailure()) {
      band(top, scenario.powerFailsAt(), scenario.powerBackAt(), "no power");
    }
    if (scenario.groupFailures() > 0) {
      band(top, scenario.groupsFailAt(), scenario.groupsBackAt(), "a group is down");
    }
    if (scenario.hotVolumes() > 0) {
      band(top, scenario.hotFrom(), scenario.hotUntil(), "hot volumes");
    }
    add("<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>", LEFT, top - 8, title);
    for (int tick = 0; tick <= 4; tick++) {
      double value = least + (most - least) * tick / 4;
      double y = y(number, value, least, most);
      add(
          "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ccc\"/>"
              + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
          LEFT,
          WIDTH - RIGHT,
          y,
          y,
          LEFT - 6,
          y + 4,
          most > 10
              ? String.format(Locale.ROOT, "%,.0f", value)
              : String.format(Locale.ROOT, "%.1f", value));
    }
    long minutes = scenario.time().toMinutes();
    long step = Math.max(1, minutes / 15);
    for (long minute = 0; minute <= minutes; minute += step) {
      add(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d min</text>",
          x(minute * 60_000), top + PANEL + 18, minute);
    }
  }

  private void band(int top, long from, long to, String what) {
    add(
        "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#f0f0f0\"/>"
            + "<text x=\"%.1f\" y=\"%d\" fill=\"#555\" font-size=\"11\">%s</text>",
        x(from), top, x(to) - x(from), PANEL, x(from) + 3, top + 12, what);
  }

  private void line(int panel, int number, double[] values, double least, double most) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      double value = Math.min(most, Math.max(least, values[i]));
      points.append(
          String.format(
              Locale.ROOT,
              "%.1f,%.1f ",
              x((2L * i + 1) * BUCKET_SECONDS * 500),
              y(panel, value, least, most)));
    }
    add(
        "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\" points=\"%s\"/>",
        colour(number), points.toString().strip());
  }

  /** Medians of ten seconds each. */
  private static double[] smoothed(double[] seconds) {
    double[] medians = new double[seconds.length / BUCKET_SECONDS];
    for (int i = 0; i < medians.length; i++) {
      medians[i] = Outcome.median(seconds, i * BUCKET_SECONDS, (i + 1) * BUCKET_SECONDS);
    }
    return medians;
  }

  private static double[] buckets(int[] seconds) {
    double[] sums = new double[seconds.length / BUCKET_SECONDS];
    for (int i = 0; i < sums.length * BUCKET_SECONDS; i++) {
      sums[i / BUCKET_SECONDS] += seconds[i];
    }
    return sums;
  }

  private static double[] averages(int[] seconds) {
    double[] averages = buckets(seconds);
    for (int i = 0; i < averages.length; i++) {
      averages[i] /= BUCKET_SECONDS;
    }
    return averages;
  }

  private static int top(int panel) {
    return TOP + 20 + panel * (PANEL + GAP);
  }

  private double x(long millis) {
    return LEFT + (WIDTH - LEFT - RIGHT) * (double) millis / scenario.time().toMillis();
  }

  private static double y(int panel, double value, double least, double most) {
    return top(panel) + PANEL * (1 - (value - least) / (most - least));
  }

  private static String colour(int number) {
    return COLOURS.get(number % COLOURS.size());
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
