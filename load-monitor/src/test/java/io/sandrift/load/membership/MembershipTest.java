package io.sandrift.load.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MembershipTest {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static TestingServer server;

  private final Map<Membership, Member> selves = new HashMap<>();
  private CuratorFramework first;
  private CuratorFramework second;

  @BeforeAll
  static void startZooKeeper() throws Exception {
    server = new TestingServer();
  }

  @AfterAll
  static void stopZooKeeper() throws Exception {
    server.close();
  }

  @BeforeEach
  void connect() {
    first = client();
    second = client();
  }

  @AfterEach
  void disconnect() {
    first.close();
    second.close();
  }

  @Test
  void aMemberReadsBackAsItWasWritten() {
    Member member = member("a", UUID.randomUUID());
    assertThat(MemberJson.decode(MemberJson.encode(member))).isEqualTo(member);
  }

  @Test
  void aFieldOfANewerVersionIsIgnored() {
    Member member = member("a", UUID.randomUUID());
    String json = new String(MemberJson.encode(member), StandardCharsets.UTF_8);
    byte[] newer = json.replace("{\"id\"", "{\"mood\":1,\"id\"").getBytes(StandardCharsets.UTF_8);
    assertThat(MemberJson.decode(newer)).isEqualTo(member);
  }

  @Test
  void eachServerSeesTheOther() {
    try (Membership a = membership(first, member("a", UUID.randomUUID()));
        Membership b = membership(second, member("b", UUID.randomUUID()))) {
      start(a);
      start(b);
      await().atMost(SOON).until(() -> a.members().size() == 2);
      assertThat(b.members()).extracting(m -> m.id().value()).containsExactly("a", "b");
    }
  }

  @Test
  void aServerThatClosesIsGoneFromTheOthersList() {
    try (Membership a = membership(first, member("a", UUID.randomUUID()))) {
      start(a);
      Membership b = membership(second, member("b", UUID.randomUUID()));
      start(b);
      await().atMost(SOON).until(() -> a.members().size() == 2);
      b.close();
      await().atMost(SOON).until(() -> a.members().size() == 1);
    }
  }

  @Test
  void aSecondServerWithTheSameIdIsRefusedAndToldWhatToDo() {
    try (Membership a = membership(first, member("twin", UUID.randomUUID()));
        Membership b = membership(second, member("twin", UUID.randomUUID()))) {
      start(a);
      assertThatThrownBy(() -> start(b))
          .isInstanceOf(MembershipException.class)
          .hasMessageContaining("'twin' is taken")
          .hasMessageContaining("another server.id");
    }
  }

  @Test
  void aRestartOfTheSameDataDirectoryReplacesWhatTheKilledProcessLeft() {
    UUID dataId = UUID.randomUUID();
    try (Membership killed = membership(first, member("a", dataId));
        Membership restarted = membership(second, member("a", dataId))) {
      start(killed);
      start(restarted);
      assertThat(restarted.members()).hasSize(1);
    }
  }

  @Test
  void aLostSessionIsFollowedByANewRegistration() throws Exception {
    try (Membership a = membership(first, member("a", UUID.randomUUID()));
        Membership watcher = membership(second, member("w", UUID.randomUUID()))) {
      start(a);
      start(watcher);
      long before = first.checkExists().forPath("/sandrift/servers/a").getEphemeralOwner();
      first.getZookeeperClient().getZooKeeper().getTestable().injectSessionExpiration();
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(
              () -> {
                var stat = second.checkExists().forPath("/sandrift/servers/a");
                return stat != null && stat.getEphemeralOwner() != before;
              });
    }
  }

  private Membership membership(CuratorFramework zookeeper, Member self) {
    Membership membership = new Membership(zookeeper);
    selves.put(membership, self);
    return membership;
  }

  private void start(Membership membership) {
    membership.watch();
    membership.register(selves.get(membership));
  }

  private static CuratorFramework client() {
    CuratorFramework client =
        CuratorFrameworkFactory.builder()
            .connectString(server.getConnectString())
            .sessionTimeoutMs(5_000)
            .connectionTimeoutMs(5_000)
            .retryPolicy(new RetryForever(50))
            .build();
    client.start();
    return client;
  }

  private static Member member(String id, UUID dataId) {
    return new Member(
        new ServerId(id),
        dataId,
        List.of("127.0.0.1:3260"),
        "127.0.0.1:3270",
        "127.0.0.1:8480",
        2.5,
        Set.of("gold"),
        "0.1.0",
        Instant.parse("2026-11-21T00:00:00Z"));
  }
}
