package io.sandrift.server.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TraceTest {

  @Test
  void itsDigitsAreReadAsTheSameTrace() {
    Trace trace = Trace.begin();
    assertThat(trace.toString()).matches("[0-9a-f]{16}");
    assertThat(Trace.of(trace.toString())).isEqualTo(trace);
    assertThat(trace.isNone()).isFalse();
  }

  @Test
  void whatAnOlderServerDoesNotTellIsNoTrace() {
    assertThat(Trace.of(null)).isEqualTo(Trace.NONE);
    assertThat(Trace.of("")).isEqualTo(Trace.NONE);
    assertThat(Trace.of("not sixteen digits")).isEqualTo(Trace.NONE);
    assertThat(Trace.of("g123456789abcdef")).isEqualTo(Trace.NONE);
    assertThat(Trace.NONE).hasToString("");
  }
}
