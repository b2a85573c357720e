package io.sandrift.server.distribution;

import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.view.Expected;
import io.sandrift.load.view.Liveness;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.server.distribution.policy.Nodes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What client distribution knows of the rest of the server. Safe for all threads; never blocks. */
public interface Surroundings extends Nodes {

  ServerId self();

  /** All servers that are registered now, this one among them. */
  List<ServerId> members();

  /** Where initiators and relays reach a server; empty when it isn't registered. */
  Optional<TargetAddress> portal(ServerId server);

  /** Whether clients can be sent there. */
  default boolean isAlive(ServerId server) {
    ServerLoad load = load().find(server);
    return portal(server).isPresent() && (load == null || load.liveness() == Liveness.ALIVE);
  }

  /** The types of service that a server serves; empty means all. */
  Set<String> services(ServerId server);

  /** The load of the system as it is known here. */
  SystemLoad load();

  /** A session was sent to a server: its load counts there from now on. */
  void expect(Expected session);

  /** A session isn't on its way any more. */
  void expectNoMore(String session);

  /** For each server, the share of the target's partitions that it owns; empty when unknown. */
  Map<ServerId, Double> locality(String targetName);

  /** The longest encoded sample that a request carries; see {@code SampleJson}. */
  int MAX_SAMPLE_BYTES = 16 << 10;

  /** This server's own latest sample, fresher than the gossip; empty before the first. */
  default Optional<Sample> ownSample() {
    ServerLoad own = load().find(self());
    return own == null ? Optional.empty() : Optional.ofNullable(own.sample());
  }
}
