package io.sandrift.load.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.PressureFormula;
import io.sandrift.load.sample.Samples;
import java.time.Instant;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("I13")
class NodeBookTest {

  private static final Instant NOON = Samples.NOON;

  private final NodeBook book = new NodeBook("host-1", PressureFormula.DEFAULT);

  @Test
  void theBestInstanceComesFirst() {
    hear("busy", OperationalStatus.SERVING, 24, 32);
    hear("idle", OperationalStatus.SERVING, 0, 32);
    assertThat(book.report(NOON).instances())
        .extracting(instance -> instance.instance().value())
        .containsExactly("idle", "busy");
    assertThat(book.report(NOON).instances().get(1).rating()).isCloseTo(0.25, within(1e-9));
  }

  @Test
  void anInstanceThatDoesNotServeIsRatedNothing() {
    hear("a", OperationalStatus.DRAINING, 0, 32);
    hear("b", OperationalStatus.STARTING, 0, 32);
    hear("c", OperationalStatus.IMPAIRED, 0, 32);
    assertThat(book.report(NOON).instances())
        .extracting(InstanceRating::rating)
        .containsExactly(0.25, 0.0, 0.0);
  }

  @Test
  @Tag("I12")
  void nodesOfUnequalInstancesCompare() {
    hear("small", OperationalStatus.SERVING, 8, 8);
    hear("large", OperationalStatus.SERVING, 0, 72);
    assertThat(book.report(NOON).load())
        .as("an eighth of what the node can do is used")
        .isCloseTo(0.1, within(1e-9));
  }

  @Test
  @Tag("I7")
  void anInstanceWhoseMessagesStopIsForgotten() {
    hear("a", OperationalStatus.SERVING, 0, 32);
    assertThat(book.report(NOON.plus(NodeBook.SILENCE)).instances()).hasSize(1);
    assertThat(book.report(NOON.plus(NodeBook.SILENCE).plusMillis(1)).instances()).isEmpty();
  }

  @Test
  void moreInstancesThanAMachineCanHaveAreRefused() {
    for (int i = 0; i < NodeBook.MAX_INSTANCES; i++) {
      assertThat(hear("s" + i, OperationalStatus.SERVING, 0, 32)).isTrue();
    }
    assertThat(hear("one-more", OperationalStatus.SERVING, 0, 32)).isFalse();
    assertThat(hear("s1", OperationalStatus.DRAINING, 0, 32)).isTrue();
  }

  @Test
  void aReportReadsBackAsItWasWritten() throws Exception {
    hear("a", OperationalStatus.SERVING, 8, 32);
    hear("b", OperationalStatus.DRAINING, 8, 32);
    NodeReport report = book.report(NOON);
    assertThat(ServiceJson.report(ServiceJson.encode(report))).isEqualTo(report);
  }

  @Property
  void aNodeIsNeverMoreLoadedThanItsMostLoadedInstanceNorLessThanItsLeast(
      @ForAll @DoubleRange(max = 100) double first,
      @ForAll @DoubleRange(max = 100) double second,
      @ForAll @DoubleRange(min = 1, max = 1000) double knee) {
    NodeBook two = new NodeBook("host-1", PressureFormula.DEFAULT);
    two.heard(message("a", OperationalStatus.SERVING, first, 10), NOON);
    two.heard(message("b", OperationalStatus.SERVING, second, knee), NOON);
    NodeReport report = two.report(NOON);
    double least = Math.min(first / 10, second / knee);
    double most = Math.max(first / 10, second / knee);
    assertThat(report.load()).isBetween(least - 1e-9, most + 1e-9);
    assertThat(report.instances())
        .allSatisfy(instance -> assertThat(instance.rating()).isBetween(0.0, 1.0));
  }

  private boolean hear(String id, OperationalStatus status, double inFlight, double knee) {
    return book.heard(message(id, status, inFlight, knee), NOON);
  }

  private static ServiceMessage message(
      String id, OperationalStatus status, double inFlight, double knee) {
    return new ServiceMessage(
        new ServerId(id), status, Set.of(), Samples.of(id, 1, NOON, inFlight, knee, 0, 0));
  }
}
