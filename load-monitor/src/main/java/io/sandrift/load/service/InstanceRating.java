package io.sandrift.load.service;

import io.sandrift.load.membership.ServerId;
import java.util.Set;

/**
 * One service instance as its node's control process sees it.
 *
 * @param instance who it is
 * @param status what it said of itself last
 * @param services the types of service that it serves; empty means all
 * @param pressure how near it is to what it can do: 0 idle, 1 saturated
 * @param rating how fit it is to take clients: 1 is best, 0 is not at all
 */
public record InstanceRating(
    ServerId instance,
    OperationalStatus status,
    Set<String> services,
    double pressure,
    double rating) {

  public InstanceRating {
    services = Set.copyOf(services);
  }
}
