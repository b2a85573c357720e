package io.sandrift.load.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.Pressure;
import io.sandrift.load.sample.Samples;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoadTrendTest {

  @Test
  void theOldestPointIsForgottenFirst() {
    LoadTrend trend = new LoadTrend(3);
    for (int second = 0; second < 5; second++) {
      trend.add(SystemLoad.of(Samples.NOON.plusSeconds(second), List.of()));
    }
    assertThat(trend.points())
        .extracting(TrendPoint::at)
        .containsExactly(
            Samples.NOON.plusSeconds(2), Samples.NOON.plusSeconds(3), Samples.NOON.plusSeconds(4));
  }

  @Test
  void aMomentIsKeptOnce() {
    LoadTrend trend = new LoadTrend(3);
    trend.add(SystemLoad.of(Samples.NOON, List.of()));
    trend.add(SystemLoad.of(Samples.NOON, List.of()));
    assertThat(trend.points()).hasSize(1);
  }

  @Test
  void aPointHasWhatEachServersPressureWasMadeOf() {
    ServerId server = new ServerId("a");
    LoadTrend trend = new LoadTrend(3);
    trend.add(
        SystemLoad.of(
            Samples.NOON,
            List.of(
                new ServerLoad(
                    server,
                    Liveness.ALIVE,
                    false,
                    Set.of(),
                    Samples.deep("a", 1, 16),
                    new Pressure(0.5, Map.of(Pressure.Part.DEPTH, 0.5)),
                    0,
                    Samples.NOON))));
    ServerPoint point = trend.points().get(0).servers().get(server);
    assertThat(point.pressure().parts()).containsEntry(Pressure.Part.DEPTH, 0.5);
    assertThat(point.operationsPerSecond()).isZero();
  }
}
