package io.sandrift.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.server.trace.Trace;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditQueryTest {

  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir private Path directory;
  private AuditLog log;

  @BeforeEach
  void threeChanges() throws Exception {
    log = new AuditLog(directory);
    log.record(entry(0, "ann", "POST /v1/servers/{id}/drain"));
    log.record(entry(1, "bob", "POST /v1/servers/{id}/drain"));
    log.record(entry(2, "ann", "DELETE /v1/volumes/{name}"));
  }

  @Test
  void theNewestComeFirst() {
    assertThat(log.newest(new AuditQuery("", "", Instant.EPOCH, 2)))
        .extracting(each -> each.path("at").asText())
        .containsExactly("2026-11-21T12:02:00Z", "2026-11-21T12:01:00Z");
  }

  @Test
  void theyAreChosenByUserActionAndTime() {
    assertThat(log.newest(new AuditQuery("ann", "", Instant.EPOCH, 9))).hasSize(2);
    assertThat(log.newest(new AuditQuery("", "DRAIN", Instant.EPOCH, 9))).hasSize(2);
    assertThat(log.newest(new AuditQuery("", "", NOON.plusSeconds(60), 9))).hasSize(2);
    assertThat(log.newest(new AuditQuery("bob", "delete", Instant.EPOCH, 9))).isEmpty();
  }

  @Test
  void aLineThatIsNoEntryIsOlderThanAll() {
    JsonNode strange = JsonNodeFactory.instance.objectNode().put("at", "yesterday");
    assertThat(new AuditQuery("", "", NOON, 9).matches(strange)).isFalse();
  }

  @Test
  void itSurvivesTheWayToAnotherServer() {
    AuditQuery query = new AuditQuery("ann", "drain", NOON, 7);
    assertThat(AuditQuery.decode(query.encode())).isEqualTo(query);
  }

  private static AuditEntry entry(int minute, String user, String action) {
    return new AuditEntry(
        NOON.plusSeconds(60L * minute),
        "alpha",
        new Caller(user, Role.ADMIN, "127.0.0.1"),
        Trace.NONE,
        action,
        "",
        action,
        "",
        200,
        "");
  }
}
