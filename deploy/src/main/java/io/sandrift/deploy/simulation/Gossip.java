package io.sandrift.deploy.simulation;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.Pressure;
import io.sandrift.load.pressure.Pressure.Part;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.view.Liveness;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What the deciders hear: samples that are late or lost, and who is silent. */
final class Gossip {

  /** Silent for longer than this, a server is suspect. */
  private static final long SUSPECT_MILLIS = 5_000;

  /** A dead server's registration ends after this. */
  private static final long SESSION_MILLIS = 10_000;

  private static final class Heard {
    private final Deque<Sample> underWay = new ArrayDeque<>();
    private final Deque<Long> arrivals = new ArrayDeque<>();
    private @Nullable Sample sample;
    private long heardAt;
    private boolean registered;
    private long diedAt = Long.MAX_VALUE;
  }

  private final List<ServerId> ids;
  private final List<Heard> servers = new ArrayList<>();
  private final long delayMillis;
  private final double loss;
  private final SplittableRandom random;
  private final Instant origin;

  Gossip(
      List<ServerId> ids, long delayMillis, double loss, Instant origin, SplittableRandom random) {
    this.ids = List.copyOf(ids);
    ids.forEach(id -> servers.add(new Heard()));
    this.delayMillis = delayMillis;
    this.loss = loss;
    this.origin = origin;
    this.random = random;
  }

  void booted(int server, long now) {
    Heard heard = servers.get(server);
    heard.registered = true;
    heard.diedAt = Long.MAX_VALUE;
    heard.sample = null;
    heard.heardAt = now;
    heard.underWay.clear();
    heard.arrivals.clear();
  }

  void died(int server, long now) {
    servers.get(server).diedAt = now;
  }

  void tell(int server, Sample sample, long now) {
    if (loss > 0 && random.nextDouble() < loss) {
      return;
    }
    Heard heard = servers.get(server);
    heard.underWay.addLast(sample);
    heard.arrivals.addLast(now + delayMillis);
  }

  /** What is known by now. */
  SystemLoad view(long now) {
    List<ServerLoad> loads = new ArrayList<>(servers.size());
    for (int i = 0; i < servers.size(); i++) {
      Heard heard = servers.get(i);
      while (!heard.arrivals.isEmpty() && heard.arrivals.getFirst() <= now) {
        heard.heardAt = heard.arrivals.removeFirst();
        heard.sample = heard.underWay.removeFirst();
      }
      if (heard.registered && now - heard.diedAt > SESSION_MILLIS) {
        heard.registered = false;
      }
      if (heard.registered) {
        loads.add(load(ids.get(i), heard, now));
      }
    }
    return SystemLoad.of(origin.plusMillis(now), loads);
  }

  private ServerLoad load(ServerId id, Heard heard, long now) {
    Sample sample = heard.sample;
    boolean silent = now - heard.heardAt > SUSPECT_MILLIS + delayMillis;
    double pressure = sample == null ? 0 : sample.inFlight() / sample.knee();
    return new ServerLoad(
        id,
        silent ? Liveness.SUSPECT : Liveness.ALIVE,
        false,
        Set.of(),
        sample,
        new Pressure(pressure, Map.of(Part.DEPTH, pressure)),
        0,
        origin.plusMillis(heard.heardAt));
  }
}
