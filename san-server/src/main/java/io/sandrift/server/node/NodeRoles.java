package io.sandrift.server.node;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.admin.ClusterRoles;
import io.sandrift.server.distribution.Distribution;
import io.sandrift.server.distribution.IntakeInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Who is master, intake, or being emptied, as the client distribution knows it. */
final class NodeRoles implements ClusterRoles {

  private static final long INTAKE_MILLIS = 1000;

  private final Distribution distribution;

  NodeRoles(Distribution distribution) {
    this.distribution = distribution;
  }

  @Override
  public List<String> of(ServerId server) {
    List<String> roles = new ArrayList<>();
    if (distribution.master().filter(master -> master.getKey().equals(server)).isPresent()) {
      roles.add("master");
    }
    for (IntakeInfo intake : intakes()) {
      if (server.value().equals(intake.intake())) {
        roles.add("intake of " + intake.service());
      }
    }
    if (distribution.isDraining(server)) {
      roles.add("draining");
    }
    return roles;
  }

  /** None if they aren't told at once: what the cluster looks like must not wait for it. */
  private List<IntakeInfo> intakes() {
    CompletableFuture<List<IntakeInfo>> intakes = distribution.intakes();
    return intakes
        .completeOnTimeout(List.of(), INTAKE_MILLIS, TimeUnit.MILLISECONDS)
        .exceptionally(failure -> List.of())
        .join();
  }
}
