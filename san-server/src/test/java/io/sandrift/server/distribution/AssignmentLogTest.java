package io.sandrift.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class AssignmentLogTest {

  @Test
  void theOldestDecisionsMakeRoomForNewOnes() {
    AssignmentLog log = new AssignmentLog(2);
    for (int i = 1; i <= 3; i++) {
      log.add(decision(i, "session"));
    }
    assertThat(log.newest("", 10)).extracting(Assignment::atMillis).containsExactly(3L, 2L);
  }

  @Test
  void decisionsAreFoundBySession() {
    AssignmentLog log = new AssignmentLog(10);
    log.add(decision(1, "one"));
    log.add(decision(2, "other"));
    log.add(decision(3, "one"));
    assertThat(log.newest("one", 1)).extracting(Assignment::atMillis).containsExactly(3L);
  }

  private static Assignment decision(long at, String session) {
    return new Assignment(
        at,
        Assignment.Kind.ALLOCATION,
        session,
        "client",
        "volume",
        "gold",
        "server-1",
        "server-2",
        "round-robin",
        "server-1",
        "a test",
        Map.of("score", 1.0),
        "");
  }
}
