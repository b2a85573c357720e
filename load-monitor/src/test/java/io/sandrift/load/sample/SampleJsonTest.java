package io.sandrift.load.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.membership.ServerId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SampleJsonTest {

  private static final Sample FULL =
      new Sample(
          new ServerId("a"),
          7,
          Samples.NOON,
          Duration.ofSeconds(1),
          1,
          3.5,
          24,
          1200,
          340,
          4_915_200,
          1_392_600,
          110.5,
          950,
          300,
          0.25,
          0.125,
          65_536,
          12.5,
          0.5,
          0.01,
          1_000_000,
          2_000_000,
          List.of(new ResourceLoad("v/3", 1000, 4_096_000, 2.5)),
          List.of(
              new SessionLoad(
                  "0123456789ab",
                  "iqn.host",
                  "gold",
                  Samples.NOON,
                  1000,
                  4_096_000,
                  2.5,
                  Map.of(new ServerId("a"), 0.75, new ServerId("b"), 0.25))));

  @Test
  @Tag("M3")
  @Tag("I10")
  void everyMetricArrivesWithTheIdentityOfWhoMeasuredIt() throws SampleFormatException {
    assertThat(SampleJson.decode(SampleJson.encode(FULL, SampleJson.MAX_BYTES))).isEqualTo(FULL);
  }

  @Test
  void aFieldOfANewerVersionIsIgnored() throws SampleFormatException {
    String json = new String(SampleJson.encode(FULL, SampleJson.MAX_BYTES), StandardCharsets.UTF_8);
    String newer = json.replaceFirst("\\{", "{\"mood\":{\"a\":[1]},");
    assertThat(SampleJson.decode(newer.getBytes(StandardCharsets.UTF_8))).isEqualTo(FULL);
  }

  @Test
  void aFieldThatAnOlderVersionLacksIsZero() throws SampleFormatException {
    String older = "{\"server\":\"a\",\"at\":\"2026-11-21T12:00:00Z\",\"inFlight\":2}";
    Sample sample = SampleJson.decode(older.getBytes(StandardCharsets.UTF_8));
    assertThat(sample.inFlight()).isEqualTo(2);
    assertThat(sample.gcPause()).isZero();
    assertThat(sample.knee()).isPositive();
  }

  @Test
  void whatIsNoSampleIsRefusedWithAReason() {
    assertThatThrownBy(() -> SampleJson.decode("[".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(SampleFormatException.class)
        .hasMessageContaining("no JSON");
    assertThatThrownBy(() -> SampleJson.decode("{}".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(SampleFormatException.class)
        .hasMessageContaining("server");
    assertThatThrownBy(() -> SampleJson.decode(new byte[SampleJson.MAX_BYTES + 1]))
        .isInstanceOf(SampleFormatException.class)
        .hasMessageContaining("at most");
  }

  @Property(tries = 100)
  void aSampleStaysWithinItsBytesAndKeepsTheHeaviest(
      @ForAll @IntRange(max = 300) int resources,
      @ForAll @IntRange(max = 300) int clients,
      @ForAll @IntRange(min = 1024, max = 65_536) int maxBytes)
      throws SampleFormatException {
    Sample many =
        Samples.with(
            FULL,
            IntStream.range(0, resources)
                .mapToObj(i -> new ResourceLoad("volume/" + i, 1000 - i, 1, 1))
                .toList(),
            IntStream.range(0, clients)
                .mapToObj(
                    i ->
                        new SessionLoad(
                            "s" + i, "iqn.c", "gold", Samples.NOON, 1000 - i, 1, 1, Map.of()))
                .toList());
    byte[] bytes = SampleJson.encode(many, maxBytes);
    assertThat(bytes.length).isLessThanOrEqualTo(maxBytes);
    Sample read = SampleJson.decode(bytes);
    assertThat(many.resources()).startsWith(read.resources().toArray(ResourceLoad[]::new));
    assertThat(many.clients()).startsWith(read.clients().toArray(SessionLoad[]::new));
    assertThat(read.sessions()).isEqualTo(clients);
  }
}
