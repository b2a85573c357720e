package io.sandrift.load.service;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.Sample;
import java.util.Set;

/**
 * What a service instance tells the control process of its node: its identity, its operational
 * status, and its numbers.
 *
 * @param instance who it is
 * @param status its own word on its state
 * @param services the types of service that it serves; empty means all
 * @param sample what it has measured last
 */
public record ServiceMessage(
    ServerId instance, OperationalStatus status, Set<String> services, Sample sample) {

  public ServiceMessage {
    services = Set.copyOf(services);
    if (!sample.server().equals(instance)) {
      throw new IllegalArgumentException(
          "a message of " + instance + " with a sample of " + sample.server());
    }
  }
}
