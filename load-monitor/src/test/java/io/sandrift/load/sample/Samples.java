package io.sandrift.load.sample;

import io.sandrift.load.membership.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Samples for tests: an idle server's, with what a test is about put in. */
public final class Samples {

  public static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  private Samples() {}

  public static Sample idle(String server) {
    return of(server, 1, NOON, 0, 32, 0, 0);
  }

  public static Sample deep(String server, long sequence, double inFlight) {
    return of(server, sequence, NOON.plusSeconds(sequence), inFlight, 32, 0, 0);
  }

  /** One whose inFlight, knee and percentiles are given. */
  public static Sample of(
      String server,
      long sequence,
      Instant at,
      double inFlight,
      double knee,
      double p99,
      double unloadedP99) {
    return new Sample(
        new ServerId(server),
        sequence,
        at,
        Duration.ofSeconds(1),
        0,
        inFlight,
        knee,
        0,
        0,
        0,
        0,
        p99 / 2,
        p99,
        unloadedP99,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        List.of(),
        List.of());
  }

  /** The same with other processors, network and store. */
  public static Sample with(
      Sample s, double cpu, double network, long dirtyBytes, double flushMillis, double stalled) {
    return new Sample(
        s.server(),
        s.sequence(),
        s.takenAt(),
        s.window(),
        s.sessions(),
        s.inFlight(),
        s.knee(),
        s.readsPerSecond(),
        s.writesPerSecond(),
        s.readBytesPerSecond(),
        s.writtenBytesPerSecond(),
        s.latencyP50Micros(),
        s.latencyP99Micros(),
        s.unloadedP99Micros(),
        cpu,
        network,
        dirtyBytes,
        flushMillis,
        stalled,
        s.gcPause(),
        s.usedBytes(),
        s.capacityBytes(),
        s.resources(),
        s.clients());
  }

  /** The same with other resources and sessions. */
  public static Sample with(Sample s, List<ResourceLoad> resources, List<SessionLoad> clients) {
    return new Sample(
        s.server(),
        s.sequence(),
        s.takenAt(),
        s.window(),
        clients.size(),
        s.inFlight(),
        s.knee(),
        s.readsPerSecond(),
        s.writesPerSecond(),
        s.readBytesPerSecond(),
        s.writtenBytesPerSecond(),
        s.latencyP50Micros(),
        s.latencyP99Micros(),
        s.unloadedP99Micros(),
        s.cpu(),
        s.network(),
        s.dirtyBytes(),
        s.flushMillis(),
        s.storeStalled(),
        s.gcPause(),
        s.usedBytes(),
        s.capacityBytes(),
        resources,
        clients);
  }
}
