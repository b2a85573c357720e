package io.sandrift.server.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.server.session.CommandKind;
import io.sandrift.server.store.StoreActivity;
import io.sandrift.server.store.StoreUsage;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ServerSamplerTest {

  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");

  private final FakeServer server = new FakeServer();
  private final Measurements measurements = new Measurements();
  private final CommandMeasure commands = new CommandMeasure(measurements);
  private final ServerSampler sampler = sampler(SamplerOptions.LEARN);

  @Test
  @Tag("M3")
  void aSampleTellsWhatHappenedInItsWindow() {
    for (int i = 0; i < 100; i++) {
      commands.ended(CommandKind.READ, 200_000);
      commands.read(4096);
    }
    commands.ended(CommandKind.WRITE, 900_000_000);
    commands.written(8192);
    Sample sample = sampler.sample();
    double seconds = sample.window().toNanos() / 1e9;
    assertThat(sample.readsPerSecond() * seconds).isCloseTo(100, within(1e-3));
    assertThat(sample.writesPerSecond() * seconds).isCloseTo(1, within(1e-3));
    assertThat(sample.readBytesPerSecond() * seconds).isCloseTo(409_600, within(1.0));
    assertThat(sample.writtenBytesPerSecond() * seconds).isCloseTo(8192, within(1.0));
    assertThat(sample.latencyP50Micros()).isBetween(190.0, 210.0);
    assertThat(sample.inFlight()).isPositive();
    assertThat(sample.usedBytes()).isEqualTo(1000);
    assertThat(sample.capacityBytes()).isEqualTo(5000);
  }

  @Test
  void whatWasToldOnceIsNotToldAgain() {
    commands.ended(CommandKind.READ, 200_000);
    sampler.sample();
    Sample second = sampler.sample();
    assertThat(second.readsPerSecond()).isZero();
    assertThat(second.sequence()).isEqualTo(2);
  }

  @Test
  @Tag("S3")
  void eachResourceHasItsOwnLoadHeaviestFirst() {
    server.resources = List.of(resource("v/0", 10), resource("v/1", 10), resource("v/2", 10));
    sampler.sample();
    server.resources = List.of(resource("v/0", 20), resource("v/1", 90), resource("v/2", 10));
    Sample sample = sampler.sample();
    assertThat(sample.resources())
        .extracting(load -> load.resource())
        .containsExactly("v/1", "v/0");
    assertThat(sample.resources().get(0).operationsPerSecond())
        .isCloseTo(8 * sample.resources().get(1).operationsPerSecond(), within(1e-3));
  }

  @Test
  @Tag("S3")
  void aSessionsLoadSaysWhereItsDataAre() {
    server.sessions.add(session("s1", 0, Map.of(A, 0L)));
    sampler.sample();
    server.sessions.set(0, session("s1", 100, Map.of(A, 25L, B, 75L)));
    SessionLoad load = sampler.sample().clients().get(0);
    assertThat(load.session()).isEqualTo("s1");
    assertThat(load.operationsPerSecond()).isPositive();
    assertThat(load.locality()).containsOnly(Map.entry(A, 0.25), Map.entry(B, 0.75));
  }

  @Test
  void aSessionThatHasJustComeIsInTheSample() {
    sampler.sample();
    server.sessions.add(session("s1", 5, Map.of()));
    Sample sample = sampler.sample();
    assertThat(sample.sessions()).isEqualTo(1);
    assertThat(sample.clients()).extracting(SessionLoad::session).containsExactly("s1");
  }

  @Test
  void whatAnAdministratorSetIsNotLearned() {
    Sample sample = sampler(new SamplerOptions(7, 321, 0)).sample();
    assertThat(sample.knee()).isEqualTo(7);
    assertThat(sample.unloadedP99Micros()).isEqualTo(321);
  }

  @Test
  void dirtyBytesThatAreFlushedCountNoLonger() {
    server.activity = new StoreActivity(5000, 0, 0, false);
    assertThat(sampler.sample().dirtyBytes()).isEqualTo(5000);
    server.activity = new StoreActivity(0, 1, 3_000_000, true);
    Sample flushed = sampler.sample();
    assertThat(flushed.dirtyBytes()).isZero();
    assertThat(flushed.flushMillis()).isEqualTo(3);
    assertThat(flushed.storeStalled()).isEqualTo(1);
  }

  private ServerSampler sampler(SamplerOptions options) {
    return new ServerSampler(A, server, commands, options, Clock.systemUTC());
  }

  private static MeasuredResource resource(String name, long operations) {
    return new MeasuredResource(name, operations, operations * 4096, 0);
  }

  private static MeasuredSession session(String id, long operations, Map<ServerId, Long> owners) {
    return new MeasuredSession(
        id, "iqn.host", "gold", NOON, operations, operations * 4096, operations * 1000, 0, owners);
  }

  private static final class FakeServer implements MeasuredServer {

    final List<MeasuredSession> sessions = new ArrayList<>();
    List<MeasuredResource> resources = List.of();
    StoreActivity activity = new StoreActivity(0, 0, 0, false);

    @Override
    public List<MeasuredSession> sessions() {
      return sessions;
    }

    @Override
    public List<MeasuredResource> resources() {
      return resources;
    }

    @Override
    public StoreActivity storeActivity() {
      return activity;
    }

    @Override
    public StoreUsage storeUsage() {
      return new StoreUsage(5000, 1000, 0);
    }
  }
}
