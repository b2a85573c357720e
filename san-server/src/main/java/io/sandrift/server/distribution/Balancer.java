package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.server.distribution.policy.SessionMove;
import io.sandrift.server.trace.Trace;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The master's balancing: in each window it asks the policies that move sessions what is to be
 * moved, has that done, and tells them what came of it. Confined to distribution's thread.
 */
final class Balancer {

  private static final Logger LOG = LoggerFactory.getLogger(Balancer.class);

  private static final Duration WINDOW = Duration.ofSeconds(1);

  private final Allocator allocator;
  private final Mastership mastership;
  private final Surroundings surroundings;
  private final ScheduledExecutorService thread;
  private final BiFunction<Wire.Order, ServerId, CompletableFuture<Void>> move;

  /**
   * @param move has the server that serves the session move it
   */
  Balancer(
      Allocator allocator,
      Mastership mastership,
      Surroundings surroundings,
      ScheduledExecutorService thread,
      BiFunction<Wire.Order, ServerId, CompletableFuture<Void>> move) {
    this.allocator = allocator;
    this.mastership = mastership;
    this.surroundings = surroundings;
    this.thread = thread;
    this.move = move;
  }

  void start() {
    new GuardedThread(thread).every(WINDOW, this::window);
  }

  private void window() {
    if (mastership.ownEpoch() == 0) {
      return;
    }
    for (String service : services()) {
      for (SessionMove each : allocator.balance(service)) {
        LOG.info(
            "session {} is to move from {} to {}: {}",
            each.session(),
            each.from(),
            each.to(),
            each.reason());
        carryOut(service, each);
      }
    }
  }

  private void carryOut(String service, SessionMove each) {
    Wire.Order order =
        new Wire.Order(
            each.session(),
            each.to().value(),
            allocator.policy(service).name(),
            each.reason(),
            each.numbers(),
            Trace.begin().toString());
    move.apply(order, each.from())
        .whenCompleteAsync(
            (done, failure) -> allocator.moved(service, each, failure == null), thread);
  }

  /** Those whose sessions put load on some server. */
  private Set<String> services() {
    Set<String> services = new TreeSet<>();
    for (ServerLoad server : surroundings.load().servers().values()) {
      Sample sample = server.sample();
      if (sample != null) {
        sample.clients().stream().map(SessionLoad::service).forEach(services::add);
      }
    }
    return services;
  }
}
