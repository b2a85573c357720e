package io.sandrift.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.target.LoginRoute;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinksTest {

  private static final ServerId B = new ServerId("server-b");
  private static final TargetAddress ADDRESS = new TargetAddress("127.0.0.1", 3260);
  private static final Wire.Who WHO =
      new Wire.Who(
          "s", "iqn.2026-11.com.example:c", "800000000001", "iqn.2026-11.io.sandrift:v", "");
  private static final DistributionLimits LIMITS =
      new DistributionLimits(
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          10);

  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private Instant now = Instant.EPOCH;
  private final Links links =
      new Links(new Alone(B), new GuardedThread(thread), LIMITS, new Moved());

  /** The test's time. */
  private final class Moved extends Clock {
    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneOffset getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(java.time.ZoneId zone) {
      return this;
    }
  }

  @AfterEach
  void stop() {
    thread.shutdownNow();
  }

  private LoginRoute link(Link kind, boolean isDrained) {
    return links.link(WHO, kind, B, ADDRESS, isDrained);
  }

  private List<String> ended() {
    List<String> asked = new ArrayList<>();
    links.end((server, session) -> asked.add(session + " at " + server));
    return asked;
  }

  @Test
  @Tag("M2")
  void whoComesBackInsteadOfFollowingIsRelayed() {
    assertThat(link(Link.AUTO, false)).isInstanceOf(LoginRoute.Redirect.class);
    assertThat(link(Link.AUTO, false)).isInstanceOf(LoginRoute.Relay.class);
    assertThat(link(Link.AUTO, false)).isInstanceOf(LoginRoute.Relay.class);
  }

  @Test
  @Tag("S7")
  void whoArrivedFollowsAndIsRedirectedTheNextTimeToo() {
    link(Link.AUTO, false);
    links.arrived(WHO.session());
    assertThat(link(Link.AUTO, false)).isInstanceOf(LoginRoute.Redirect.class);
  }

  @Test
  void whoComesBackMuchLaterMayHaveFollowed() {
    link(Link.AUTO, false);
    now = now.plus(LIMITS.arrival()).plusSeconds(1);
    assertThat(link(Link.AUTO, false)).isInstanceOf(LoginRoute.Redirect.class);
  }

  @Test
  @Tag("M2")
  void aDrainedServerCarriesOnlyThoseThatDoNotFollow() {
    assertThat(link(Link.RELAY, true)).isInstanceOf(LoginRoute.Redirect.class);
    assertThat(link(Link.RELAY, true)).isInstanceOf(LoginRoute.Relay.class);
    assertThat(ended()).isEmpty();
  }

  @Test
  void aRelayIsEndedOnceUntilItHasHadItsTime() {
    link(Link.RELAY, false);
    assertThat(ended()).containsExactly("s at server-b");
    assertThat(ended()).isEmpty();
    now = now.plus(LIMITS.logout()).plus(LIMITS.arrival());
    assertThat(ended()).containsExactly("s at server-b");
  }

  @Test
  void aRelayThatHasEndedIsNoMore() throws Exception {
    LoginRoute.Relay relay = (LoginRoute.Relay) link(Link.RELAY, false);
    relay.ended().run();
    thread.submit(() -> {}).get(30, TimeUnit.SECONDS);
    assertThat(ended()).isEmpty();
  }
}
