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

  @Test
  void whoBecameIntakeOrMasterIsNotPushedOutByClients() {
    AssignmentLog log = new AssignmentLog(2);
    log.add(decision(1, Assignment.Kind.INTAKE, ""));
    log.add(decision(2, Assignment.Kind.MASTER, ""));
    for (int i = 3; i <= 9; i++) {
      log.add(decision(i, "session"));
    }
    assertThat(log.designations(10)).extracting(Assignment::atMillis).containsExactly(2L, 1L);
    assertThat(log.newest("", 10)).extracting(Assignment::atMillis).containsExactly(9L, 8L, 2L, 1L);
  }

  private static Assignment decision(long at, String session) {
    return decision(at, Assignment.Kind.ALLOCATION, session);
  }

  private static Assignment decision(long at, Assignment.Kind kind, String session) {
    return new Assignment(
        at,
        kind,
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
