package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.Pressure;
import io.sandrift.load.pressure.Pressure.Part;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.load.view.Liveness;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Servers' loads as tests need them: one that is alive, idle and ordinary, and what differs. */
final class Loads {

  static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  static final String GOLD = "gold";

  private final ServerId server;
  private Liveness liveness = Liveness.ALIVE;
  private boolean draining;
  private Set<String> services = Set.of();
  private double pressure;
  private final Map<Part, Double> parts = new EnumMap<>(Part.class);
  private double reserved;
  private int sessions;
  private double knee = 32;
  private double cpu;
  private double gcPause;
  private Instant at = NOW;
  private boolean sampled = true;

  private Loads(String server) {
    this.server = new ServerId(server);
  }

  static Loads server(String id) {
    return new Loads(id);
  }

  Loads pressure(double value) {
    pressure = value;
    return part(Part.DEPTH, value);
  }

  Loads part(Part part, double value) {
    parts.put(part, value);
    return this;
  }

  Loads cpu(double value) {
    cpu = value;
    return this;
  }

  Loads gcPause(double value) {
    gcPause = value;
    return this;
  }

  Loads reserved(double value) {
    reserved = value;
    return this;
  }

  Loads sessions(int count) {
    sessions = count;
    return this;
  }

  Loads knee(double value) {
    knee = value;
    return this;
  }

  Loads at(Instant value) {
    at = value;
    return this;
  }

  Loads draining() {
    draining = true;
    return this;
  }

  Loads suspect() {
    liveness = Liveness.SUSPECT;
    return this;
  }

  Loads dead() {
    liveness = Liveness.DEAD;
    return this;
  }

  Loads serving(String... names) {
    services = Set.of(names);
    return this;
  }

  Loads unheard() {
    sampled = false;
    return this;
  }

  ServerLoad load() {
    return load(List.of());
  }

  ServerLoad load(List<SessionLoad> clients) {
    Sample sample =
        new Sample(
            server,
            at.toEpochMilli(),
            at,
            Duration.ofSeconds(1),
            sessions,
            pressure * knee,
            knee,
            100 * pressure,
            0,
            0,
            0,
            100,
            200,
            200,
            cpu,
            0,
            0,
            0,
            0,
            gcPause,
            0,
            1L << 40,
            List.of(),
            clients);
    return new ServerLoad(
        server,
        liveness,
        draining,
        services,
        sampled ? sample : null,
        sampled ? new Pressure(pressure, parts) : Pressure.NONE,
        reserved,
        sampled ? at : Instant.EPOCH);
  }

  static SystemLoad system(Loads... servers) {
    List<ServerLoad> loads = new ArrayList<>();
    for (Loads server : servers) {
      loads.add(server.load());
    }
    return SystemLoad.of(NOW, loads);
  }

  static ServerId id(String server) {
    return new ServerId(server);
  }

  /** A request of nobody in particular that has reached server a. */
  static AllocationRequest request() {
    return request(Set.of(), Map.of());
  }

  static AllocationRequest request(Set<ServerId> siblings, Map<ServerId, Double> locality) {
    return new AllocationRequest(
        "00000000000a",
        "iqn.2026-11.example:host",
        "volume",
        GOLD,
        id("a"),
        siblings,
        locality,
        0,
        0);
  }
}
