package io.sandrift.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S11")
class IoGateTest {

  private static final int BLOCK = 4096;

  private final IoGate gate = new IoGate();

  @Test
  void readsThatWaitForADiskGoToThreadsOfTheirOwn() {
    read(8, 100);
    assertThat(gate.isInline()).isFalse();
  }

  @Test
  void writesThatWaitForOneAnotherStayWhereTheyAre() {
    write(1000, 300);
    assertThat(gate.isInline()).isTrue();
  }

  @Test
  void writesThatWaitForADiskGoToThreadsOfTheirOwn() {
    write(8, 2_000);
    assertThat(gate.isInline()).isFalse();
  }

  @Test
  void readsThatAreQuickDoNotHideThatWritesWait() {
    for (int i = 0; i < 100; i++) {
      read(64, 5);
      write(1, 2_000);
      assertThat(gate.isInline()).as("after write %d", i).isEqualTo(i < 7);
    }
  }

  @Test
  void aSlowOneNowAndThenSaysNothing() {
    for (int i = 0; i < 100; i++) {
      read(1, 10_000);
      read(63, 5);
    }
    assertThat(gate.isInline()).isTrue();
  }

  @Test
  void aLongReadMayTakeLonger() {
    for (int i = 0; i < 1000; i++) {
      gate.recordRead(TimeUnit.MICROSECONDS.toNanos(200), 256 * 1024);
    }
    assertThat(gate.isInline()).isTrue();
  }

  @Test
  void onceNextToNoneWaitsTheyComeBack() {
    write(8, 2_000);
    assertThat(gate.isInline()).isFalse();
    write(64, 5);
    assertThat(gate.isInline()).isTrue();
  }

  @Test
  void aKindThatHasStoppedDoesNotKeepTheOtherOneAway() {
    write(8, 2_000);
    assertThat(gate.isInline()).isFalse();
    read(1024, 5);
    assertThat(gate.isInline()).isTrue();
  }

  @Test
  void whileSomeStillWaitTheyStayAway() {
    write(8, 2_000);
    for (int i = 0; i < 32; i++) {
      write(2, 2_000);
      write(62, 5);
    }
    assertThat(gate.isInline()).isFalse();
  }

  private void read(int times, long micros) {
    for (int i = 0; i < times; i++) {
      gate.recordRead(TimeUnit.MICROSECONDS.toNanos(micros), BLOCK);
    }
  }

  private void write(int times, long micros) {
    for (int i = 0; i < times; i++) {
      gate.recordWrite(TimeUnit.MICROSECONDS.toNanos(micros), BLOCK);
    }
  }
}
