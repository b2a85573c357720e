package io.sandrift.load.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.PressureFormula;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.Samples;
import io.sandrift.load.sample.SessionLoad;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SystemLoadTrackerTest {

  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final VirtualClock clock = new VirtualClock();
  private final Set<ServerId> draining = new HashSet<>();
  private final SystemLoadTracker tracker =
      new SystemLoadTracker(
          clock,
          PressureFormula.DEFAULT,
          new Availability() {
            @Override
            public boolean isDraining(ServerId server) {
              return draining.contains(server);
            }

            @Override
            public Set<String> services(ServerId server) {
              return server.equals(B) ? Set.of("archive") : Set.of();
            }
          },
          () -> PATIENCE);

  @Test
  @Tag("S1")
  void theSystemsLoadIsThatOfAllServersThatAreAlive() {
    join(A, B);
    tracker.heard(Samples.deep("a", 1, 32));
    tracker.heard(Samples.deep("b", 1, 16));
    SystemLoad load = tracker.get();
    assertThat(load.max()).isEqualTo(1);
    assertThat(load.mean()).isEqualTo(0.75);
    assertThat(load.imbalance()).isEqualTo(1 / 0.75);
  }

  @Test
  @Tag("I7")
  void aSilentServerIsSuspectAndNotDead() {
    join(A, B);
    tracker.heard(Samples.deep("a", 1, 1));
    clock.advance(PATIENCE.plusSeconds(1));
    tracker.heard(Samples.deep("b", 1, 1));
    assertThat(server(A).liveness()).isEqualTo(Liveness.SUSPECT);
    assertThat(server(B).liveness()).isEqualTo(Liveness.ALIVE);
    assertThat(tracker.get().admitting("any")).isEmpty();
  }

  @Test
  @Tag("I7")
  void oneSampleMakesASuspectAliveAgain() {
    join(A);
    clock.advance(PATIENCE.plusSeconds(1));
    assertThat(server(A).liveness()).isEqualTo(Liveness.SUSPECT);
    tracker.heard(Samples.deep("a", 2, 1));
    assertThat(server(A).liveness()).isEqualTo(Liveness.ALIVE);
  }

  @Test
  void aSampleThatIsHeardAgainIsNoSignOfLife() {
    join(A);
    tracker.heard(Samples.deep("a", 1, 1));
    clock.advance(PATIENCE.plusSeconds(1));
    tracker.heard(Samples.deep("a", 1, 1));
    assertThat(server(A).liveness()).isEqualTo(Liveness.SUSPECT);
  }

  @Test
  void aServerIsDeadWhenItsRegistrationEndsAndForgottenLater() {
    join(A, B);
    tracker.heard(Samples.deep("a", 1, 1));
    tracker.gone(A);
    assertThat(server(A).liveness()).isEqualTo(Liveness.DEAD);
    clock.advance(Duration.ofMinutes(6));
    assertThat(tracker.get().find(A)).isNull();
    assertThat(tracker.get().find(B)).isNotNull();
  }

  @Test
  void aServerThatHasOnlyBeenHeardOfIsNoMember() {
    tracker.heard(Samples.deep("a", 1, 1));
    assertThat(tracker.get().servers()).isEmpty();
    tracker.registered(A);
    assertThat(server(A).sample()).isNotNull();
  }

  @Test
  void aRestartedServersSamplesCountFromOneAgain() {
    join(A);
    tracker.heard(Samples.of("a", 900, Samples.NOON, 16, 32, 0, 0));
    tracker.heard(Samples.of("a", 1, Samples.NOON.plusSeconds(9), 8, 32, 0, 0));
    assertThat(server(A).pressure().value()).isEqualTo(0.25);
  }

  @Test
  @Tag("M5")
  void anExpectedSessionCountsUntilASampleHasIt() {
    join(A, B);
    tracker.heard(Samples.deep("a", 1, 16));
    tracker.expect(new Expected("s1", A, 0.25, clock.instant().plusSeconds(30)));
    assertThat(server(A).predicted()).isEqualTo(0.75);
    tracker.heard(withSession(Samples.deep("b", 2, 0), "s1"));
    assertThat(server(A).reserved()).as("another server's").isEqualTo(0.25);
    tracker.heard(withSession(Samples.deep("a", 3, 24), "s1"));
    assertThat(server(A).reserved()).isZero();
  }

  @Test
  @Tag("M5")
  void anExpectationEndsByItself() {
    join(A);
    tracker.expect(new Expected("s1", A, 0.25, clock.instant().plusSeconds(30)));
    clock.advance(Duration.ofSeconds(31));
    assertThat(tracker.get().find(A)).extracting(ServerLoad::reserved).isEqualTo(0.0);
  }

  @Test
  void aSessionIsExpectedAtOneServerOnly() {
    join(A, B);
    tracker.expect(new Expected("s1", A, 0.25, clock.instant().plusSeconds(30)));
    tracker.expect(new Expected("s1", B, 0.5, clock.instant().plusSeconds(30)));
    assertThat(server(A).reserved()).isZero();
    assertThat(server(B).reserved()).isEqualTo(0.5);
  }

  @Test
  @Tag("I12")
  void whatAnAdministratorLaidDownIsInTheView() {
    join(A, B);
    draining.add(A);
    assertThat(tracker.get().admitting("gold")).isEmpty();
    draining.clear();
    assertThat(tracker.get().admitting("gold")).extracting(ServerLoad::server).containsExactly(A);
    assertThat(tracker.get().admitting("archive")).hasSize(2);
  }

  @Test
  void aSnapshotStaysAsItWas() {
    join(A);
    tracker.heard(Samples.deep("a", 1, 16));
    SystemLoad before = tracker.get();
    tracker.heard(Samples.deep("a", 2, 32));
    assertThat(before.max()).isEqualTo(0.5);
  }

  @Test
  void aMissedDepartureIsMendedByTheListOfMembers() {
    join(A, B);
    tracker.members(Set.of(B));
    assertThat(server(A).liveness()).isEqualTo(Liveness.DEAD);
  }

  @Property(tries = 200)
  void onlyRegisteredServersAreEverAliveWhateverTheOrder(@ForAll long seed) {
    Random random = new Random(seed);
    Set<ServerId> registered = new HashSet<>();
    SystemLoadTracker any =
        new SystemLoadTracker(
            clock, PressureFormula.DEFAULT, Availability.EVERYTHING, () -> PATIENCE);
    for (int step = 0; step < 60; step++) {
      ServerId id = new ServerId("s" + random.nextInt(4));
      switch (random.nextInt(5)) {
        case 0 -> {
          any.registered(id);
          registered.add(id);
        }
        case 1 -> {
          any.gone(id);
          registered.remove(id);
        }
        case 2 -> any.heard(Samples.of(id.value(), step, clock.instant(), 1, 32, 0, 0));
        case 3 -> clock.advance(Duration.ofSeconds(random.nextInt(10)));
        default ->
            any.expect(new Expected("x" + step % 3, id, 0.1, clock.instant().plusSeconds(5)));
      }
      SystemLoad load = any.get();
      load.servers()
          .forEach(
              (server, its) ->
                  assertThat(its.liveness() == Liveness.DEAD)
                      .as("%s after seed %d", server, seed)
                      .isEqualTo(!registered.contains(server)));
      assertThat(load.servers().keySet()).containsAll(registered);
    }
  }

  private void join(ServerId... ids) {
    for (ServerId id : ids) {
      tracker.registered(id);
    }
  }

  private ServerLoad server(ServerId id) {
    return Objects.requireNonNull(tracker.get().find(id));
  }

  private static Sample withSession(Sample sample, String session) {
    return Samples.with(
        sample,
        List.of(),
        List.of(new SessionLoad(session, "c", "gold", Samples.NOON, 1, 1, 1, Map.of())));
  }

  private static final class VirtualClock extends Clock {

    private Instant now = Samples.NOON;

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
