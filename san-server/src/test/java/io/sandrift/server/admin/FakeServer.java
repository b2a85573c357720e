package io.sandrift.server.admin;

import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.ServerId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** A server that is its cluster's only member. */
final class FakeServer implements ServerStatus {

  @Override
  public Member self() {
    return new Member(
        new ServerId("alpha"),
        new UUID(1, 2),
        List.of("127.0.0.1:3260"),
        "127.0.0.1:3270",
        "127.0.0.1:8480",
        1,
        Set.of(),
        "0.1.0",
        Instant.parse("2026-11-21T00:00:00Z"));
  }

  @Override
  public List<Member> members() {
    return List.of(self());
  }

  @Override
  public int sessions() {
    return 0;
  }

  @Override
  public StoreSpace store() {
    return new StoreSpace(1000, 10);
  }
}
