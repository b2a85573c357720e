package io.sandrift.load.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.pressure.Pressure;
import io.sandrift.load.sample.Samples;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WritingRuleTest {

  private static final GossipPace PACE =
      new GossipPace(Duration.ofSeconds(2), Duration.ofMillis(500), 1024);

  private final WritingRule rule = new WritingRule();

  @Test
  void theFirstSampleIsWritten() {
    assertThat(isDue(0, 0)).isTrue();
  }

  @Test
  void whatHasHardlyChangedWaitsForTheHeartbeat() {
    isDue(0.5, 0);
    assertThat(isDue(0.52, 1000)).isFalse();
    assertThat(isDue(0.52, 2000)).isTrue();
  }

  @Test
  void whatHasChangedEnoughIsWrittenButNotTooSoon() {
    isDue(0.5, 0);
    assertThat(isDue(0.9, 200)).isFalse();
    assertThat(isDue(0.9, 600)).isTrue();
  }

  @Test
  void aClockThatIsSetBackSilencesNobody() {
    isDue(0.5, 3_600_000);
    assertThat(isDue(0.5, 0)).isTrue();
  }

  @Property
  void whatAMonitorHearsIsBoundedHoweverManyThereAre(@ForAll @IntRange(min = 1, max = 2000) int n) {
    GossipPace pace = GossipPace.forMonitors(n);
    double bytesHeardPerSecond = (double) n * pace.maxBytes() * 1000 / pace.shortest().toMillis();
    assertThat(bytesHeardPerSecond).isLessThanOrEqualTo(512 << 10);
    assertThat(pace.heartbeat()).isGreaterThanOrEqualTo(pace.shortest());
    assertThat(pace.patience()).isGreaterThan(pace.heartbeat().multipliedBy(2));
  }

  private boolean isDue(double pressure, long millis) {
    return rule.isDue(
        Samples.idle("a"),
        new Pressure(pressure, Map.of()),
        PACE,
        Instant.ofEpochSecond(1).plusMillis(millis));
  }
}
