package io.sandrift.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class IoGateTest {

  private static final int BLOCK = 4096;

  private final IoGate reads = IoGate.ofReads();
  private final IoGate writes = IoGate.ofWrites();

  @Test
  void readsThatWaitForADiskGoToThreadsOfTheirOwn() {
    record(reads, 8, 100);
    assertThat(reads.isInline()).isFalse();
  }

  @Test
  void writesThatWaitForOneAnotherStayWhereTheyAre() {
    record(writes, 1000, 300);
    assertThat(writes.isInline()).isTrue();
  }

  @Test
  void writesThatWaitForADiskGoToThreadsOfTheirOwn() {
    record(writes, 8, 2_000);
    assertThat(writes.isInline()).isFalse();
  }

  @Test
  void aSlowOneNowAndThenSaysNothing() {
    for (int i = 0; i < 100; i++) {
      record(reads, 1, 10_000);
      record(reads, 63, 5);
    }
    assertThat(reads.isInline()).isTrue();
  }

  @Test
  void aLongReadMayTakeLonger() {
    for (int i = 0; i < 1000; i++) {
      reads.record(TimeUnit.MICROSECONDS.toNanos(200), 256 * 1024);
    }
    assertThat(reads.isInline()).isTrue();
  }

  @Test
  void onceNextToNoneWaitsTheyComeBack() {
    record(writes, 8, 2_000);
    assertThat(writes.isInline()).isFalse();
    record(writes, 64, 5);
    assertThat(writes.isInline()).isTrue();
  }

  private static void record(IoGate gate, int times, long micros) {
    for (int i = 0; i < times; i++) {
      gate.record(TimeUnit.MICROSECONDS.toNanos(micros), BLOCK);
    }
  }
}
